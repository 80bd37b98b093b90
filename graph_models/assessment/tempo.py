"""When the members act: hours, bursts, births, replacements."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.assessment.chance import POOLS, draws, null_by_size
from graph_models.assessment.pool import Pool
from graph_models.assessment.runs import distinct

__all__ = ["bursts", "hours", "lives"]

QUIET_HOURS = 8  # a person sleeps; work shifts leave the night free
ENOUGH_HOURS = 24  # active hours that an account needs before its day has a shape
BURST_DAYS = 7
RESPAWN_DAYS = 3.0
RESPAWN_BIRTHS = 3  # fewer are coincidence
RARE = 0.95  # what this part of random pools stays below, chance explains
_DAY = np.timedelta64(1, "D")
_FIRST_DAY = 3  # 1970 began on a Thursday


def hours(pool: Pool) -> pd.DataFrame:
    """Share of active hours in each account's quietest eight, and in the pool's.

    One third means round the clock, near zero means somebody sleeps. Weekend is the share of
    active hours on Saturday and Sunday (2/7 when days are alike).
    """
    rows = pool.activity[pool.activity["hour"].notna()]
    hour = rows["hour"].to_numpy(dtype="datetime64[h]").astype(np.int64)
    member = rows["member"].to_numpy(dtype=np.int64)
    span = int(hour.max(initial=0)) + 1
    member, hour = np.divmod(distinct(member * span + hour), span)
    code = pool.table["community"].to_numpy(dtype=np.int64)
    each = np.bincount(member * 24 + hour % 24, minlength=24 * len(code)).reshape(-1, 24)
    enough = each.sum(axis=1) >= ENOUGH_HOURS
    quiet = pd.Series(_quiet(each[enough].astype(np.float64)))
    at = code[member] * 24 + hour % 24
    pooled = np.bincount(at, minlength=24 * len(pool.names)).reshape(-1, 24).astype(np.float64)
    weekend = (hour // 24 + _FIRST_DAY) % 7 >= 5
    return pool.frame(
        quiet_own=quiet.groupby(code[enough]).mean(),
        quiet_pooled=np.where(pooled.any(axis=1), _quiet(pooled), np.nan),
        weekend=pd.Series(weekend).groupby(code[member]).mean(),
    )


def _quiet(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smallest share in any eight consecutive hours of the day; rows are 24 counts."""
    around = np.concatenate([counts, counts[:, : QUIET_HOURS - 1]], axis=1)
    sums = np.cumsum(np.pad(around, ((0, 0), (1, 0))), axis=1)
    windows = sums[:, QUIET_HOURS:] - sums[:, :-QUIET_HOURS]
    total = counts.sum(axis=1)
    least: NDArray[np.float64] = windows.min(axis=1) / np.maximum(total, 1.0)
    return least


def bursts(pool: Pool) -> pd.DataFrame:
    """Share of all exchanges in the densest week, days of life, evenness of volumes."""
    share, days = _densest(pool.activity)
    logs = (pool.accounts["exchanges"].fillna(0).astype(np.float64) + 1.0).map(np.log2)
    known = pool.background.activity["hour"]
    window = (known.max() - known.min()) / _DAY if len(known) else np.nan
    return pool.frame(
        window_days=np.full(len(pool.names), window),
        burst=share,
        life_days=days,
        volume_spread=logs.groupby(pool.accounts["community"]).std(),
    )


