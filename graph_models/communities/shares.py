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
_MOST = 600.0  # log of what the work may explain a token better: more has no number


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
            used += np.bincount(layer.value, layer.count[:], minlength=len(layer.position))
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
    made = ground.traffic.made(accounts[read])
    scene = _Scene(ground.traffic, frames, lives, _states(context, accounts, frames, ground))
    part = _divided(scene, accounts[read], made)
    usual = part[read.sum() :]
    rarity = -np.log2(_at_least(usual, part[: len(made)]))
    parts, bits = np.full(len(accounts), np.nan), np.full(len(accounts), np.nan)
    parts[read] = np.where(made > 0, part[: len(made)], np.nan)
    bits[read] = np.where(made >= SHARES.min_exchanges, rarity, np.nan)
    return Division(parts, bits)


@dataclass(frozen=True, eq=False)
class _Scene:
    """What the exchanges of any account are held against: other lives, and frames of the work."""

    traffic: Traffic
    frames: NDArray[np.int32]
    lives: Lives
    states: Floats

    def fit(self, accounts: Ints) -> _Fit:
        """How well each way of life explains each token of some accounts, ascending."""
        tokens = self.traffic.tokens(accounts, self.frames)
        return _Fit.of(tokens, self.lives, _own(tokens, self.lives, self.states))


def _divided(scene: _Scene, accounts: Ints, made: Ints) -> Floats:
    """What the work is of the traffic of members, and then of others who live ordinary lives.

    Of very many exchanges the work is learned from members at even steps; it then is the same for
    all, and so each member's part can be told a few at a time.
    """
    step = max(1, int(np.ceil(made.sum() / SHARES.learned_exchanges)))
    learners = accounts[::step]
    part, work = _learned(scene.fit(learners), len(learners), scene.lives)
    usual = part.mean(axis=0)
    asked = [scene.lives.some]
    if step > 1:
        turn = np.cumsum(made) // SHARES.learned_exchanges
        asked = [*np.split(accounts, np.flatnonzero(np.diff(turn)) + 1), *asked]
    start = [np.tile(usual, (len(some), 1)) for some in asked]
    told = [
        scene.fit(some).parts(work, begin)[0][:, -1]
        for some, begin in zip(asked, start, strict=True)
    ]
    return np.concatenate([part[:, -1], *told] if step == 1 else told)


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


@dataclass(frozen=True, eq=False)
class _Fit:
    """Tokens of some accounts, and how likely each way of life makes them.

    ``like`` (tokens, ways + 1): relative to the best way, whose log likelihood is ``best``
    (tokens,); the last column is of the work that is asked about.
    """

    tokens: Tokens
    lives: Lives
    like: Floats
    best: Floats

    @classmethod
    def of(cls, tokens: Tokens, lives: Lives, own: Floats) -> _Fit:
        """From log likelihoods of the ways of life, shape (tokens, ways)."""
        like, best = np.empty((len(own), own.shape[1] + 1)), own.max(axis=1)
        np.exp(own - best[:, None], out=like[:, :-1])
        return cls(tokens, lives, like, best)

    def parts(self, work: _Work, part: Floats) -> tuple[Floats, Floats]:
        """Each account's mixture of ways and work, and the part of the work in each token."""
        more = _as_work(self.tokens, work, self.lives) - self.best
        np.exp(np.minimum(more, _MOST), out=self.like[:, -1])
        prior = SHARES.prior * part.mean(axis=0)
        member, count = self.tokens.member, self.tokens.count
        return shared_out(member, count, self.like, part, prior=prior, rounds=SHARES.rounds)


def _learned(fit: _Fit, members: int, lives: Lives) -> tuple[Floats, _Work]:
    """Mixture of every member over the ways of life and the work (last), and the work."""
    tokens, ways = fit.tokens, fit.like.shape[1] - 1
    sure = tokens.state == 2
    if tokens.count[sure].sum() < SHARES.least_sure:
        sure = np.ones(len(sure), np.bool_)
    work = _work_of(tokens, tokens.count * sure, lives)
    part = np.full((members, ways + 1), 0.5 / ways)
    part[:, -1] = 0.5
    for _ in range(SHARES.rounds):
        part, mine = fit.parts(work, part)
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
