"""Lines of communities: who inherits, and what the log says of it."""

from __future__ import annotations

from itertools import permutations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_models.communities.lineage import follow
from graph_models.communities.succession import heirs
from graph_models.errors import UsageError
from graph_models.lineage import Lineage, Run
from tests.unit.graph_models_communities.looking_back import (
    AT,
    last,
    lived,
    members,
    no_ties,
    runs,
)


def test_the_first_run_begins_a_line_for_each_community() -> None:
    lineage = runs({"cm_1": "abc", "cm_2": "de"})
    assert lineage.lines == {"cm_1": "ln_1", "cm_2": "ln_2"}
    assert last(lineage) == {"ln_1": "new", "ln_2": "new"}
    assert set(lineage.log["run"]) == {"r0"}
    assert set(lineage.log["at"]) == {AT.isoformat()}


def test_the_same_run_again_adds_nothing() -> None:
    groups = {"cm_1": "abc", "cm_2": "de"}
    once, twice = runs(groups), runs(groups, groups)
    pd.testing.assert_frame_equal(once.log, twice.log)
    pd.testing.assert_frame_equal(once.roll, twice.roll)


@pytest.mark.parametrize(
    ("later", "event"),
    [("abcdefghijkx", "continue"), ("abcdefghijklmn", "grow"), ("abcdefg", "shrink")],
)
def test_size_makes_the_event(later: str, event: str) -> None:
    lineage = runs({"cm_1": "abcdefghijk"}, {"cm_1": later})
    assert last(lineage) == {"ln_1": event}
    row = lineage.log.iloc[-1]
    assert (row["earlier"], row["later"]) == (11, len(later))
    assert row["shared"] + row["joined"] == len(later)
    assert row["shared"] + row["left"] == 11


def test_the_line_stays_when_the_id_does_not() -> None:
    lineage = runs({"cm_1": "abcd"}, {"cm_9": "bcde"})
    assert lineage.lines == {"cm_9": "ln_1"}
    assert "its id is too" in lineage.log["reason"].iloc[-1]


def test_a_split_keeps_the_line_with_the_larger_part_and_says_where_the_other_came_from() -> None:
    lineage = runs({"cm_1": "abcdefgh"}, {"cm_1": "abc", "cm_2": "defgh"})
    assert lineage.lines["cm_2"] == "ln_1"
    split = lineage.log[lineage.log["event"] == "split"].iloc[0]
    assert (split["community"], split["other"], split["shared"]) == ("cm_1", "ln_1", 3)
    # The id is that of the old community, whose line lives on elsewhere: it needs another name.
    assert lineage.lines["cm_1"] not in ("ln_1", "")
    assert "ln_1" in split["reason"]


def test_equal_parts_are_told_apart_by_the_id_that_stays() -> None:
    lineage = runs({"cm_5": "abcd"}, {"cm_1": "ab", "cm_5": "cd"})
    assert lineage.lines["cm_5"] == "ln_5"


def test_a_household_that_was_swallowed_comes_back_to_its_own_line() -> None:
    apart = {"cm_1": "abcdefgh", "cm_2": "xy"}
    lineage = runs(apart, {"cm_1": "abcdefghxy"})
    merge = lineage.log[lineage.log["event"] == "merge"].iloc[0]
    assert (merge["line"], merge["other"], merge["shared"]) == ("ln_2", "ln_1", 2)
    assert "2 of 2 members" in merge["reason"]
    lineage = runs(apart, {"cm_1": "abcdefghxy"}, apart)
    assert lineage.lines == {"cm_1": "ln_1", "cm_2": "ln_2"}
    assert last(lineage)["ln_2"] == "split"


def test_a_line_that_was_gone_stands_again_with_its_members() -> None:
    lineage = runs({"cm_1": "abc", "cm_2": "xyz"}, {"cm_2": "xyz"}, {"cm_1": "abc", "cm_2": "xyz"})
    assert list(lineage.of("ln_1")["event"]) == ["new", "gone", "continue"]
    assert lineage.lines["cm_1"] == "ln_1"


