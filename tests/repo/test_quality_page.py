"""docs/quality.md and its pictures tell the figures that were kept, and no others."""

from __future__ import annotations

import json

from benchmarks.quality.keeping import Shelf, history
from benchmarks.quality.page import with_measured
from benchmarks.quality.pictures import reliability_picture, trend_picture


def test_the_measured_part_of_the_page_is_what_was_kept() -> None:
    shelf = Shelf()
    kept = json.loads(shelf.results.read_text(encoding="utf-8"))
    page = shelf.page.read_text(encoding="utf-8")
    assert with_measured(page, kept) == page, "run `make quality`, or `--redraw`"


def test_the_last_line_of_the_history_is_the_kept_run() -> None:
    shelf = Shelf()
    kept = json.loads(shelf.results.read_text(encoding="utf-8"))
    last = history(shelf.history)[-1]
    assert {name: last[name] for name in kept["about"]} == kept["about"]
    assert last["headline"] == {line["key"]: line["measured"] for line in kept["acceptance"]}


def test_the_pictures_show_the_history_and_the_kept_run() -> None:
    shelf = Shelf()
    kept = json.loads(shelf.results.read_text(encoding="utf-8"))
    curves = reliability_picture(kept["tally"]["calibration"])
    assert shelf.trend.read_text(encoding="utf-8") == trend_picture(history(shelf.history))
    assert shelf.curves.read_text(encoding="utf-8") == curves
