"""How probable it is that a member belongs: the traces of its place, weighed by a learned table.

A bootstrap alone says how firmly an account stands where it stands, not whether it should: chance
pairs stand firmly, too. So what the community is worth against rewired worlds, what each member
loses with a family, and its part in what is shared are weighed together by a logistic regression
whose weights are learned on worlds with truth (``MEMBERSHIP``), never on the data at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities.groups import Groups
from graph_models.communities.rules import BEHAVIOUR, MEMBERSHIP
from graph_models.communities.stability import Stability
from graph_models.communities.work import Work
from graph_models.curves import curve_named
from graph_models.linking import LinkContext

__all__ = ["TRACES", "Footing", "belief", "footing", "standing", "tiers", "traces"]

Floats = NDArray[np.float64]

TRACES: tuple[str, ...] = tuple(MEMBERSHIP.weights)


@dataclass(frozen=True, eq=False)
class Footing:
    """How accounts stand in their communities, all arrays (accounts,).

    ``tie``: best probability that joins the account to a fellow. ``support``: its bits to fellows
    against the median member's. ``placed``: whether it shares infrastructure with a fellow.
    ``fell``: families whose loss the community survives and the account's place does not.
    """

    stability: Stability
    tie: Floats
    support: Floats
    placed: NDArray[np.bool_]
    fell: NDArray[np.int64]


def footing(
    links: pd.DataFrame,
    groups: Groups,
    stability: Stability,
    *,
    placed: NDArray[np.bool_],
    fell: NDArray[np.int64],
) -> Footing:
    """Gather what links say of each account's place.

    Args:
        links: Columns a, b, millibits, weight.
        groups: The communities.
        stability: What held when identifiers were lost.
        placed: See ``Footing``.
        fell: See ``Footing``.
    """
    label = np.full(len(placed), -1, np.int64)
    label[groups.account] = groups.code
    a, b = links["a"].to_numpy(), links["b"].to_numpy()
    inside = (label[a] == label[b]) & (label[a] >= 0)
    bits = links["millibits"].to_numpy(np.float64)[inside]
    tie, total = np.zeros(len(placed)), np.zeros(len(placed))
    for end in (a[inside], b[inside]):
        np.maximum.at(tie, end, links["weight"].to_numpy()[inside])
        total += np.bincount(end, weights=bits, minlength=len(placed))
    usual = np.maximum(groups.median(total[groups.account]), 1.0)
    part = np.zeros(len(placed))
    part[groups.account] = total[groups.account] / usual[groups.code]
    return Footing(stability, tie, part, placed, fell)


def traces(
    context: LinkContext,
    found: Footing,
    groups: Groups,
    *,
    real: Floats,
    works: Mapping[int, Work],
) -> Floats:
    """What is known of each member's place, shape (members, len(TRACES)); more is better.

    Args:
        context: The population.
        found: How accounts stand.
        groups: The communities with their members.
        real: Probability that chance did not make each community, shape (communities,).
        works: The common work of those that have any, by number of the community.
    """
    accounts = groups.account
    part, aside = np.ones(len(accounts)), np.zeros(len(accounts))
    for code, work in works.items():
        rows = slice(groups.start[code], groups.start[code + 1])
        usual = max(float(np.median(work.share[work.worker])), 1e-9)
        part[rows] = np.where(work.idle, 1.0, work.share / usual)
        aside[rows] = _hangers_on(context, found, accounts[rows], work)
    columns = {
        "real": _log_odds(real)[groups.code],
        "stood": _log_odds(found.stability.member[accounts]),
        "fell": -np.minimum(found.fell[accounts], 3).astype(np.float64),
        "support": np.log2(np.clip(found.support[accounts], 1 / 16, 1.0)),
        "tie": _log_odds(found.tie[accounts]),
        "work": np.log2(np.clip(part, 1 / 16, 1.0)),
        "aside": -aside,
    }
    return np.column_stack([columns[name] for name in TRACES])


def standing(traced: Floats) -> Floats:
    """Weighed traces of each member in bits, shape (members,): a score, before it is calibrated."""
    weights = np.array([MEMBERSHIP.weights[name] for name in TRACES])
    score: Floats = (MEMBERSHIP.intercept + traced @ weights) / np.log(2)
    return score


def tiers(traced: Floats) -> NDArray[np.str_]:
    """Tier of each member, "core", "probable" or "possible", by its standing, shape (members,).

    Tiers are ranks: on tuning worlds a probable member of a campaign is nearly always of it, while
    one of a community that chance made seldom belongs. Confidence, which speaks of both, does not
    decide whom an accusation reaches; the assessment of the community does.
    """
    rank = 1 / (1 + np.exp2(-standing(traced)))
    return np.select(
        [rank >= MEMBERSHIP.core, rank >= MEMBERSHIP.probable],
        ["core", "probable"],
        default="possible",
    )


def belief(traced: Floats) -> Floats:
    """Probability that each member belongs, shape (members,), as worlds with truth bear it out."""
    return curve_named("member").chance(standing(traced))


def _log_odds(share: Floats) -> Floats:
    """Log odds of a share, of which a twentieth either way is never known."""
    sure = np.clip(share, 0.05, 0.95)
    odds: Floats = np.log(sure / (1 - sure))
    return odds


def _hangers_on(
    context: LinkContext, found: Footing, accounts: NDArray[np.int64], work: Work
) -> NDArray[np.bool_]:
    """Members tied to a community of shared infrastructure by a few of its prompts alone.

    Frames leak and are copied: who uses some, does mostly other work or hardly any, and shares no
    card, device or address with anybody inside may be a stranger. So may one who does share some
    but hardly takes part: a card used once by somebody else is the cheapest way to frame its owner.
    """
    done = work.share * context.population.exchanges[accounts]
    little = done < BEHAVIOUR.little * np.median(done[work.worker])
    apart = work.share < BEHAVIOUR.apart * np.median(work.share[work.worker])
    aside: NDArray[np.bool_] = little & apart & ~work.idle
    placed = found.placed[accounts]
    if placed.mean() >= 0.5:
        aside |= ~placed & ((work.share < 0.5) | work.idle)
    return aside
