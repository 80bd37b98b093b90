"""What part of each member's traffic is the operator's work, and what part its own life.

Every exchange of a member is drawn from the operator's work or from one of a few ways of life that
the rest of the population shows (a mixed-membership model: each account has its own mixture of the
same components; Blei, Ng and Jordan 2003, with all components but one learned beforehand). The work
is learned from the members alone: exchanges in frames that only they use are certainly of it, and
tell at which hours, with which models and for which tasks it is done, so that its share is also
known of exchanges whose prompt says nothing: paraphrased, camouflaged or not stored at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph_models.communities.groups import entries
from graph_models.communities.kernels import shared_out
from graph_models.communities.lives import Lives, log_shares, tallied
from graph_models.communities.rules import SHARES
from graph_models.communities.traffic import Tokens, Traffic
from graph_models.linking import LinkContext
from graph_models.observations import RowsOf

__all__ = ["Division", "Ground", "divided"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Division:
    """How the traffic of some members divides, both (members,).

    ``part``: what the operator's work is of each member's exchanges, 0..1; NaN without exchanges.
    ``bits``: how rarely an ordinary account does at least that much of it, -log2 of their share;
    NaN for members with too few exchanges to tell.
    """

    part: Floats
    bits: Floats


@dataclass(frozen=True, eq=False)
class Ground:
    """What every campaign is divided against: lives of others, and what was read of anybody.

    ``used`` (frames,): exchanges in each frame, by anybody; ``made``: exchanges of everybody.
    """

    lives: Lives
    traffic: Traffic
    used: Floats
    made: float

    @classmethod
    def of(
        cls,
        context: LinkContext,
        lives: Lives,
        accounts: Ints,
        *,
        exchanges_of: RowsOf | None = None,
    ) -> Ground:
        """Read the exchanges of members of campaigns and of the innocents to compare with.

        ``exchanges_of``: who holds some of them already, if anybody does.
        """
        every = np.unique(np.concatenate([accounts, lives.some]))
        layer = context.layer("prompt_cluster")
        used = np.zeros(0 if layer is None else len(layer.position))
        if layer is not None:
            used += np.bincount(layer.value, layer.count, minlength=len(layer.position))
        traffic = Traffic.read(context.obs, every, lives.codes, exchanges_of=exchanges_of)
        return cls(lives, traffic, used, float(context.population.exchanges.sum()))


def divided(
    context: LinkContext,
    accounts: Ints,
    frames: NDArray[np.int32],
    lives: Lives,
    *,
    ground: Ground | None = None,
) -> Division:
    """Divide the traffic of a campaign's members between its work and their own lives.

    Args:
        context: The population.
        accounts: Members, ascending.
        frames: Identifier positions of the frames that are the work's own, if there are any.
        lives: Ways of life of everybody else.
        ground: What was read before; members of whom nothing was are not divided (NaN).
    """
    ground = ground or Ground.of(context, lives, accounts)
    read = np.isin(accounts, ground.traffic.accounts)
    tokens = ground.traffic.tokens(accounts[read], frames)
    states = _states(context, accounts, frames, ground)
    part, work = _learned(tokens, int(read.sum()), lives, states)
    others = ground.traffic.tokens(lives.some, frames)
    start = np.tile(part.mean(axis=0), (len(lives.some), 1))
    fit = np.column_stack([_own(others, lives, states), _as_work(others, work, lives)])
    usual = _parts(others, fit, start)[0][:, -1]
    made = np.bincount(tokens.member, tokens.count, minlength=len(part))
    enough = made >= SHARES.min_exchanges
    rarity = -np.log2(_at_least(usual, part[:, -1]))
    parts, bits = np.full(len(accounts), np.nan), np.full(len(accounts), np.nan)
    parts[read] = np.where(made > 0, part[:, -1], np.nan)
    bits[read] = np.where(enough, rarity, np.nan)
    return Division(parts, bits)


def _at_least(values: Floats, limits: Floats) -> Floats:
    """Share of the values that reach each limit, never quite zero."""
    reach = len(values) - np.searchsorted(np.sort(values), limits, side="left")
    return np.asarray((reach + 0.5) / (len(values) + 0.5), np.float64)


@dataclass(frozen=True, eq=False)
class _Work:
    """Log shares of the operator's work: of states, and of codes in frames and outside of them."""

    states: Floats
    inside: tuple[Floats, ...]
    outside: tuple[Floats, ...]


