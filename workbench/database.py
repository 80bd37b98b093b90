"""Where people's work is kept, beside the graph: one SQL database for a workspace or a team.

SQLite in the workspace by default; PostgreSQL by URL when several desks share one casebook. Only
what people do goes in here (cases, judgements, notes, scenes): observations and inference never do.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, Table, create_engine, event
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    IntegrityError,
    NoSuchModuleError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.schema import CreateIndex, CreateTable

from graph_models.errors import CheckFailedError, StoreUnreachableError, UsageError

__all__ = ["FILE", "METADATA", "make_tables", "open_database"]

FILE = "casebook.sqlite"
METADATA = MetaData()  # each module that keeps something defines its tables on it

_TRIES = 20  # PostgreSQL refuses the second of two desks that make a table at the same moment
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
    make_tables(engine, METADATA.sorted_tables)
    return engine


def make_tables(engine: Engine, tables: Sequence[Table]) -> None:
    """Make tables where they are missing; two desks may do so at the same moment.

    Raises:
        StoreUnreachableError: The database does not answer, or may not be written.
        CheckFailedError: It is no database any more.
    """
    try:
        for _ in range(_TRIES):
            with suppress(IntegrityError, ProgrammingError), engine.begin() as connection:
                for table in tables:
                    connection.execute(CreateTable(table, if_not_exists=True))
                    for index in table.indexes:
                        connection.execute(CreateIndex(index, if_not_exists=True))
                return
    except OperationalError as error:
        raise StoreUnreachableError(
            "The casebook cannot be reached or written.", fix="Check its disk or its server."
        ) from error
    except DatabaseError as error:
        raise CheckFailedError(
            "The casebook's database is damaged.", fix="Restore it from a backup."
        ) from error
    raise StoreUnreachableError(
        "The casebook's tables cannot be made.", fix="Check the rights on its database."
    )


def _settle(connection: Any, _record: Any) -> None:
    """Readers never wait for a writer, and what was said to be kept survives a loss of power."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    cursor.close()
