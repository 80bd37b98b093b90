"""Accounts that take the place of closed ones, and households that never do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from graph_models.communities.lineage import follow
from graph_models.communities.succession import lives, ties
from graph_models.lineage import Lineage, Run
from graph_models.observations import Observations
from tests.contract.graphs import observations
from tests.unit.graph_models_communities.looking_back import (
    AT,
    DAY_ZERO,
    last,
    lived,
    members,
    runs,
)

Uses = tuple[str, str, str]


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
