"""Rows of chosen days, asked for again and again: duplicates of a day are found once a session."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from ingest.store.manifest import Bucket, Manifest, winners
from ingest.store.storage import Layout, parquet_list

__all__ = ["Parts"]

_LOAD = "parse_filename(parse_dirpath(parse_dirpath(r.filename)))"


class Parts:
    """What ``views.open_rows`` lays together for a whole pass, for many small questions.

    No view is made, and of a day with duplicates the rows that do not count are kept in mind.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, layout: Layout, manifest: Manifest
    ) -> None:
        self._con, self._layout, self._manifest = con, layout, manifest
        self._settled: set[tuple[str, str]] = set()

    def rows(self, event: str, days: Sequence[str]) -> str:
        """SQL: the rows that count of an event kind on some of its days, with ``load_id``.

        Beside the event's own columns: row, row_hash, event, account and, for an exchange,
        prompt_key.
        """
        buckets = {day: self._manifest.buckets[event, day] for day in days}
        paths = [path for bucket in buckets.values() for path in bucket.paths(self._layout)]
        rows = f"SELECT r.*, {_LOAD} AS load_id FROM {parquet_list(paths)} r"
        dirty = [day for day, bucket in buckets.items() if not bucket.clean]
        if not dirty:
            return rows
        for day in dirty:
            self._settle(event, day, buckets[day])
        return (
            f"{rows} ANTI JOIN {_losers(event)} l "
            "ON r.filename = l.path AND r.file_row_number = l.n"
        )

    def _settle(self, event: str, day: str, bucket: Bucket) -> None:
        if (event, day) in self._settled:
            return
        paths = bucket.paths(self._layout)
        self._con.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {_losers(event)} (path VARCHAR, n BIGINT)"
        )
        self._con.execute(
            f"INSERT INTO {_losers(event)} SELECT list_extract(?, CAST(f AS BIGINT) + 1), n "
            f"FROM ({winners(event, paths)}) WHERE place > 1",
            [[str(path) for path in paths]],
        )
        self._settled.add((event, day))


def _losers(event: str) -> str:
    return f"passed_over_{event}"
