"""Write down what Ibis makes of the expressions now: ``python -m ingest.observing.written``."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from ingest.observing.aggregate import made_queries
from ingest.observing.queries import KEY, MARK, origin

__all__ = ["written"]


def written() -> str:
    """The text of ``duckdb.sql``."""
    head = (
        "-- What Ibis makes of the expressions of aggregate.py for DuckDB. Written by\n"
        "--   python -m ingest.observing.written\n"
        f"-- Ibis {version('ibis-framework')}\n"
        f"{KEY}{origin()}\n"
    )
    parts = (f"\n{MARK}{name}\n{query}\n" for name, query in sorted(made_queries().items()))
    return head + "".join(parts)


if __name__ == "__main__":
    Path(__file__).with_name("duckdb.sql").write_text(written(), encoding="utf-8")
