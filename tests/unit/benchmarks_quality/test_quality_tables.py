"""From runs to the worst, the acceptance list, the page and the pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from benchmarks.measured import END, with_part
from benchmarks.quality.acceptance import acceptance
from benchmarks.quality.calibration import counts
from benchmarks.quality.charts import Chart, Curve, drawn
from benchmarks.quality.keeping import Shelf, figures, history, keep
from benchmarks.quality.page import BEGIN, with_measured
from benchmarks.quality.tally import read_rows, robust, tally, uniformity


def run(group: str, seed: int = 1, **more: Any) -> dict[str, Any]:
    """One run as ``measure`` writes it."""
    without = list(more.pop("without", ()))
    row = {
        "world": more.pop("world", "quickstart:hard"), "seed": seed, "scale": 1.0, "absent": [],
        "without": without, "group": group, "accused_by_kind": more.pop("accused_by_kind", {}),
        "campaigns": more.pop("campaigns", []), "figures": {"cpu_seconds": 1.0} | more,
    }  # fmt: skip
    none = counts(np.zeros(0), np.zeros(0, bool))
    row["calibration"] = {"campaign": none}
    if not without:
        row |= {"chance": [], "calibration": dict.fromkeys(("pair", "member", "campaign"), none)}
    return row


def line(key: str, rows: list[dict[str, Any]]) -> Any:
    return next(each for each in acceptance(tally(rows)) if each.key == key)


def test_the_worst_seed_decides_and_is_named() -> None:
    rows = [run("hard", seed, account_recall=value) for seed, value in ((1, 0.95), (2, 0.7))]
    found = line("hard_recall", rows)
    assert (found.measured, found.reached, found.where) == (0.7, False, "quickstart:hard seed 2")
    assert line("hard_recall", rows[:1]).reached is True


def test_what_no_run_tells_is_not_reached_and_not_missed() -> None:
    found = line("benign", [run("hard", account_recall=1.0)])
    assert (found.measured, found.reached) == (None, None)


def test_two_families_absent_are_not_counted_as_one() -> None:
    rows = [
        run("without two", without=("device", "network"), account_recall=0.1),
        run("without device", without=("device",), account_recall=0.85),
        run("no network", account_recall=0.9),
    ]
    assert line("one_recall", rows).measured == 0.85


def test_a_look_alike_accused_anywhere_shows() -> None:
    rows = [run("presets", look_alikes_accused=0.0), run("all-benign", look_alikes_accused=2.0)]
    found = line("look_alikes", rows)
    assert (found.measured, found.reached) == (2.0, False)


def test_uniformity_needs_enough_communities() -> None:
    rng = np.random.default_rng(1)
    worlds = [rng.random(700) for _ in range(4)]
    assert uniformity(worlds)["p"] > 0.05
    assert uniformity([world**2 for world in worlds])["p"] < 1e-6
    few = run("rewired")
    few["chance"] = [0.5]
    assert line("uniform", [few]).reached is None


def test_robustness_is_compared_with_running_again() -> None:
    base = run("hard", campaigns=[{"campaign": "red", "community": "c"}])
    base["survivors"] = {"c": [["device", "network"], ["a", "b", "x", "y"]]}
    holds = run("without device", without=("device",))
    holds["survivors"] = {"d": [[], ["a", "b"]]}
    falls = run("without network", without=("network",))
    falls["survivors"] = {"d": [[], ["a", "z"]]}
    found = robust([base, holds, falls])
    assert (found["checked"], found["agreed"], found["campaigns_checked"]) == (2, 1, 2)


def test_results_of_other_tasks_are_not_read(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"world": name}))
    assert [row["world"] for row in read_rows(tmp_path, {"b", "missing"})] == ["b"]


def test_keeping_writes_page_history_and_pictures_of_the_same_figures(tmp_path: Path) -> None:
    shelf = Shelf(root=tmp_path)
    (tmp_path / "docs").mkdir()
    shelf.page.write_text(f"# Quality\n{BEGIN}\nstale figures\n{END}\nkept words\n")
    about = {"date": "2026-11-21", "split": "tuning", "version": "0", "worlds": 1,
             "cpu_seconds": 60.0}  # fmt: skip
    kept = figures(tally([run("hard", account_recall=0.875)]), about)
    keep(kept, shelf)
    keep(kept, shelf)
    page = shelf.page.read_text()
    assert "0.875" in page
    assert "stale" not in page
    assert "kept words" in page
    assert with_measured(page, json.loads(shelf.results.read_text())) == page
    assert [each["headline"]["hard_recall"] for each in history(shelf.history)] == [0.875] * 2
    for picture in (shelf.trend, shelf.curves):
        assert ET.fromstring(picture.read_text()).tag.endswith("svg")
    assert "0.875" in shelf.trend.read_text()


def test_a_page_without_the_part_is_refused() -> None:
    with pytest.raises(ValueError, match="no part between"):
        with_part("# Quality\n", BEGIN, "")


def test_points_stay_inside_the_frame_and_text_is_escaped() -> None:
    chart = Chart(title="a < b", curves=[Curve([(0, -5), (1, 5)])], x=(0, 1), y=(0, 1))
    picture = drawn([chart], "x & y")
    root = ET.fromstring(picture)
    line_ = next(node for node in root.iter() if node.tag.endswith("polyline"))
    heights = [float(point.split(",")[1]) for point in line_.attrib["points"].split()]
    assert all(0 <= height <= 170 for height in heights)
    assert "prefers-color-scheme: dark" in picture


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(ValueError, match="empty range"):
        Chart(title="t", curves=[], x=(1, 1), y=(0, 1))
