"""Whether a community moved with a provider's release: by how much, how late, and against whom.

An account is the unit: its share of the released model before and after. The rest of the
population, dealt into groups of equal activity, is the control: members and controls change
places many times, and p is how often chance then makes as large a difference. Of several releases
p is corrected by Holm, so that one community is falsely coupled to any of them with 5 % at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["ACCOUNT_COLUMNS", "BIN_COLUMNS", "RULE", "Coupling", "CouplingRule", "couplings"]


@dataclass(frozen=True, kw_only=True)
class CouplingRule:
    """The numbers of release coupling."""

    before_days: int
    after_days: int
    bin_hours: int
    least_members: int
    least_after: int
    least_shift: float
    strata: int
    rounds: int
    alpha: float
    reason: str


RULE = CouplingRule(
    before_days=7,
    after_days=7,
    bin_hours=6,
    least_members=5,
    least_after=3,
    least_shift=0.10,
    strata=5,
    rounds=999,
    alpha=0.05,
    reason="A week holds every weekday once. Fewer than five members that were active after a "
    "release tell no rate, fewer than three exchanges no account's share. A tenth of the traffic "
    "is less than enthusiasts move; the reported campaign moved half of its own within a day.",
)

# One row an account and release: exchanges in the weeks before and after, ``new_…`` of them with
# the released model; ``member`` says which side it is on.
ACCOUNT_COLUMNS = ("release", "account", "member", "before", "new_before", "after", "new_after")
# One row a release, side and bin of ``bin_hours`` after it.
BIN_COLUMNS = ("release", "member", "bin", "exchanges", "new")


@dataclass(frozen=True, kw_only=True)
class Coupling:
    """One release: ``shift`` is the members' gain in share of the released model.

    ``lag_hours``: until half of that gain was there. ``coupled`` where ``p`` (corrected for the
    number of releases) and the difference to the control cohort both say so; ``why`` in words.
    """

    release: str
    at: datetime
    members: int
    controls: int
    shift: float | None
    control_shift: float | None
    lag_hours: float | None
    p: float | None
    coupled: bool
    why: str

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "at": self.at.isoformat() + "Z"}


def couplings(
    releases: pd.DataFrame,
    accounts: pd.DataFrame,
    bins: pd.DataFrame,
    *,
    seed: int,
    rule: CouplingRule = RULE,
) -> tuple[Coupling, ...]:
    """One answer a release, in order of time.

    Args:
        releases: Columns release and ts.
        accounts: ``ACCOUNT_COLUMNS``.
        bins: ``BIN_COLUMNS``.
        seed: Of the permutations.
        rule: The numbers.
    """
    found = [
        _one(str(name), at, accounts[accounts["release"] == name], seed, rule)
        for name, at in zip(releases["release"], releases["ts"], strict=True)
    ]
    corrected = _holm([one.p for one in found])
    return tuple(
        _settled(one, p, bins[bins["release"] == one.release], rule)
        for one, p in zip(found, corrected, strict=True)
    )


def _one(name: str, at: Any, told: pd.DataFrame, seed: int, rule: CouplingRule) -> Coupling:
    active = told[told["after"] >= rule.least_after].sort_values("account", kind="stable")
    gain = _share(active, "after") - np.nan_to_num(_share(active, "before"))
    member = active["member"].to_numpy(bool)
    members, controls = int(member.sum()), int((~member).sum())
    few = members < rule.least_members or controls < rule.least_members
    shift = float(gain[member].mean()) if members else None
    strata = _strata(active["after"].to_numpy(np.float64), rule.strata)
    return Coupling(
        release=name,
        at=pd.Timestamp(at).to_pydatetime(),
        members=members,
        controls=controls,
        shift=shift,
        control_shift=None if few else _matched(gain, member, strata),
        lag_hours=None,
        p=None if few else _chance(gain, member, strata, np.random.default_rng(seed), rule.rounds),
        coupled=False,
        why="too few accounts were active after it to tell" if few else "",
    )


def _share(told: pd.DataFrame, span: str) -> NDArray[np.float64]:
    new, whole = (told[name].to_numpy(np.float64) for name in (f"new_{span}", span))
    share: NDArray[np.float64] = np.divide(
        new, whole, out=np.full(len(new), np.nan), where=whole > 0
    )
    return share


def _strata(activity: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Groups of equal size by activity: who sends more is likelier to have tried a new model."""
    rank = np.argsort(np.argsort(activity, kind="stable"), kind="stable")
    found: NDArray[np.int64] = rank * count // max(len(rank), 1)
    return found


