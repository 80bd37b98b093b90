"""How much of an operator's line is kept, worked out on runs small enough to count by hand."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest

from benchmarks.quality.lineage import Standing, kept_through_rounds, lineage_kept
from fixtures import Trial
from workbench.grading import Truth

Seen = Mapping[str, tuple[str, str]]  # account to (community, line)


def truth(campaign: str, innocent: str) -> Truth:
    rows = [(a, "campaign", "red") for a in campaign] + [(a, "benign", "") for a in innocent]
    accounts = pd.DataFrame(rows, columns=["account_id", "role", "campaign"])
    return Truth(accounts=accounts, traffic=pd.DataFrame())


def run(seen: Seen, *, accused: str = "ln_1") -> Standing:
    rows = [(a, community, line, line == accused) for a, (community, line) in seen.items()]
    return Standing(None, pd.DataFrame(rows, columns=["account", "community", "line", "accused"]))


def all_in(who: str, community: str, line: str) -> Seen:
    return dict.fromkeys(who, (community, line))


def test_members_that_stay_in_their_line_keep_it_whatever_the_id() -> None:
    kept = lineage_kept(
        [run(all_in("abcd", "cm_1", "ln_1")), run(all_in("abcdef", "cm_2", "ln_1"))],
        truth("abcdef", ""),
    )
    assert kept is not None
    assert (kept.accounts, kept.members, kept.one_line, kept.one_id) == (4, 1.0, 1.0, 0.0)


def test_members_that_left_lost_it_but_the_operator_did_not() -> None:
    kept = lineage_kept(
        [run(all_in("abcd", "cm_1", "ln_1")), run(all_in("def", "cm_1", "ln_1"))],
        truth("abcdef", ""),
    )
    assert kept is not None
    assert (kept.members, kept.one_line) == (0.25, 1.0)


def test_a_line_that_another_took_is_lost_for_all() -> None:
    first, last = run(all_in("abcd", "cm_1", "ln_1")), run(
        all_in("abcd", "cm_1", "ln_2"), accused="ln_2"
    )  # fmt: skip
    kept = lineage_kept([first, last], truth("abcd", ""))
    assert kept is not None
    assert (kept.members, kept.one_line) == (0.0, 0.0)


def test_innocents_count_for_nothing() -> None:
    runs = [run(all_in("xy", "cm_1", "ln_1")), run(all_in("xy", "cm_1", "ln_1"))]
    assert lineage_kept(runs, truth("ab", "xy")) is None


@pytest.mark.parametrize("world", ["quickstart:hard", "all-benign"])
def test_worlds_without_enforcement_are_not_measured(world: str) -> None:
    assert kept_through_rounds(Trial(world=world, seed=1)) is None
