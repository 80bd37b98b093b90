"""What part of each member's traffic is the operator's work, and what part its own life.

Every exchange of a member is drawn from the operator's work or from one of a few ways of life that
the rest of the population shows (a mixed-membership model: each account has its own mixture of the
same components; Blei, Ng and Jordan 2003, with all components but one learned beforehand). The work
is learned from the members alone: exchanges in frames that only they use are certainly of it, and
tell at which hours, with which models and for which tasks it is done, so that its share is also
known of exchanges whose prompt says nothing: paraphrased, camouflaged or not stored at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities.rules import SHARES
from graph_models.observations import Observations

__all__ = ["Lives", "lives_of", "work_shares"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_HOURS = 24


@dataclass(frozen=True, eq=False)
class _Codes:
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
    def of(cls, activity: pd.DataFrame) -> _Codes:
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
        model = pd.Index(self.models).get_indexer(pd.Index(rows["model"].fillna(""))) + 1
        task = pd.Index(self.tasks).get_indexer(pd.Index(rows["capability"].fillna(""))) + 1
        return np.array([hour % _HOURS, period * (len(self.models) + 1) + model, task], np.int64)


def _names(column: pd.Series) -> tuple[str, ...]:
    return tuple(sorted(str(name) for name in column.dropna().unique() if name))


@dataclass(frozen=True, eq=False)
class Lives:
    """Ways of life of the population: log shares of hours, models and tasks in each.

    Each of ``shares`` has shape (ways, width).
    """

    codes: _Codes
    shares: tuple[Floats, ...]


def lives_of(obs: Observations, outsiders: NDArray[np.bool_], *, seed: int = 0) -> Lives:
    """Learn the ways of life of accounts that no campaign holds.

    Args:
        obs: The population.
        outsiders: Which accounts to learn from, shape (accounts,).
        seed: Seed of the choice of accounts, where there are more than enough, and of the start.

    Returns:
        Up to ``SHARES.ways`` ways: a mixture of multinomials, one component an account.
    """
    codes = _Codes.of(obs.activity)
    rng = np.random.default_rng([seed, 11])
    made = obs.accounts["exchanges"].fillna(0).to_numpy()
    able = np.flatnonzero(outsiders & (made >= SHARES.min_exchanges))
    if len(able) > SHARES.learned_from:
        able = np.sort(rng.choice(able, SHARES.learned_from, replace=False))
    rows = obs.activity[obs.activity["account"].isin(able)]
    tables = _counts(rows, able, codes)
    ways = max(1, min(SHARES.ways, len(able) // SHARES.per_way))
    return Lives(codes, _mixture(tables, ways, codes, rng))


def _counts(rows: pd.DataFrame, able: Ints, codes: _Codes) -> tuple[Floats, ...]:
    """Exchanges of each account by hour, by model and by task; each (accounts, width)."""
    who = np.searchsorted(able, rows["account"].to_numpy())
    hour, model, task = codes.columns(rows, "hour")
    made = rows["exchanges"].to_numpy(dtype=np.float64)
    asked = np.minimum(rows["elicited"].to_numpy(dtype=np.float64), made)
    at = (hour, model, 2 * task)
    tables = [
        np.bincount(who * width + code, made, minlength=len(able) * width).reshape(-1, width)
        for code, width in zip(at, codes.width, strict=True)
    ]
    flat = who * codes.width[2] + 2 * task
    moved = np.bincount(flat, asked, minlength=tables[2].size).reshape(tables[2].shape)
    tables[2] += np.roll(moved, 1, axis=1) - moved
    return tuple(tables)


def _mixture(
    tables: tuple[Floats, ...], ways: int, codes: _Codes, rng: np.random.Generator
) -> tuple[Floats, ...]:
    """Log shares of the components of a mixture of products of multinomials."""
    part = rng.dirichlet(np.full(ways, 0.3), len(tables[0]))
    # Exchanges of one account come in bursts: a hundred of them tell less than a hundred.
    made = tables[0].sum(axis=1, keepdims=True)
    calm = np.minimum(1.0, SHARES.telling / np.maximum(made, 1))
    for _ in range(SHARES.rounds):
        shares = tuple(
            _log_shares(part.T @ table, table.sum(axis=0), groups)
            for table, groups in zip(tables, codes.groups, strict=True)
        )
        fit = np.log(part.mean(axis=0) + 1e-9) + sum(
            (table * calm) @ share.T for table, share in zip(tables, shares, strict=True)
        )
        part = np.exp(fit - fit.max(axis=1, keepdims=True))
        part /= part.sum(axis=1, keepdims=True)
    return shares


def _log_shares(counts: Floats, base: Floats, groups: int = 1) -> Floats:
    """Log shares within each group, drawn towards those of all by a few exchanges."""
    wide = counts.reshape(*counts.shape[:-1], groups, -1)
    prior = (base + 1 / len(base)).reshape(groups, -1)
    drawn = wide + SHARES.prior * prior / prior.sum(axis=1, keepdims=True)
    shares: Floats = np.log(drawn / drawn.sum(axis=-1, keepdims=True))
    return shares.reshape(counts.shape)


@dataclass(frozen=True, eq=False)
class _Tokens:
    """Distinct sorts of exchanges of each member, all arrays (tokens,).

    ``state``: 0 when its prompt is in no frame, 1 in some other frame, 2 in a frame of the work.
    ``at`` (3, tokens): hour, model, task.
    """

    member: Ints
    state: Ints
    at: Ints
    count: Floats

    @classmethod
    def of(cls, obs: Observations, accounts: Ints, frames: NDArray[np.int32], codes: _Codes) -> _Tokens:
        """Read single exchanges, some accounts at a time, and count equal ones."""
        parts = []
        for some in np.array_split(accounts, -(-len(accounts) // SHARES.at_once)):
            rows = obs.exchanges_of(some.astype(np.int32))
            cluster = rows["cluster"].to_numpy()
            state = np.where(np.isin(cluster, frames), 2, (cluster >= 0).astype(np.int64))
            hour, model, task = codes.columns(rows, "ts")
            task = 2 * task + rows["elicited"].fillna(value=False).to_numpy(dtype=np.int64)
            member = np.searchsorted(accounts, rows["account"].to_numpy())
            parts.append(_counted(np.array([member, state, hour, model, task])))
        table = np.concatenate(parts, axis=1) if parts else np.zeros((6, 0), np.int64)
        return cls(table[0], table[1], table[2:5], table[5].astype(np.float64))


def _counted(columns: Ints) -> Ints:
    """Distinct columns with how often each occurs as a last row."""
    found, count = np.unique(columns, axis=1, return_counts=True)
    return np.vstack([found, count])


def work_shares(
    obs: Observations, accounts: Ints, frames: NDArray[np.int32], lives: Lives
) -> Floats:
    """Part of each member's exchanges that is the operator's work, 0..1, shape (members,).

    Args:
        obs: The population.
        accounts: Members, ascending.
        frames: Identifier positions of the frames that are the work's own, if there are any.
        lives: Ways of life of everybody else.

    Returns:
        NaN for members without any exchange.
    """
    tokens = _Tokens.of(obs, accounts, frames, lives.codes)
    if not len(tokens.count):
        return np.full(len(accounts), np.nan)
    own = _own(tokens, lives)
    sure = tokens.state == 2
    if tokens.count[sure].sum() < SHARES.least_sure:
        sure = np.ones(len(sure), np.bool_)
    work = _as_work(tokens, tokens.count * sure, lives)
    part = np.full((len(accounts), own.shape[1] + 1), 0.5 / own.shape[1])
    part[:, -1] = 0.5
    for _ in range(SHARES.rounds):
        part, mine = _parts(tokens, np.column_stack([own, work]), part)
        work = _as_work(tokens, tokens.count * mine, lives)
    idle = np.bincount(tokens.member, minlength=len(accounts)) == 0
    return np.where(idle, np.nan, part[:, -1])


def _own(tokens: _Tokens, lives: Lives) -> Floats:
    """Log probability of each token in each way of life, shape (tokens, ways)."""
    fit = sum(share[:, code].T for share, code in zip(lives.shares, tokens.at, strict=True))
    return np.asarray(fit) + np.log([0.65, 0.35, 0.001])[tokens.state][:, None]


def _as_work(tokens: _Tokens, weight: Floats, lives: Lives) -> Floats:
    """Log probability of each token under the work that weights describe, shape (tokens,)."""
    state = np.bincount(tokens.state, weight, minlength=3)
    fit = _log_shares(state, np.ones(3))[tokens.state]
    framed = tokens.state == 2
    for kind, groups in enumerate(lives.codes.groups):
        code, base = tokens.at[kind], np.exp(lives.shares[kind]).mean(axis=0)
        # What is asked in frames and outside of them differs; when and of which model does not.
        for inside in (framed, ~framed) if kind == 2 else (np.ones(len(code), np.bool_),):
            told = np.bincount(code, weight * inside, minlength=len(base))
            fit[inside] += _log_shares(told, base, groups)[code[inside]]
    return np.asarray(fit)


def _parts(tokens: _Tokens, fit: Floats, part: Floats) -> tuple[Floats, Floats]:
    """Each member's mixture of all components, and the part of the work in each token."""
    like = np.exp(fit - fit.max(axis=1, keepdims=True))
    width = fit.shape[1]
    usual = SHARES.prior * part.mean(axis=0)
    at = (tokens.member[:, None] * width + np.arange(width)).ravel()
    for _ in range(SHARES.rounds):
        mine = part[tokens.member] * like
        mine /= mine.sum(axis=1, keepdims=True)
        sums = np.bincount(at, (mine * tokens.count[:, None]).ravel(), minlength=part.size)
        part = sums.reshape(part.shape) + usual
        part /= part.sum(axis=1, keepdims=True)
    return part, mine[:, -1]