def test_possible_members_carry_no_line_and_make_no_community() -> None:
    run = Run(run="r", snapshot="s", at=AT)
    known = lived({"cm_1": "abc"})
    lineage = follow(
        Lineage(), run, members({"cm_1": "abc"}, "possible"), lived=known, ties=no_ties
    )
    assert lineage.log.empty
    firm, loose = members({"cm_1": "ab"}), members({"cm_1": "cdefgh"}, "possible")
    first = follow(Lineage(), run, pd.concat([firm, loose]), lived=known, ties=no_ties)
    second = follow(first, run, members({"cm_2": "cdefgh"}), lived=known, ties=no_ties)
    assert first.lines == {"cm_1": "ln_1"}
    assert second.lines == {"cm_2": "ln_2"}


# ---- the log


def test_rows_are_only_added_and_keep_their_words() -> None:
    one = runs({"cm_1": "abcd"})
    two = runs({"cm_1": "abcd"}, {"cm_1": "abcdefgh"})
    pd.testing.assert_frame_equal(two.log.head(len(one.log)), one.log)
    assert list(two.log["step"]) == [1, 2]


def test_a_change_without_new_data_says_so() -> None:
    lineage = runs({"cm_1": "abcd"}, {"cm_1": "ab"}, same_data=True)
    assert "No new data" in lineage.log["reason"].iloc[-1]
    assert "No new data" not in runs({"cm_1": "abcd"}, {"cm_1": "ab"}).log["reason"].iloc[-1]


def test_a_community_of_any_run_names_its_line() -> None:
    lineage = runs({"cm_1": "abcd", "cm_2": "xyz"}, {"cm_9": "bcd", "cm_2": "xyz"})
    for name in ("cm_1", "cm_9", "ln_1"):
        assert set(lineage.of(name)["line"]) == {"ln_1"}
    with pytest.raises(UsageError, match="cm_7"):
        lineage.of("cm_7")


def test_who_is_forgotten_stands_in_no_old_line() -> None:
    first, second = {"cm_1": "abc", "cm_2": "xy"}, {"cm_2": "xy"}
    known = lived(first).drop(index="b")
    lineage = follow(
        runs(first), Run(run="r", snapshot="s", at=AT), members(second), lived=known, ties=no_ties
    )
    assert set(lineage.roll["account"]) == set("acxy")


# ---- the assignment

PAIRS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 9)),
    unique_by=lambda pair: pair[:2],
    max_size=10,
)


@settings(max_examples=30, deadline=None)
@given(PAIRS)
def test_the_assignment_is_the_best_of_all_and_free_of_order(
    found: list[tuple[int, int, int]],
) -> None:
    table = pd.DataFrame(
        [(f"ln_{a}", f"cm_{b}", f"cm_{a}", float(n)) for a, b, n in found],
        columns=["line", "community", "before", "common"],
    )
    chosen = heirs(table, "common")
    worth = {(f"ln_{a}", f"cm_{b}"): n for a, b, n in found}
    assert len(set(chosen.values())) == len(chosen)
    total = sum(worth[pair] for pair in chosen.items())
    lines = [f"ln_{a}" for a in range(4)]
    assert total == max(
        sum(worth.get((line, f"cm_{b}"), 0) for line, b in zip(lines, order, strict=True))
        for order in permutations(range(4))
    )
    assert heirs(table.sample(frac=1, random_state=1), "common") == chosen


@settings(max_examples=5, deadline=None)
@given(st.permutations("abcdefgh"))
def test_the_order_of_members_changes_nothing(order: list[str]) -> None:
    later = members(
        {"cm_1": [a for a in order if a in "abc"], "cm_2": [a for a in order if a in "defg"]}
    )
    first = runs({"cm_1": "abcdefgh"})
    run = Run(run="r", snapshot="s", at=AT)
    known = lived({"": "abcdefgh"})
    given_order = follow(first, run, later, lived=known, ties=no_ties)
    plain = follow(first, run, members({"cm_1": "abc", "cm_2": "defg"}), lived=known, ties=no_ties)
    pd.testing.assert_frame_equal(given_order.log, plain.log)
    pd.testing.assert_frame_equal(given_order.roll, plain.roll)
