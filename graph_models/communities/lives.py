"""Ways of life: at which hours, with which models, at what tasks ordinary accounts spend traffic.

A mixture of a dozen ways, learned from accounts that no campaign holds. A single average would not
do: who works at night at nothing but software looks like an operator beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities.rules import SHARES
from graph_models.families import Family
from graph_models.linking import LinkContext

__all__ = ["Codes", "Lives", "lives_of", "log_shares", "tallied"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_HOURS = 24
_FAMILIES = (Family.TIMING, Family.LIFECYCLE, Family.PROMPTS)  # of hours, models and tasks


@dataclass(frozen=True, eq=False)
class Codes:
    """How models and tasks are numbered; 0 is unknown. A task is a capability, elicited or not.

    Models come and go for everybody, so what counts is which one was used at the time: periods of
    ``days`` from ``origin`` (whole days since 1970) have shares of their own.
    """

    models: tuple[str, ...]
    tasks: tuple[str, ...]
    origin: int
    days: int
    periods: int

    @classmethod
    def of(cls, activity: pd.DataFrame) -> Codes:
        """All models and capabilities of the population, in order of name."""
        named = [_names(activity[column]) for column in ("model", "capability")]
        day = activity["hour"].dropna().to_numpy(dtype="datetime64[D]").astype(np.int64)
        origin = int(day.min()) if len(day) else 0
        span = int(day.max()) - origin + 1 if len(day) else 1
        days = max(SHARES.period_days, -(-span // SHARES.periods))
        return cls(named[0], named[1], origin, days, -(-span // days))

    @property
    def groups(self) -> tuple[int, int, int]:
        """Into how many groups of shares hours, models and tasks fall."""
        return 1, self.periods, 1

    @property
    def width(self) -> tuple[int, int, int]:
        """How many codes hours, models of each period and tasks have."""
        return _HOURS, self.periods * (len(self.models) + 1), 2 * (len(self.tasks) + 1)

    def columns(self, rows: pd.DataFrame, time: str) -> Ints:
        """Code of hour, model in its period, and capability of each row, shape (3, rows)."""
        hour = rows[time].to_numpy(dtype="datetime64[h]").astype(np.int64)
        period = np.clip((hour // _HOURS - self.origin) // self.days, 0, self.periods - 1)
        model = pd.Index(self.models).get_indexer(pd.Index(rows["model"])) + 1
        task = pd.Index(self.tasks).get_indexer(pd.Index(rows["capability"])) + 1
        return np.array([hour % _HOURS, period * (len(self.models) + 1) + model, task], np.int64)


def tallied(code: Ints, weight: Floats, width: int) -> Floats:
    """Sum of the weights of each code, shape (width,)."""
    return np.bincount(code, weight, minlength=width).astype(np.float64)


def _names(column: pd.Series) -> tuple[str, ...]:
    return tuple(sorted(str(name) for name in column.dropna().unique() if name))


@dataclass(frozen=True, eq=False)
class Lives:
    """Ways of life of the population: log shares of hours, models and tasks in each.

    Each of ``shares`` has shape (ways, width); ``told`` says which of the three may be used.
    ``some`` are accounts, ascending, that live such lives: what is usual among the innocent.
    """

    codes: Codes
    shares: tuple[Floats, ...]
    told: tuple[bool, ...]
    some: Ints


def lives_of(context: LinkContext, outsiders: NDArray[np.bool_], *, seed: int = 0) -> Lives | None:
    """Learn the ways of life of accounts that no campaign holds.

    Args:
        context: The population; hours, models and tasks of families that it leaves out are unknown.
        outsiders: Which accounts to learn from, shape (accounts,).
        seed: Seed of the choice of accounts, where there are more than enough, and of the start.

    Returns:
        Up to ``SHARES.ways`` ways (a mixture of multinomials, one component an account), or None
        where too few outsiders are active or nothing may be used to tell them apart.
    """
    told = tuple(family not in context.without for family in _FAMILIES)
    sample = context.obs.sample.astype(np.int64)
    busy = context.population.exchanges[sample] >= SHARES.min_exchanges
    able = sample[outsiders[sample] & busy]
    rng = np.random.default_rng([seed, 11])
    if len(able) > SHARES.learned_from:
        able = np.sort(rng.choice(able, SHARES.learned_from, replace=False))
    activity = context.obs.activity
    rows = activity[activity["account"].isin(able) & activity["hour"].notna()]
    able = np.unique(rows["account"].to_numpy(dtype=np.int64))
    if len(able) < SHARES.per_way or not any(told):
        return None
    codes = Codes.of(activity)
    tables = _counts(rows, able, codes)
    ways = max(1, min(SHARES.ways, len(able) // SHARES.per_way))
    some = np.sort(rng.permutation(able)[: SHARES.compared])
    return Lives(codes, _mixture(tables, ways, codes, rng), told, some)


def _counts(rows: pd.DataFrame, able: Ints, codes: Codes) -> tuple[Floats, ...]:
    """Exchanges of each account by hour, by model and by task; each (accounts, width)."""
    who = np.searchsorted(able, rows["account"].to_numpy())
    hour, model, task = codes.columns(rows, "hour")
    made = rows["exchanges"].to_numpy(dtype=np.float64)
    asked = np.minimum(rows["elicited"].to_numpy(dtype=np.float64), made)
    at = (hour, model, 2 * task)
    tables = [
        tallied(who * width + code, made, len(able) * width).reshape(-1, width)
        for code, width in zip(at, codes.width, strict=True)
    ]
    flat = who * codes.width[2] + 2 * task
    moved = tallied(flat, asked, tables[2].size).reshape(tables[2].shape)
    tables[2] += np.roll(moved, 1, axis=1) - moved
    return tuple(tables)


def _mixture(
    tables: tuple[Floats, ...], ways: int, codes: Codes, rng: np.random.Generator
) -> tuple[Floats, ...]:
    """Log shares of the components of a mixture of products of multinomials."""
    part = rng.dirichlet(np.full(ways, 0.3), len(tables[0]))
    # Exchanges of one account come in bursts: a hundred of them tell less than a hundred.
    made = tables[0].sum(axis=1, keepdims=True)
    calm = np.minimum(1.0, SHARES.telling / np.maximum(made, 1))
    for _ in range(SHARES.rounds):
        shares = tuple(
            log_shares(part.T @ table, table.sum(axis=0), groups)
            for table, groups in zip(tables, codes.groups, strict=True)
        )
        fit = np.log(part.mean(axis=0) + 1e-9) + sum(
            (table * calm) @ share.T for table, share in zip(tables, shares, strict=True)
        )
        part = np.exp(fit - fit.max(axis=1, keepdims=True))
        part /= part.sum(axis=1, keepdims=True)
    return shares


def log_shares(counts: Floats, base: Floats, groups: int = 1) -> Floats:
    """Log shares within each group, drawn towards those of all by a few exchanges.

    Args:
        counts: Shape (…, width).
        base: What is usual, shape (width,).
        groups: Into how many equal parts the width falls; shares sum to 1 in each.
    """
    wide = counts.reshape(*counts.shape[:-1], groups, -1)
    prior = (base + 1 / len(base)).reshape(groups, -1)
    drawn = wide + SHARES.prior * prior / prior.sum(axis=1, keepdims=True)
    shares: Floats = np.log(drawn / drawn.sum(axis=-1, keepdims=True))
    return shares.reshape(counts.shape)
