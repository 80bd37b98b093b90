"""The same rows are the same snapshot: whatever the files, their order, names, formats, repeats."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.load import withdraw
from ingest.store.snapshots import Snapshot
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

ROWS = {"account": logs.accounts(), "payment": logs.payments(), "exchange": logs.exchanges(24)}
FORMATS = ("csv", "jsonl", "parquet")


@st.composite
def piles(draw: st.DrawFn) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Every row in at least one file; some rows in two; files of any format in any order."""
    files = []
    for kind, rows in ROWS.items():
        pieces = draw(st.integers(1, 3))
        owner = draw(st.lists(st.integers(0, pieces - 1), min_size=len(rows), max_size=len(rows)))
        again = draw(st.sets(st.integers(0, len(rows) - 1), max_size=4))
        for piece in range(pieces):
            chosen = [i for i, own in enumerate(owner) if own == piece or i in again]
            if chosen:
                shuffled = [rows[i] for i in draw(st.permutations(chosen))]
                files.append((kind, draw(st.sampled_from(FORMATS)), shuffled))
    return draw(st.permutations(files))


def fill(folder: Path, files: list[tuple[str, str, list[dict[str, Any]]]]) -> Workspace:
    """Half of the files in one ingest, the rest in another; names say nothing of the order."""
    desk = Workspace.open(folder / "desk")
    paths = [
        logs.write(folder / f"{number}-{kind}.{form}", rows)
        for number, (kind, form, rows) in enumerate(files)
    ]
    half = len(paths) // 2
    for some in (paths[:half], paths[half:]):
        logs.load(desk, *some)
    return desk


def tables(snapshot: Snapshot) -> tuple[pd.DataFrame, ...]:
    obs = snapshot.observations()
    everybody = np.arange(len(obs.accounts), dtype=np.int32)
    # A prompt's hash is keyed: equal within a workspace, never between two.
    single = obs.exchanges_of(everybody).drop(columns="prompt")
    return obs.accounts, obs.identifiers, obs.sightings, obs.activity, single


PLAIN = [(kind, "jsonl", rows) for kind, rows in ROWS.items()]


@functools.cache
def plain() -> tuple[str, tuple[pd.DataFrame, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        snapshot = fill(Path(folder), PLAIN).current()
        return snapshot.digest, tables(snapshot)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(files=piles())
def test_any_pile_of_files_is_one_snapshot(files: list[Any]) -> None:
    digest, wanted = plain()
    with tempfile.TemporaryDirectory() as folder:
        snapshot = fill(Path(folder), files).current()
        assert snapshot.digest == digest
        for mine, its in zip(tables(snapshot), wanted, strict=True):
            pd.testing.assert_frame_equal(mine, its)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(files=piles(), data=st.data())
def test_withdrawing_what_came_last_is_as_before(files: list[Any], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = fill(Path(folder), files)
        before = desk.current().digest
        extra = logs.exchanges(30, seed=data.draw(st.integers(0, 3)))
        form = data.draw(st.sampled_from(FORMATS))
        report = logs.load(desk, logs.write(Path(folder) / f"extra.{form}", extra))
        assert withdraw(desk, report.packages[0].load_id).digest == before


def test_other_rows_are_another_snapshot(tmp_path: Path) -> None:
    changed = [(kind, form, rows if kind != "payment" else rows[1:]) for kind, form, rows in PLAIN]
    assert fill(tmp_path, changed).current().digest != plain()[0]
