"""A file that comes again under its name with other content: a correction, or another file?

A correction keeps most ids, lacks none before its first or behind its last moment, and changes or
adds something. All else stays beside what is there: the next day's log has other ids, a window that
moved on lacks the oldest rows, and a copy that was cut short the last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from ingest import sql
from ingest.events import event_named
from ingest.store.packages import Load, find_load, part_path
from ingest.store.storage import Layout, parquet_list

__all__ = ["SHARE_KEPT", "Change", "corrected"]

# Of the old ids that the new version still has: a correction takes few rows away.
SHARE_KEPT = 0.8


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a new version of a file makes of the old one's rows."""

    replaces: str
    added: int
    changed: int
    gone: int

    @property
    def counts(self) -> dict[str, int]:
        """Rows added, changed and gone."""
        return {"added": self.added, "changed": self.changed, "gone": self.gone}


def corrected(
    con: duckdb.DuckDBPyConnection, layout: Layout, known: tuple[str, ...], load: Load
) -> Change | None:
    """Which of the known loads this one corrects; None when it is no correction."""
    for old in _versions(layout, known, load):
        change = _change(con, layout, old, load)
        if change is not None:
            return change
    return None


def _versions(layout: Layout, known: tuple[str, ...], load: Load) -> Iterator[Load]:
    """Earlier loads of the same name and mapping."""
    for load_id in known:
        old = find_load(layout, load_id)
        same = old is not None and (old.file, old.mapping) == (load.file, load.mapping)
        if old is not None and same and old.content != load.content and old.parts and load.parts:
            yield old


def _change(con: duckdb.DuckDBPyConnection, layout: Layout, old: Load, new: Load) -> Change | None:
    counts = con.execute(
        f"WITH o AS ({_rows(layout, old)}), n AS ({_rows(layout, new)}), "
        "span AS (SELECT min(ts) AS first, max(ts) AS last FROM n), "
        "pairs AS (SELECT o.event AS was, n.event AS is_now, o.ts, o.row_hash <> n.row_hash AS "
        "changed FROM o FULL JOIN n ON o.kind = n.kind AND o.event = n.event) "
        "SELECT count(*) FILTER (was IS NULL), count(*) FILTER (changed), "
        "count(*) FILTER (is_now IS NULL), count(was), "
        "count(*) FILTER (is_now IS NULL AND ts NOT BETWEEN first AND last) FROM pairs, span"
    ).fetchall()[0]
    added, changed, gone, had, beyond = counts
    if beyond or not added + changed or had - gone < SHARE_KEPT * had:
        return None
    return Change(replaces=old.load_id, added=added, changed=changed, gone=gone)


def _rows(layout: Layout, load: Load) -> str:
    """SQL: each id of a load once: kind, event, ts, row_hash."""
    each = []
    for part in load.parts:
        file = parquet_list([part_path(layout, load.load_id, part.name)])
        ts = event_named(part.event).ts
        each.append(
            f"SELECT {sql.text(part.event)} AS kind, event, min({ts}) AS ts, "
            f"min(row_hash) AS row_hash FROM {file} GROUP BY event"
        )
    return " UNION ALL ".join(each)
