"""Ids of other systems that no alias explains: they are counted, and become no account.

A mapping says whose ids its accounts are (``system``). Where there are aliases of that system, an
id without one stands for nobody who is known; where there are none, the ids are the accounts.
Which id that is follows from the loads of a snapshot, whatever their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from ingest.observing.derive import SIGHTED
from ingest.store.packages import Load, part_path
from ingest.store.storage import Layout, parquet_list

__all__ = ["find_strangers"]


def find_strangers(con: duckdb.DuckDBPyConnection, layout: Layout, loads: Sequence[Load]) -> None:
    """Make the table ``strangers`` (account): ids that only logs of an aliased system name.

    Asks for ``rows_alias``, ``rows_label`` and ``alias_of``. An id that another log names, that an
    alias resolves to, or that a label speaks of is no stranger.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE strangers (account BIGINT)")
    rows = con.execute("SELECT DISTINCT lower(system) FROM rows_alias").fetchall()
    aliased = {system for (system,) in rows}
    foreign = [load for load in loads if str(load.notes.get("system")).lower() in aliased]
    theirs = _sighted(layout, foreign)
    if not theirs:
        return
    con.execute(
        f"INSERT INTO strangers SELECT DISTINCT account FROM {parquet_list(theirs)} "
        "WHERE account IS NOT NULL AND account NOT IN (SELECT account FROM alias_of) "
        "AND account NOT IN (SELECT account FROM rows_label WHERE account IS NOT NULL)"
    )
    others = _sighted(layout, [load for load in loads if load not in foreign])
    if others:
        con.execute(
            "DELETE FROM strangers WHERE account IN "
            f"(SELECT account FROM {parquet_list(others)} WHERE account IS NOT NULL)"
        )


def _sighted(layout: Layout, loads: Sequence[Load]) -> list[Path]:
    return [
        part_path(layout, load.load_id, part.name)
        for load in loads
        for part in load.parts
        if part.event in SIGHTED
    ]