def _matched(
    gain: NDArray[np.float64], member: NDArray[np.bool_], strata: NDArray[np.int64]
) -> float:
    """What controls of the members' own activity gained on average."""
    weight = np.bincount(strata[member], minlength=strata.max(initial=0) + 1).astype(np.float64)
    size = np.bincount(strata[~member], minlength=len(weight))
    summed = np.bincount(strata[~member], weights=gain[~member], minlength=len(weight))
    weight[size == 0] = 0.0
    mean = np.divide(summed, size, out=np.zeros_like(summed), where=size > 0)
    return float((mean * weight).sum() / weight.sum()) if weight.sum() else float(gain.mean())


def _chance(
    gain: NDArray[np.float64],
    member: NDArray[np.bool_],
    strata: NDArray[np.int64],
    rng: np.random.Generator,
    rounds: int,
) -> float:
    """How often as many accounts, drawn of the same activity, gained as much or more."""
    seen = gain[member].sum()
    drawn = np.zeros(rounds)
    for stratum in np.unique(strata[member]):
        pool = gain[strata == stratum]
        many = int(member[strata == stratum].sum())
        drawn += _sums(pool, many, rng, rounds)
    # Ties by rounding count as reached.
    return float((1 + np.count_nonzero(drawn >= seen - 1e-9)) / (1 + rounds))


def _sums(
    pool: NDArray[np.float64], many: int, rng: np.random.Generator, rounds: int
) -> NDArray[np.float64]:
    """Sums of ``many`` of a pool, drawn without returning, so many rounds."""
    if many * 2 > len(pool):
        return np.full(rounds, pool.sum()) - _sums(pool, len(pool) - many, rng, rounds)
    return np.array([pool[rng.choice(len(pool), many, replace=False)].sum() for _ in range(rounds)])


def _holm(chances: Sequence[float | None]) -> list[float | None]:
    told = sorted((p, at) for at, p in enumerate(chances) if p is not None)
    corrected: list[float | None] = [None] * len(chances)
    most = 0.0
    for rank, (p, at) in enumerate(told):
        most = max(most, min(1.0, p * (len(told) - rank)))
        corrected[at] = most
    return corrected


def _settled(one: Coupling, p: float | None, bins: pd.DataFrame, rule: CouplingRule) -> Coupling:
    told = asdict(one)
    if p is None or one.shift is None or one.control_shift is None:
        return one
    ahead = one.shift - one.control_shift
    coupled = p <= rule.alpha and ahead >= rule.least_shift
    if coupled:
        why = f"members moved {ahead:+.0%} more than accounts of the same activity"
    elif p <= rule.alpha:
        why = f"a difference of {ahead:+.0%} is real and too small to speak for one hand"
    else:
        why = "no more than accounts of the same activity did"
    lag = _lag(bins[bins["member"].astype(bool)], one.shift, rule) if coupled else None
    return Coupling(**{**told, "p": p, "coupled": coupled, "why": why, "lag_hours": lag})


def _lag(bins: pd.DataFrame, shift: float, rule: CouplingRule) -> float | None:
    """Hours until half of what the members came to: the middle of the move."""
    count = rule.after_days * 24 // rule.bin_hours
    whole, new = (
        np.bincount(bins["bin"], weights=bins[name], minlength=count)[:count]
        for name in ("exchanges", "new")
    )
    share = np.divide(new, whole, out=np.full(count, np.nan), where=whole > 0)
    late = share[count // 2 :]
    if np.isnan(late).all() or shift <= 0:
        return None
    reached = np.flatnonzero(share >= np.nanmedian(late) / 2)
    return float((reached[0] + 0.5) * rule.bin_hours) if len(reached) else None
