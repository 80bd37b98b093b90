"""Where people's work is kept, beside the graph: one SQL database for a workspace or a team.

SQLite in the workspace by default; PostgreSQL by URL when several desks share one casebook. Only
what people do goes in here (cases, judgements, notes, scenes): observations and inference never do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, create_engine, event
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from graph_models.errors import UsageError

__all__ = ["FILE", "METADATA", "open_database"]

FILE = "casebook.sqlite"
METADATA = MetaData()  # each module that keeps something defines its tables on it

_BUSY_MS = 10_000  # two desks on one file: the second waits this long for the first to finish


def open_database(workspace: Path, url: str = "") -> Engine:
    """The database of a workspace, or the one behind ``url``; tables are made where missing.

    Raises:
        UsageError: the URL names no database that can be reached from here.
    """
    try:
        engine = create_engine(url or f"sqlite:///{workspace / FILE}")
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise UsageError(
            "The casebook's address is not understood.",
            fix="Use sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _settle)
    METADATA.create_all(engine)
    return engine


def _settle(connection: Any, _record: Any) -> None:
    """Readers never wait for a writer, and what was said to be kept survives a loss of power."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    cursor.close()
