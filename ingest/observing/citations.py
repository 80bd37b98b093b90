"""Which rows of which files speak of an account: what evidence without an identifier rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from graph_models.codes import codes
from graph_models.kind import Kind
from ingest.events import event_named
from ingest.observing.aliases import prepare_aliases, resolved
from ingest.store.storage import session
from ingest.store.views import open_rows

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot

__all__ = ["Citation", "cite", "cite_values", "register"]


@dataclass(frozen=True)
class Citation:
    """Source rows: the first ones as (file, row), by time, and how many there are in all."""

    rows: tuple[tuple[str, int], ...]
    total: int


def cite(
    snapshot: Snapshot, event: str, accounts: Sequence[str], *, kind_time: str, limit: int
) -> Citation:
    """The rows of one event kind about some accounts.

    Args:
        snapshot: Where to look.
        event: Name of the event kind, such as ``account`` or ``exchange``.
        accounts: Account ids.
        kind_time: The time column of that kind, for the order.
        limit: How many rows to name.
    """
    with session(snapshot.layout) as con:
        rows = f"SELECT * FROM {open_rows(con, snapshot.layout, snapshot.manifest, event)}"
        if prepare_aliases(con, snapshot.layout, snapshot.manifest):
            rows = resolved(rows, kind_time)
        con.register("asked", pa.table({"account": codes("account", sorted(accounts))}))
        files = {load.load_id: load.file for load in snapshot.loads}
        found = con.execute(
            f"SELECT r.load_id, r.row, count(*) OVER () FROM ({rows}) r "
            "SEMI JOIN asked a ON r.account = a.account "
            f"ORDER BY r.{kind_time}, r.load_id, r.row LIMIT ?",
            [limit],
        ).fetchall()
    named = tuple((files[load_id], int(row)) for load_id, row, _ in found)
    return Citation(named, int(found[0][2]) if found else 0)


def cite_values(
    snapshot: Snapshot, kind: Kind, values: Sequence[str], accounts: Sequence[str], *, limit: int
) -> Citation:
    """The rows in which some accounts used some values of a kind, private ones included."""
    rows: list[tuple[str, int]] = []
    with session(snapshot.layout) as con:
        files = {load.load_id: load.file for load in snapshot.loads}
        con.register("asked", pa.table({"account": codes("account", sorted(accounts))}))
        con.register("named", pa.table({"value": sorted(values)}))
        aliased = prepare_aliases(con, snapshot.layout, snapshot.manifest)
        for source in kind.sources:
            view = f"FROM {open_rows(con, snapshot.layout, snapshot.manifest, source.event)}"
            if aliased:
                view = resolved(view, event_named(source.event).ts)
            found = con.execute(
                f"SELECT r.load_id, r.row FROM ({view}) r "
                "SEMI JOIN asked a ON r.account = a.account "
                f'SEMI JOIN named n ON r."{source.columns[-1]}" = n.value'
            ).fetchall()
            rows += [(files[load_id], int(row)) for load_id, row in found]
    return Citation(tuple(sorted(rows)[:limit]), len(rows))


def register(snapshot: Snapshot, event: str) -> pd.DataFrame:
    """All rows that count of a small event kind (indicator, label, calendar), columns as events."""
    columns = ", ".join(f'"{column.name}"' for column in event_named(event).columns)
    with session(snapshot.layout) as con:
        view = open_rows(con, snapshot.layout, snapshot.manifest, event)
        frame: pd.DataFrame = con.sql(f"SELECT {columns} FROM {view} ORDER BY ALL").df()
    return frame
