"""F15: clocks that are wrong, and zones, are told of a source; nothing is corrected unasked."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs


@pytest.fixture
def desk(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "desk")


def edge_rows(rows: list[logs.Row], *, late: timedelta) -> list[logs.Row]:
    """The same requests as the edge logged them, by its own clock."""
    return [
        {
            "request_id": row["exchange_id"],
            "ts": (datetime.fromisoformat(row["ts"]) + late).isoformat(),
            "ip": row["ip"],
        }
        for row in rows
    ]


@pytest.mark.parametrize("first", ["edge", "gateway"])
@pytest.mark.parametrize(
    ("late", "words"),
    [
        (timedelta(seconds=3), ""),
        (timedelta(hours=1), "60 min"),
        (timedelta(minutes=-10), "10 min"),
    ],
)
def test_f15_a_source_whose_clock_differs_is_named(
    desk: Workspace, tmp_path: Path, late: timedelta, words: str, first: str
) -> None:
    rows = [dict(row, ts=logs.at(0.3)) for row in logs.exchanges(40)]
    files = [
        logs.write(tmp_path / "edge.jsonl", edge_rows(rows, late=late)),
        logs.write(tmp_path / "gateway.jsonl", rows),
    ]
    for path in files if first == "edge" else reversed(files):
        (package,) = logs.load(desk, path).packages
    warned = [text for text in package.warnings if "clock" in text]
    assert bool(warned) == bool(words)
    if words:
        ahead = (late > timedelta(0)) == (first == "gateway")
        assert words in warned[0]
        assert ("ahead of" if ahead else "behind") in warned[0]


def test_f15_rows_ahead_of_now_are_kept_to_a_day_and_told(desk: Workspace, tmp_path: Path) -> None:
    times = [logs.NOW + timedelta(hours=hours) for hours in (-1, 2, 23, 25)]
    rows = [
        dict(row, ts=time.isoformat()) for row, time in zip(logs.exchanges(4), times, strict=True)
    ]
    report = logs.load(desk, logs.write(tmp_path / "x.jsonl", rows))
    assert (report.total("loaded"), report.total("quarantined")) == (3, 1)
    assert desk.quarantine()["code"].tolist() == ["time_future"]
    assert "2 rows are ahead" in " ".join(report.packages[0].warnings)


def test_f15_zones_and_the_hour_of_a_clock_change_are_one_moment(
    desk: Workspace, tmp_path: Path
) -> None:
    same = ["2026-03-29T01:30:00Z", "2026-03-29T03:30:00+02:00", "2026-03-28T21:30:00-04:00"]
    rows = [dict(row, ts=ts) for row, ts in zip(logs.exchanges(3), same, strict=True)]
    logs.load(desk, logs.write(tmp_path / "x.jsonl", rows))
    obs = desk.current().observations()
    assert obs.activity["hour"].nunique() == 1
