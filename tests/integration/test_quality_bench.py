"""The bench on one small world from end to end, and repeated runs that must be equal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.quality.measure import measure
from benchmarks.quality.plan import Task
from benchmarks.quality.prepare import prepare
from benchmarks.quality.repeat import repeated, shuffled
from benchmarks.quality.tally import MEASURES, read_rows, tally
from fixtures import Trial


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Task, Path, Path]:
    cache = tmp_path_factory.mktemp("bench")
    task = Task(Trial(world="quickstart", seed=1, scale=0.05), ((), ("network",)))
    results = cache / "runs"
    results.mkdir()
    measure(task, prepare(task, cache), results)
    return task, cache, results


def test_each_run_leaves_one_file_with_every_measure(measured: tuple[Task, Path, Path]) -> None:
    task, _, results = measured
    rows = read_rows(results, {task.key(without) for without in task.without})
    assert [row["without"] for row in rows] == [[], ["network"]]
    assert set(MEASURES) <= set(rows[0]["figures"])
    table = tally(rows)
    assert set(table["groups"]) == {"realistic", "without network"}
    assert table["robust"]["worlds"] == 1
    assert table["calibration"]["pair"]["items"] > 0


def test_what_is_done_is_not_done_again(measured: tuple[Task, Path, Path]) -> None:
    task, cache, results = measured
    before = {path: path.stat().st_mtime_ns for path in sorted(cache.rglob("*.json"))}
    measure(task, prepare(task, cache), results)
    assert {path: path.stat().st_mtime_ns for path in sorted(cache.rglob("*.json"))} == before


def test_a_run_that_was_cut_leaves_nothing_that_counts(measured: tuple[Task, Path, Path]) -> None:
    task, cache, results = measured
    done = results / f"{task.key(('network',))}.json"
    text = done.read_text()
    done.rename(done.with_suffix(".json.half"))
    assert len(read_rows(results, {task.key(())})) == 1
    measure(task, prepare(task, cache), results)
    figures = [json.loads(each)["figures"] for each in (text, done.read_text())]
    same = [name for name in MEASURES if name not in ("seconds", "cpu_seconds", "peak_mb")]
    assert [figures[0][name] for name in same] == [figures[1][name] for name in same]


def test_processes_with_other_hash_seeds_and_row_orders_conclude_the_same() -> None:
    found = repeated(2)
    assert (found.runs, found.same, found.shuffled) == (2, 2, 1)


def test_shuffling_changes_the_order_of_rows_and_nothing_else(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (tmp_path / "logs").mkdir()
    table = pa.table({"x": list(range(100))})
    pq.write_table(table, tmp_path / "logs/a.parquet")
    shuffled(tmp_path / "logs", tmp_path / "out", seed=1)
    (path,) = (tmp_path / "out").iterdir()
    again = pq.read_table(path).column("x").to_pylist()
    assert again != table.column("x").to_pylist()
    assert sorted(again) == table.column("x").to_pylist()
