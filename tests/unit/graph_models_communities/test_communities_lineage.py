"""Lines of communities: who inherits, what the log says of it, and who never does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_models.communities.lineage import follow
from graph_models.communities.succession import heirs, lives, ties
from graph_models.errors import UsageError
from graph_models.inference import MEMBER_COLUMNS
from graph_models.lineage import Lineage, Run
from graph_models.observations import Observations
from tests.contract.graphs import observations

AT = datetime(2026, 7, 1, tzinfo=UTC)
DAY_ZERO = pd.Timestamp("2026-05-01")
Groups = Mapping[str, Iterable[str]]
Uses = tuple[str, str, str]


def members(groups: Groups, tier: str = "core") -> pd.DataFrame:
    rows = [(a, name, "ce_1", tier, 0.95, 1.0) for name, who in groups.items() for a in who]
    return pd.DataFrame(rows, columns=list(MEMBER_COLUMNS)).astype(MEMBER_COLUMNS)


def lived(*groups: Groups, ended: Mapping[str, int] | None = None, **began: int) -> pd.DataFrame:
    """Everybody began on day 0 and lives, but for those named (days)."""
    who = sorted({account for each in groups for part in each.values() for account in part})
    table = pd.DataFrame({"began": DAY_ZERO, "ended": pd.NaT}, index=pd.Index(who))
    table = table.astype("datetime64[us]")
    for column, days in (("began", began), ("ended", ended or {})):
        for account, day in days.items():
            table.loc[account, column] = DAY_ZERO + pd.Timedelta(days=day)
    return table


def no_ties(_earlier: pd.DataFrame, _later: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"line": [], "before": [], "community": [], "tied": []})


def runs(*groups: Groups, known: pd.DataFrame | None = None, same_data: bool = False) -> Lineage:
    """The lineage after one run after the other."""
    lineage = Lineage()
    for number, each in enumerate(groups):
        run = Run(run=f"r{number}", snapshot=f"s{number}", at=AT, same_data=same_data)
        table = lived(*groups) if known is None else known
        lineage = follow(lineage, run, members(each), lived=table, ties=no_ties)
    return lineage


def last(lineage: Lineage) -> dict[str, str]:
    """Line to event of the last step."""
    log = lineage.log[lineage.log["step"] == lineage.log["step"].max()]
    return dict(zip(log["line"], log["event"], strict=True))


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


# ---- replacement


def test_accounts_made_days_after_closures_are_a_respawn() -> None:
    before, after = {"cm_1": "abcdef"}, {"cm_1": "abcdefuvwx"}
    known = lived(before, after, ended={"c": 13, "d": 13, "e": 13, "f": 14}, u=14, v=14, w=15, x=15)
    lineage = runs(before, after, known=known)
    assert last(lineage) == {"ln_1": "respawn"}
    assert lineage.log["replaced"].iloc[-1] == 4
    assert "4 of those who joined" in lineage.log["reason"].iloc[-1]


@pytest.mark.parametrize("day", [1, 60])
def test_who_joins_before_or_long_after_a_closure_replaces_nobody(day: int) -> None:
    before, after = {"cm_1": "abcdef"}, {"cm_1": "abcdefuvwx"}
    known = lived(before, after, ended={"c": 13, "d": 13}, u=day, v=day, w=day, x=day)
    assert last(runs(before, after, known=known)) == {"ln_1": "grow"}


def test_one_closure_is_answered_by_one_newcomer_however_many_come() -> None:
    before, after = {"cm_1": "abcdef"}, {"cm_1": "abcdefuvwx"}
    known = lived(before, after, ended={"c": 13}, u=14, v=14, w=15, x=15)
    lineage = runs(before, after, known=known)
    assert last(lineage) == {"ln_1": "grow"}
    assert lineage.log["replaced"].iloc[-1] == 1


def test_a_team_that_replaces_one_leaver_is_no_respawn() -> None:
    before, after = {"cm_1": "abcdef"}, {"cm_1": "abcdefu"}
    known = lived(before, after, ended={"f": 13}, u=15)
    assert last(runs(before, after, known=known)) == {"ln_1": "grow"}


def seen(uses: Iterable[Uses], *, closed: str, late: str) -> Observations:
    """Accounts that use identifiers; some closed on day 20, some made on day 21."""
    frame = pd.DataFrame(sorted(set(uses)), columns=["account", "kind", "value"])
    obs = observations(frame, snapshot="s")
    ids = obs.accounts["account"]
    day = np.where(ids.isin(list(late)), 21, 0)
    table = obs.accounts.assign(
        created_at=(DAY_ZERO + pd.to_timedelta(day, unit="D")).astype("datetime64[us]"),
        closed_at=pd.Series(
            np.where(ids.isin(list(closed)), np.datetime64("2026-05-21"), np.datetime64("NaT"))
        ).astype("datetime64[us]"),
    )
    return replace(obs, accounts=table)


CARD = [(account, "payment_method", "stripe/fp_1") for account in "abcuvw"]
MACHINE = [(account, "device_fingerprint", "dv_1") for account in "abcuvw"]
ADDRESS = [(account, "ip", "240.0.0.1") for account in "abcuvw"]


def after_closing(uses: Iterable[Uses], *, closed: str = "abc", late: str = "uvw") -> Lineage:
    """A community of a, b, c in one run, of u, v, w in the next; other people stand beside."""
    obs = seen(
        [*uses, ("p", "ip", "240.0.9.9"), ("q", "ip", "240.0.9.9")], closed=closed, late=late
    )
    lineage, known = Lineage(), lives(obs.accounts)
    for number, groups in enumerate(({"cm_1": "abc"}, {"cm_2": "uvw"})):
        lineage = follow(
            lineage,
            Run(run=f"r{number}", snapshot="s", at=AT),
            members(groups),
            lived=known,
            ties=lambda earlier, later: ties(obs, earlier, later),
        )
    return lineage


def test_new_accounts_on_the_cards_and_machines_of_closed_ones_inherit_their_line() -> None:
    lineage = after_closing([*CARD, *MACHINE])
    assert lineage.lines == {"cm_2": "ln_1"}
    assert last(lineage) == {"ln_1": "respawn"}


@pytest.mark.parametrize(
    ("uses", "closed", "late"),
    [
        pytest.param([], "abc", "uvw", id="strangers"),
        pytest.param(ADDRESS, "abc", "uvw", id="a flat let anew"),
        pytest.param([*CARD, *MACHINE], "", "uvw", id="nobody was closed"),
        pytest.param([*CARD, *MACHINE], "abc", "", id="they were there before"),
        pytest.param(
            [
                (account, kind, value)
                for account in "abcuvwklmnorst"
                for kind, value in (("payment_method", "stripe/fp_1"), ("device_fingerprint", "d"))
            ],
            "abc",
            "uvw",
            id="many others use them too",
        ),
    ],
)
def test_unrelated_households_never_inherit_each_others_line(
    uses: list[Uses], closed: str, late: str
) -> None:
    nothing = [(account, "user_agent", f"agent of {account}") for account in "abcuvw"]
    lineage = after_closing([*uses, *nothing], closed=closed, late=late)
    assert lineage.lines == {"cm_2": "ln_2"}
    assert last(lineage) == {"ln_1": "gone", "ln_2": "new"}


def test_one_account_that_moves_house_carries_no_line() -> None:
    lineage = runs({"cm_1": "ab", "cm_2": "cd"}, {"cm_2": "bcd"})
    assert last(lineage) == {"ln_1": "gone", "ln_2": "grow"}
    lineage = runs({"cm_1": "ab"}, {"cm_7": "bz"})
    assert last(lineage) == {"ln_1": "gone", "ln_7": "new"}


def test_a_campaign_at_first_sight_takes_no_household_s_line() -> None:
    crowd = [f"op{number}" for number in range(60)]
    lineage = runs({"cm_1": "ab"}, {"cm_3": ["a", "b", *crowd]})
    assert lineage.lines == {"cm_3": "ln_3"}
    assert last(lineage) == {"ln_1": "merge", "ln_3": "new"}


def test_silence_ends_an_account_only_where_no_log_tells_closures() -> None:
    obs = seen(CARD, closed="ab", late="")
    moments = pd.Series(
        DAY_ZERO + pd.to_timedelta(np.where(obs.accounts["account"] == "c", 0, 40), "D")
    )
    accounts = obs.accounts.assign(last_seen=moments.astype("datetime64[us]"))
    assert list(lives(accounts)["ended"].dropna().index) == ["a", "b"]
    untold = accounts.assign(closed_at=pd.Series(pd.NaT, index=accounts.index))
    assert list(lives(untold)["ended"].dropna().index) == ["c"]


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