def _learned(tokens: Tokens, members: int, lives: Lives, states: Floats) -> tuple[Floats, _Work]:
    """Mixture of every member over the ways of life and the work (last), and the work."""
    own = _own(tokens, lives, states)
    sure = tokens.state == 2
    if tokens.count[sure].sum() < SHARES.least_sure:
        sure = np.ones(len(sure), np.bool_)
    work = _work_of(tokens, tokens.count * sure, lives)
    part = np.full((members, own.shape[1] + 1), 0.5 / own.shape[1])
    part[:, -1] = 0.5
    for _ in range(SHARES.rounds):
        part, mine = _parts(tokens, np.column_stack([own, _as_work(tokens, work, lives)]), part)
        work = _work_of(tokens, tokens.count * mine, lives)
    return part, work


def _work_of(tokens: Tokens, weight: Floats, lives: Lives) -> _Work:
    """The work that weights of tokens describe."""
    state = tallied(tokens.state, weight, 3)
    framed = tokens.state == 2
    tables: tuple[list[Floats], list[Floats]] = ([], [])
    for kind, (code, groups) in enumerate(zip(tokens.at, lives.codes.groups, strict=True)):
        base = np.exp(lives.shares[kind]).mean(axis=0)
        for table, within in zip(tables, (framed, ~framed), strict=True):
            # What is asked in frames and outside of them differs; when, and of which model, not.
            told = weight * within if kind == len(tokens.at) - 1 else weight
            table.append(log_shares(tallied(code, told, len(base)), base, groups))
    return _Work(log_shares(state, np.ones(3)), tuple(tables[0]), tuple(tables[1]))


def _as_work(tokens: Tokens, work: _Work, lives: Lives) -> Floats:
    """Log probability of each token under the work, shape (tokens,)."""
    fit = np.asarray(work.states[tokens.state] * float(lives.told[-1]))
    framed = tokens.state == 2
    for code, told, *shares in zip(tokens.at, lives.told, work.inside, work.outside, strict=True):
        fit += np.where(framed, shares[0][code], shares[1][code]) * told
    return fit


def _states(
    context: LinkContext, accounts: Ints, frames: NDArray[np.int32], ground: Ground
) -> Floats:
    """Log shares of others' exchanges in no frame, in any, and in one of the work; shape (3,)."""
    layer = context.layer("prompt_cluster")
    counts = np.array([ground.made - context.population.exchanges[accounts].sum(), 0.0, 0.0])
    if layer is not None:
        _, edge = entries(layer.start, accounts)
        mine = np.bincount(layer.value[edge], layer.count[edge], minlength=len(ground.used))
        inside = np.isin(layer.position, frames)
        counts[1:] = (ground.used - mine)[~inside].sum(), (ground.used - mine)[inside].sum()
        counts[0] -= counts[1:].sum()
    counts = np.maximum(counts, 0) + SHARES.prior
    return np.asarray(np.log(counts / counts.sum()))


def _own(tokens: Tokens, lives: Lives, states: Floats) -> Floats:
    """Log probability of each token in each way of life, shape (tokens, ways)."""
    ways = lives.shares[0].shape[0]
    fit = np.repeat(states[tokens.state][:, None] * lives.told[-1], ways, axis=1)
    for code, share, told in zip(tokens.at, lives.shares, lives.told, strict=True):
        fit += share[:, code].T * told
    return fit


def _parts(tokens: Tokens, fit: Floats, part: Floats) -> tuple[Floats, Floats]:
    """Each member's mixture of all components, and the part of the work in each token."""
    like = np.exp(fit - fit.max(axis=1, keepdims=True))
    prior = SHARES.prior * part.mean(axis=0)
    return shared_out(tokens.member, tokens.count, like, part, prior=prior, rounds=SHARES.rounds)
