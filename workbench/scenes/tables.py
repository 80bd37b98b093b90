"""Where scenes are kept in the casebook's database: append-only steps, a head a person, views."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from workbench.database import METADATA

__all__ = ["HEADS", "SCENES", "STEPS", "VIEWS"]

# Number and scene are the key: of two who append at once, one must look again.
STEPS = Table(
    "scene_steps",
    METADATA,
    Column("scene", String(40), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("parent", Integer, nullable=False),
    Column("origin", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("at", String(32), nullable=False),
    Column("by", String(120), nullable=False),
    Column("digest", String(32), nullable=False),
    Column("command", Text, nullable=False),
)

HEADS = Table(
    "scene_heads",
    METADATA,
    Column("scene", String(40), primary_key=True),
    Column("by", String(120), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("at", String(32), nullable=False),
)

VIEWS = Table(
    "scene_views",
    METADATA,
    Column("scene", String(40), primary_key=True),
    Column("name", String(120), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("at", String(32), nullable=False),
    Column("by", String(120), nullable=False),
)

SCENES = Table(
    "scenes",
    METADATA,
    Column("scene", String(40), primary_key=True),
    Column("focus", Text, nullable=False),
    Column("run", String(64), nullable=False),
    Column("case_id", String(64), nullable=False),
    Column("at", String(32), nullable=False),
    Column("by", String(120), nullable=False),
)