def _densest(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """By community: share of its exchanges in the densest week, and days from first to last."""
    some = rows[rows["hour"].notna()]
    day = some["hour"].to_numpy(dtype="datetime64[D]").astype(np.int64)
    first = int(day.min()) if len(day) else 0
    span = int(day.max()) - first + BURST_DAYS + 1 if len(day) else 1
    # A week of room between the days of one community and those of the next.
    key, at = np.unique(
        some["community"].to_numpy(dtype=np.int64) * span + day - first + BURST_DAYS,
        return_inverse=True,
    )
    made = np.bincount(at, some["exchanges"].to_numpy(dtype=np.float64), minlength=len(key))
    code = key // span
    whole = np.concatenate([[0.0], np.cumsum(made)])
    week = whole[1:] - whole[np.searchsorted(key, key - BURST_DAYS, side="right")]
    table = pd.DataFrame({"code": code, "day": key % span, "made": made, "week": week})
    each = table.groupby("code").agg({"day": ["min", "max"], "made": "sum", "week": "max"})
    share = each["week", "max"] / each["made", "sum"].clip(lower=1)
    return share, each["day", "max"] - each["day", "min"] + 1.0


def lives(pool: Pool) -> pd.DataFrame:
    """Births in the densest week against everybody's, closures, and replacements after them.

    ``births_random``: what random pools of the same size stay below nineteen times in twenty.
    """
    born_all = _days(pool.obs.accounts["created_at"])
    born_all = np.sort(born_all[~np.isnan(born_all)])
    rows, end = pool.accounts, _end(pool)
    born, closed = _days(rows["created_at"]), _days(rows["closed_at"])
    found: dict[str, dict[int, float]] = {"births": {}, "respawn": {}}
    several = rows[pool.size[rows["community"].to_numpy()] >= RESPAWN_BIRTHS]
    for community, at in several.groupby("community").indices.items():
        code, at = int(str(community)), several.index.to_numpy()[at]
        ended = closed[at][~np.isnan(closed[at])]
        since = np.sort(born[at][~np.isnan(born[at])])
        found["births"][code] = _birth_lift(since, born_all)
        found["respawn"][code] = _respawn(since, ended, end)
    columns = {name: pd.Series(v, dtype=np.float64) for name, v in found.items()}
    gone = pd.Series(~np.isnan(closed)).groupby(rows["community"]).mean()
    return pool.frame(**columns, closed=gone, births_random=_random_births(pool.size, born_all))


def _random_births(sizes: NDArray[np.int64], everyone: NDArray[np.float64]) -> NDArray[np.float64]:
    def lifts(size: int) -> NDArray[np.float64]:
        drawn = np.sort(everyone[draws(size, len(everyone))[1]].reshape(POOLS, size), axis=1)
        return np.array([_birth_lift(row, everyone) for row in drawn])

    found = np.full(len(sizes), np.nan)
    for at, null in null_by_size(sizes, len(everyone), lifts):
        found[at] = np.quantile(null, RARE)
    return found


def _days(times: pd.Series) -> NDArray[np.float64]:
    raw = times.to_numpy(dtype="datetime64[us]")
    return np.where(np.isnat(raw), np.nan, raw.astype(np.int64) / 86_400e6)


def _end(pool: Pool) -> float:
    """The last thing that any log said, in days since 1970."""
    accounts = pool.obs.accounts
    known = np.concatenate([_days(accounts[c]) for c in ("created_at", "closed_at", "last_seen")])
    return float(np.nanmax(known)) if (~np.isnan(known)).any() else 0.0


def _birth_lift(born: NDArray[np.float64], everyone: NDArray[np.float64]) -> float:
    if len(born) < 3:
        return float("nan")
    within = np.searchsorted(born, born + BURST_DAYS, side="right") - np.arange(len(born))
    start = born[int(np.argmax(within))]
    population = np.searchsorted(everyone, [start, start + BURST_DAYS])
    rate = max(int(population[1] - population[0]), 1) / len(everyone)
    return float(np.log2(within.max() / len(born) / rate))


def _respawn(born: NDArray[np.float64], ended: NDArray[np.float64], end: float) -> float:
    """Bits by which births in the three days after closures outpace those at other times.

    Only the time from the first closure on is compared; NaN where either part is too short.
    """
    if len(ended) < 2 or len(born) < 3:
        return float("nan")
    starts = np.sort(ended)
    # The union of the windows: each one ends where the next one begins.
    stops = np.minimum(starts + RESPAWN_DAYS, np.append(starts[1:], end))
    after = float(np.maximum(stops - starts, 0.0).sum())
    other = end - starts[0] - after
    if min(after, other) < 1.0:
        return float("nan")
    late = born[born >= starts[0]]
    closure = np.searchsorted(starts, late, side="right") - 1
    soon = int((late <= stops[closure]).sum())
    lift = ((soon + 0.5) / after) / ((len(late) - soon + 0.5) / other)
    return float(np.log2(lift)) if soon >= RESPAWN_BIRTHS else min(0.0, float(np.log2(lift)))
