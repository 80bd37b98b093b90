"""The bench of sizes: what a process costs, how costs grow, and what the page says of them."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.measured import END
from benchmarks.scale.growth import exponent, grown
from benchmarks.scale.page import BEGIN, picture, printed, told, with_measured
from benchmarks.scale.stages import Stage, measured


def _size(millions: int, seconds: float, *, scan: float) -> dict[str, Any]:
    names = {"scan": scan, "ingest": seconds, "analyse": 2 * seconds}
    stages = [
        Stage(name=name, wall_seconds=cost, cpu_seconds=cost, peak_mb=100.0, bytes=5_000_000)
        for name, cost in names.items()
    ]
    return {
        "millions": millions,
        "stages": [stage.as_json() for stage in stages],
        "analyse": {"accounts": 10_250 * millions, "links": 7, "communities": 3},
        "grade": {"account": {"precision": 1.0, "recall": 0.5}},
    }


def test_a_stage_is_what_the_system_counted(tmp_path: Path) -> None:
    burn = "import sys; open(sys.argv[1], 'wb').write(bytes(4096)); sum(range(3_000_000)); print(7)"
    made, answer = tmp_path / "made", tmp_path / "answer"
    made.mkdir()
    command = [sys.executable, "-c", burn, str(made / "file")]
    stage = measured("burn", command, writes=made, answer=answer)
    assert stage.bytes == 4096
    assert answer.read_text().strip() == "7"
    assert stage.cpu_seconds > 0
    assert stage.peak_mb > 1


def test_a_peak_is_of_the_stage_alone() -> None:
    """Not of the bench, however much that holds."""
    held = bytearray(400_000_000)
    held[::4096] = b"x" * len(held[::4096])
    small = measured("small", [sys.executable, "-c", ""])
    large = measured("large", [sys.executable, "-c", "b'x' * 150_000_000"])
    assert small.peak_mb < 100
    assert large.peak_mb > small.peak_mb + 100


def test_a_stage_that_fails_ends_the_bench() -> None:
    with pytest.raises(SystemExit, match="broken failed"):
        measured("broken", [sys.executable, "-c", "raise SystemExit(3)"])


def test_linear_is_one_and_quadratic_two() -> None:
    assert exponent([1, 10, 100], [3, 30, 300]) == pytest.approx(1.0)
    assert exponent([1, 10, 100], [3, 300, 30_000]) == pytest.approx(2.0)
    assert math.isnan(exponent([10], [30]))


def test_growth_needs_two_sizes() -> None:
    one, ten = _size(1, 4.0, scan=1.0), _size(10, 40.0, scan=10.0)
    assert grown([one]) == {}
    assert grown([one, ten]) == {"scan": 1.0, "ingest": 1.0, "analyse": 1.0}


def test_ratios_are_against_the_scan_of_the_same_size() -> None:
    costs = {"cpu_seconds": 8.0, "work_cpu_seconds": 6.0, "wall_seconds": 9.0, "peak_mb": 7.0}
    ratios = {"times_ours": 4.0, "times_ours_work": 0.5}
    pandas = {"name": "pandas", **costs, **ratios, "worth": {"rows": 5000}, "why": "it may."}
    polars = {"name": "polars", "left_out": "not installed"}
    side = {"question": "sightings", "of": "10 M", "engines": [pandas, polars]}
    kept = {
        "about": {"cpus": 2},
        "sizes": [_size(1, 4.0, scan=0.5), _size(10, 40.0, scan=10.0)],
        "lines": _size(2, 9.0, scan=3.0),
        "sides": [side],
    }
    page = with_measured(f"# Scale\n{BEGIN}\nstale\n{END}\nkept words\n", kept)
    assert "| 1 M | ingest | 4.0 | 4.0 | 100 | 5 MB | 8.0 |" in page
    assert "| 10 M | ingest | 40.0 | 40.0 | 100 | 5 MB | 4.0 |" in page
    assert "| 2 M | ingest | 9.0 | 9.0 | 100 | 5 MB | 3.0 |" in page
    assert "Sightings (10 M):" in page
    assert "| pandas | 8.0 | 6.00 | 9.0 | 7 | 4.00 | 0.50 | 5,000 |" in page
    assert "pandas costs less: it may." in page
    assert "polars: not installed." in page
    assert "| 10 M | 102,500 | 7 | 3 | 1.000 | 0.500 |" in page
    assert "stale" not in page
    assert "kept words" in page
    assert len(printed(_size(1, 4.0, scan=0.5)).splitlines()) == 4
    assert len(told(side).splitlines()) == 5


def test_the_picture_holds_a_chart_for_each_stage_that_ran() -> None:
    drawing = picture({"sizes": [_size(1, 4.0, scan=0.5), _size(10, 40.0, scan=10.0)]})
    assert drawing.count('class="title"') == 3  # no day was added in these runs
    assert "exponent 1.0" in drawing
    assert picture({"sizes": [_size(1, 4.0, scan=0.5)]}).startswith("<svg")
