"""Types of accounts: a mixture learned from the population, and what it says when two are alike.

Two accounts of one type are no news where the type is common, and some where it is rare; two of
different types speak against one controller, as far as fellows keep to one type. What an account
does too seldom leaves its posterior at the shares π and the ratio at 1: little data says little
(latent class analysis, Lazarsfeld and Henry 1968).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

__all__ = ["Likeness", "Mixture", "Types", "fit_binomial", "fit_profiles"]

_ROUNDS = 10  # of expectation and maximisation; shares move by less than a hundredth after
_FITTED_ON = 4_000  # accounts from which the types are learned; the rest is only told apart
_LEAST_SHARE = 0.01  # no type is taken for rarer, so that one pair's likeness is bounded
_CHUNK = 200_000


@dataclass(frozen=True, eq=False)
class Types:
    """``posterior`` (accounts, types) of each account's type; ``share`` (types,) of each type."""

    posterior: NDArray[np.float32]
    share: NDArray[np.float64]
    name: str = ""

    def kept(
        self, a: NDArray[np.int32], b: NDArray[np.int32], prior: tuple[float, float]
    ) -> NDArray[np.float64]:
        """How much likelier than a stranger a fellow is of the same type, for each type (types,).

        κ in P(fellow of t is of s) = κ(t) [s = t] + (1 - κ(t)) π(s), from pairs known to be
        fellows; shrunk towards ``prior[0]`` as if ``prior[1]`` accounts of the type showed it.
        """
        left, right = self.posterior[a], self.posterior[b]
        ends = np.concatenate([left, right]).astype(np.float64)
        other = np.concatenate([right, left]).astype(np.float64)
        of_type = ends.sum(axis=0)
        excess = ((ends * other).sum(axis=0) - self.share * of_type) / (1 - self.share + 1e-9)
        kept = (excess + prior[0] * prior[1]) / (of_type + prior[1])
        within: NDArray[np.float64] = np.clip(kept, 0.0, 1.0)
        return within

    def likeness(self, kept: NDArray[np.float64]) -> Likeness:
        """What pairs of these accounts say, once it is known how far fellows keep to each type."""
        scaled = (self.posterior * np.sqrt(kept / self.share)).astype(np.float32)
        return Likeness(scaled, self.posterior.astype(np.float64) @ kept)

    def ratio(
        self, a: NDArray[np.int32], b: NDArray[np.int32], kept: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Likelihood ratio of each pair's behaviour, see ``Likeness.ratio``."""
        return self.likeness(kept).ratio(a, b)


@dataclass(frozen=True, eq=False)
class Likeness:
    """Types made ready for pairs: posteriors scaled by sqrt(κ / π), and the κ of each account."""

    scaled: NDArray[np.float32]
    own: NDArray[np.float64]

    def ratio(self, a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.float64]:
        """Likelihood ratio of each pair's behaviour, one controller against none, (pairs,).

        Σ_ts p_a(t) p_b(s) P(t, s | fellows) / (π(t) π(s)), with κ as in ``Types.kept``.
        """
        found = np.empty(len(a))
        for low in range(0, len(a), _CHUNK):
            part = slice(low, low + _CHUNK)
            found[part] = np.einsum("ij,ij->i", self.scaled[a[part]], self.scaled[b[part]])
        return found + 1 - (self.own[a] + self.own[b]) / 2


@dataclass(frozen=True, eq=False)
class Mixture:
    """Types as they were learned: what each kind of event says of each type, and their shares.

    ``told``: log-likelihood of an event of each bin, shape (bins, types); ``share`` (types,), none
    below the least. ``of`` tells accounts apart that it was not learned from, too.
    """

    told: NDArray[np.float64]
    share: NDArray[np.float64]

    def of(self, events: NDArray[np.float64]) -> NDArray[np.float32]:
        """P(type) of accounts from their events by bin, (accounts, bins) → (accounts, types)."""
        return _posterior(_loglik(events, self.told), self.share).astype(np.float32)

    def types(self, events: NDArray[np.float64], name: str = "") -> Types:
        """The types of accounts by their events, shape (accounts, bins)."""
        return Types(self.of(events), self.share, name)


def fit_profiles(counts: NDArray[np.float64], start: NDArray[np.float64]) -> Mixture:
    """Types of accounts by where their events fall, e.g. in which hours of the week.

    Args:
        counts: Independent events by account and bin, shape (accounts, bins).
        start: The profile of each type to begin with, shape (types, bins), rows sum to 1.

    Returns:
        A multinomial mixture, fitted by expectation and maximisation.
    """
    busy = counts[counts.any(axis=1)]
    some = busy[:: max(1, -(-len(busy) // _FITTED_ON))]
    profile, share = start, np.full(len(start), 1 / len(start))
    for _ in range(_ROUNDS if len(some) else 0):
        belongs = _posterior(some @ np.log(profile).T, share)
        share = belongs.mean(axis=0)
        # One event of the first profile in each bin: a type may not forbid an hour it never saw.
        weight = belongs.T @ some + start * start.shape[1]
        profile = weight / weight.sum(axis=1, keepdims=True)
    return Mixture(np.log(profile).T, _floored(share))


def fit_binomial(tries: NDArray[np.float64], rates: tuple[float, ...]) -> Mixture:
    """Types of accounts by the share of their events that are hits, on a fixed grid of shares.

    Args:
        tries: Hits and misses of each account, shape (accounts, 2).
        rates: The share of hits in each type.
    """
    rate = np.array(rates)
    told = np.array([np.log(rate), np.log1p(-rate)])
    loglik = _loglik(tries, told)
    seen = tries.any(axis=1)
    share = np.full(len(rate), 1 / len(rate))
    for _ in range(_ROUNDS):
        if seen.any():
            share = _posterior(loglik[seen], share).mean(axis=0)
    return Mixture(told, _floored(share))


def _loglik(events: NDArray[np.float64], told: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(told) == 2:
        return np.outer(events[:, 0], told[0]) + np.outer(events[:, 1], told[1])
    found: NDArray[np.float64] = events @ told
    return found


def _posterior(loglik: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    joint = loglik + np.log(np.maximum(share, 1e-12))
    normed: NDArray[np.float64] = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
    return normed


def _floored(share: NDArray[np.float64]) -> NDArray[np.float64]:
    floored: NDArray[np.float64] = np.maximum(share, _LEAST_SHARE)
    floored /= floored.sum()
    return floored
