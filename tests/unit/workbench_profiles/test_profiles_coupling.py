"""Release coupling: a planted move is found, and nobody else's is."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from workbench.profiles.coupling import ACCOUNT_COLUMNS, BIN_COLUMNS, RULE, couplings

RELEASES = pd.DataFrame({"release": ["m-2"], "ts": [datetime(2026, 1, 28, 16, 48)]})


def world(
    seed: int, *, members: int = 40, controls: int = 400, move: float = 0.0, hours: float = 24.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Accounts whose taste for new models differs; members move ``move`` more within ``hours``."""
    rng = np.random.default_rng(seed)
    count, bins = members + controls, RULE.after_days * 24 // RULE.bin_hours
    member = np.arange(count) < members
    taste = rng.beta(0.5, 4.5, count)  # most try little of it, few move whole
    rate = rng.lognormal(0.2, 1.0, count)
    when = (np.arange(bins) + 0.5) * RULE.bin_hours
    ramp = np.clip(when / hours, 0, 1) * move
    share = np.clip(taste[:, None] + member[:, None] * ramp[None, :], 0, 1)
    sent = rng.poisson(rate[:, None], (count, bins))
    new = rng.binomial(sent, share)
    accounts = pd.DataFrame(
        {
            "release": "m-2", "account": np.arange(count), "member": member,
            "before": rng.poisson(rate * bins), "new_before": 0,
            "after": sent.sum(axis=1), "new_after": new.sum(axis=1),
        }
    )[list(ACCOUNT_COLUMNS)]  # fmt: skip
    by_bin = pd.concat(
        pd.DataFrame({"release": "m-2", "member": side, "bin": np.arange(bins),
                      "exchanges": sent[member == side].sum(axis=0),
                      "new": new[member == side].sum(axis=0)})
        for side in (True, False)
    )[list(BIN_COLUMNS)]  # fmt: skip
    return accounts, by_bin


@pytest.mark.parametrize("seed", range(8))
def test_a_planted_move_of_half_within_a_day_is_found(seed: int) -> None:
    accounts, bins = world(seed, move=0.5)
    (found,) = couplings(RELEASES, accounts, bins, seed=seed)
    assert found.coupled
    assert found.p is not None
    assert found.p <= 0.01
    assert found.shift is not None
    assert found.control_shift is not None
    assert found.shift - found.control_shift == pytest.approx(0.46, abs=0.08)
    assert found.lag_hours is not None
    assert 3 <= found.lag_hours <= 24  # half of a move of 24 hours


def test_a_later_move_has_a_longer_lag() -> None:
    quick, slow = (
        couplings(RELEASES, *world(3, move=0.6, hours=hours), seed=0)[0].lag_hours
        for hours in (12.0, 72.0)
    )
    assert quick is not None
    assert slow is not None
    assert quick < slow


def test_members_without_a_move_are_falsely_coupled_in_one_of_twenty_at_most() -> None:
    alarms = sum(
        couplings(RELEASES, *world(seed), seed=seed)[0].coupled for seed in range(100, 300)
    )
    chances = [couplings(RELEASES, *world(seed), seed=seed)[0].p or 0 for seed in range(100, 160)]
    assert alarms <= 10
    assert 0.35 < float(np.mean(chances)) < 0.65  # not bought by a test that never speaks


def test_busy_members_are_compared_with_busy_accounts() -> None:
    """Whoever sends more has tried more: without strata every busy group would look coupled."""
    alarms = 0
    for seed in range(40):
        accounts, bins = world(seed, members=60)
        busy = accounts["after"].rank(pct=True).to_numpy()
        rng = np.random.default_rng(seed)
        accounts["new_after"] = rng.binomial(accounts["after"], 0.05 + 0.5 * busy)
        accounts["member"] = (busy > 0.8) & (rng.random(len(accounts)) < 0.5)
        alarms += couplings(RELEASES, accounts, bins, seed=seed)[0].coupled
    assert alarms <= 3


def test_several_releases_are_corrected_for() -> None:
    one, bins = world(5, move=0.08)
    many = pd.concat([one.assign(release=f"m-{n}") for n in range(2, 12)])
    names = pd.DataFrame({"release": [f"m-{n}" for n in range(2, 12)], "ts": RELEASES["ts"][0]})
    alone = couplings(RELEASES, one, bins, seed=0)[0].p
    together = couplings(names, many, bins, seed=0)
    assert alone is not None
    assert all(found.p is not None and found.p >= alone for found in together)


@pytest.mark.parametrize(("members", "controls"), [(0, 50), (4, 50), (50, 3)])
def test_too_few_accounts_tell_nothing(members: int, controls: int) -> None:
    accounts, bins = world(1, members=members, controls=controls, move=0.5)
    (found,) = couplings(RELEASES, accounts, bins, seed=0)
    assert not found.coupled
    assert found.p is None
    assert "too few" in found.why


def test_the_same_seed_says_the_same() -> None:
    told = world(9, move=0.1)
    assert couplings(RELEASES, *told, seed=4) == couplings(RELEASES, *told, seed=4)
