"""What is known of one node: its properties, and who says so where they come from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from graph_models.errors import WorkbenchError
from graph_models.stores.protocol import Entity
from workbench import wording
from workbench.app import safe
from workbench.scenes.graph import Graph
from workbench.scenes.scene import CELL, Scene

__all__ = ["panel", "properties_table"]

TABLE_HEIGHT = 318


def panel(desk: Graph, scene: Scene, chosen: Sequence[str]) -> None:
    """Everything that is known of the one chosen node; says what to do when it is not one."""
    nodes = [name for name in chosen if name in scene.nodes and scene.nodes[name].kind != CELL]
    if len(nodes) != 1:
        safe.caption("Select one account or identifier, here or on the canvas.")
        return
    try:
        entity = desk.show(nodes[0])
    except WorkbenchError as error:
        safe.failure(error)
        return
    safe.text(str(entity.node))
    if entity.hub:
        safe.caption("Context, never a bridge: too many accounts share it, or it may not link.")
    table = properties_table(entity)
    st.dataframe(
        safe.frame(table),
        hide_index=True,
        row_height=29,
        height=min(len(table) * 29 + 36, TABLE_HEIGHT),
        column_config={"Property": st.column_config.TextColumn(width=120)},
    )


def properties_table(entity: Entity, *, zone: str = wording.UTC_ZONE) -> pd.DataFrame:
    """Properties first, one row for each thing that an outside source says, then the counts."""
    told = dict(entity.properties)
    sources = told.pop("enrichment", ())
    rows = [(name.replace("_", " "), _words(value, zone)) for name, value in told.items()]
    rows += [("source", str(sentence)) for sentence in sources]
    rows += [(f"joined: {kind}", wording.number(n)) for kind, n in entity.counts.items()]
    rows += [(f"private: {kind}", wording.number(n)) for kind, n in entity.private.items()]
    return pd.DataFrame(rows, columns=["Property", "Value"]).astype("str")


def _words(value: Any, zone: str) -> str:
    if isinstance(value, datetime):
        return wording.moment(value, zone)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
