"""How a question about a file is asked: through which mappings, on a connection of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingest import sql
from ingest.mapping.detect import detection, settled, unclear
from ingest.mapping.dispatch import Router
from ingest.mapping.model import Mapping
from ingest.mappings import load_mapping

__all__ = ["quiet", "router_for"]


@contextmanager
def quiet() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own that is silent: stdout belongs to the answer."""
    with duckdb.connect() as con:
        sql.silence(con)
        yield con


def router_for(path: Path, mapping: str | Path | None, site: Sequence[Mapping]) -> Router:
    """The mapping that is named, by its id or path, else those that read the file.

    Raises:
        BadDataError: no mapping clearly reads the file.
        UsageError: there is no mapping of that name.
    """
    own = {item.id: item for item in site}
    if mapping is not None:
        return Router((own.get(str(mapping)) or load_mapping(mapping),), named=True)
    found = detection(path, site=site)
    decided = settled(found)
    if decided is None:
        raise unclear(path, found)
    return decided.router()
