"""What holds of every ingest, whatever it was fed: the one place that says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graph_models.text import inert
from tests.integration.bad_input.desk import Outcome

__all__ = ["check"]

SECONDS_PER_MB = 5.0
GROWTH_MB = 512.0
LONGEST_MESSAGE = 2_000


def check(outcome: Outcome, paths: list[Path]) -> None:
    """No crash, no hang, bounded memory, exact accounts, messages that help and are inert."""
    assert outcome.status == 0, f"the process ended with status {outcome.status}"
    assert "Traceback" not in outcome.errors + outcome.shown, outcome.errors
    assert outcome.code in (0, 2, 3), outcome.errors
    assert outcome.leaked == ""
    megabytes = sum(path.stat().st_blocks * 512 for path in _files(paths)) / 1e6
    assert outcome.cpu <= SECONDS_PER_MB * max(1.0, megabytes)
    assert outcome.grown <= GROWTH_MB
    _check_text(outcome)
    if outcome.report is None:
        assert outcome.code == 2
        assert outcome.errors.strip()
        return
    _check_accounts(outcome, outcome.report)
    _check_reasons(outcome)


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if len(path.name) > 255:
            continue
        if path.is_dir():
            yield from (item for item in path.rglob("*") if item.is_file())
        elif path.is_file():
            yield path


def _check_accounts(outcome: Outcome, report: dict[str, Any]) -> None:
    for part in (report, *outcome.packages):
        assert part["rows"] == part["loaded"] + part["duplicate"] + part["quarantined"]
    for name in ("rows", "loaded", "duplicate", "quarantined"):
        assert report[name] == sum(package[name] for package in outcome.packages)
    assert len(outcome.quarantine) == report["quarantined"]
    assert (outcome.code == 3) == bool(outcome.refused)


def _check_reasons(outcome: Outcome) -> None:
    for package in outcome.refused:
        assert package["file"]
        assert len(package["reason"].split(". ")) >= 2, "what is wrong, and what to do"
    for row in outcome.quarantine:
        assert row["file"]
        assert row["row"] >= 1
        assert isinstance(row["column"], str)
        assert row["reason"].endswith(".")
        assert row["fix"].endswith(".")


def _check_text(outcome: Outcome) -> None:
    """After ``json.loads`` and on a terminal nothing is left that a terminal or eye obeys."""
    for text in _texts([outcome.report, outcome.quarantine]):
        assert len(text) <= LONGEST_MESSAGE
        assert inert(text, limit=LONGEST_MESSAGE) == text, ascii(text)[:200]
    for line in outcome.shown.split("\n"):
        assert inert(line, limit=10_000) == line, ascii(line)[:200]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
