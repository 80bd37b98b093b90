"""What stays of a run: its figures, a line of history, the pictures and the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.quality.acceptance import acceptance, headline
from benchmarks.quality.page import with_measured
from benchmarks.quality.pictures import reliability_picture, trend_picture

__all__ = ["Shelf", "figures", "history", "keep", "redraw"]

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """The files that a kept run writes; by default those of the repository."""

    root: Path = field(default=ROOT)

    @property
    def results(self) -> Path:
        """Every figure of the last kept run."""
        return self.root / "benchmarks/results/quality.json"

    @property
    def history(self) -> Path:
        """One line a kept run."""
        return self.root / "benchmarks/results/quality-history.jsonl"

    @property
    def page(self) -> Path:
        """The page that tells the figures."""
        return self.root / "docs/quality.md"

    @property
    def trend(self) -> Path:
        """The picture of the history."""
        return self.root / "docs/pictures/quality-trend.svg"

    @property
    def curves(self) -> Path:
        """The picture of the calibration."""
        return self.root / "docs/pictures/reliability.svg"


def figures(tallied: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Any]:
    """What ``quality.json`` holds."""
    lines = [line.as_json() for line in acceptance(tallied)]
    return {"about": dict(about), "acceptance": lines, "tally": dict(tallied)}


def history(path: Path) -> list[dict[str, Any]]:
    """The kept runs, oldest first."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def keep(kept: Mapping[str, Any], shelf: Shelf) -> None:
    """Write results, history, pictures and page, so that all tell the same."""
    line = {**kept["about"], "headline": headline(kept["tally"])}
    lines = [*history(shelf.history), line]
    _write(shelf.results, json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    _write(shelf.history, "".join(_line(each) for each in lines))
    redraw(shelf)


def redraw(shelf: Shelf) -> None:
    """Write pictures and page again from what was kept; nothing is measured."""
    kept = json.loads(shelf.results.read_text(encoding="utf-8"))
    _write(shelf.trend, trend_picture(history(shelf.history)))
    _write(shelf.curves, reliability_picture(kept["tally"]["calibration"]))
    _write(shelf.page, with_measured(shelf.page.read_text(encoding="utf-8"), kept))


def _line(run: Mapping[str, Any]) -> str:
    return json.dumps(run, ensure_ascii=False) + "\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
