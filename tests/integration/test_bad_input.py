"""The bad-input corpus B01 to B60, each case through the real command (docs/bad-input.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.bad_input import bombs, files, records, values
from tests.integration.bad_input.case import Case
from tests.integration.bad_input.desk import Desk, desks
from tests.integration.bad_input.invariants import check

CASES = (*files.CASES, *records.CASES, *values.CASES, *bombs.CASES)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desks(tmp_path_factory.mktemp("desks")) as desk:
        yield desk


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case, desk: Desk, tmp_path: Path) -> None:
    paths = case.make(tmp_path)
    options = tuple(option.format(folder=tmp_path) for option in case.options)
    outcome = desk.ingest(paths, options=options, env=dict(case.env))
    check(outcome, paths)
    expect = case.expect
    if expect.usage is not None:
        assert outcome.code == 2
        assert re.search(expect.usage, outcome.errors), outcome.errors
        return
    assert outcome.report is not None, outcome.errors
    reasons = " | ".join(package["reason"] for package in outcome.refused)
    assert bool(reasons) == (expect.refused is not None), reasons
    assert expect.refused is None or re.search(expect.refused, reasons), reasons
    wanted = {path.name: expect.why for path in paths if path.is_file()} if expect.why else {}
    assert outcome.why == wanted
    assert outcome.report["loaded"] == expect.loaded
    assert outcome.report["duplicate"] == expect.duplicate
    warnings = " | ".join(text for package in outcome.packages for text in package["warnings"])
    assert expect.warned is None or re.search(expect.warned, warnings), warnings


def test_every_number_of_the_corpus_has_a_case() -> None:
    seen = " ".join(case.id for case in CASES)
    numbers = {int(number) for number in re.findall(r"B(\d\d)", seen)}
    for first, last in re.findall(r"B(\d\d)-B(\d\d)", seen):
        numbers.update(range(int(first), int(last) + 1))
    assert numbers == set(range(1, 61))
    assert len({case.id for case in CASES}) == len(CASES)
