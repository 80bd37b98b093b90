"""Which of the frames that a prompt holds is its template.

A prompt may hold several: its template, a greeting in front, a passage that other templates quote
too. The one with the most matched shingles is taken, unless it is *content*: a unit that meets each
of its companions about once, as a quoted passage does, gives way to a companion that stands at an
edge of the text or has more support.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.prompts.joins import Corpus, Units, list_present

__all__ = ["chosen_units"]

COMMON = 0.05  # share of all prompts above which a frame weighs less against a rarer one
LEAST_WEIGHT = 0.5  # a template that fills half the corpus still outweighs its own short slots
LEAST_CORPUS = 2000  # prompts; fewer do not show what everybody says
COINCIDENCE = 2  # prompts that two units share by chance: a template meets a passage once or twice
CONTENT = 0.25  # a unit that gives way in most of its prompts is no template in the others either
NESTED = 0.8  # share of a variant's prompts that hold the shared part too
VARIANTS = 3  # wordings of one part; a greeting has more templates behind it
FILLED = 0.9  # share of the shared part's prompts that its variants account for
ROUNDS = 4  # a prompt seldom quotes more than three passages


@dataclass(frozen=True)
class Present:
    """Rows (prompt, unit, score), sorted by prompt."""

    prompt: NDArray[np.int32]
    unit: NDArray[np.int32]
    score: NDArray[np.float64]

    def only(self, rows: NDArray[np.bool_]) -> Present:
        """The rows where ``rows`` is true."""
        return Present(self.prompt[rows], self.unit[rows], self.score[rows])


def chosen_units(corpus: Corpus, units: Units, at_edge: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The unit of each prompt, or -1.

    Args:
        corpus: the prompts.
        units: candidate frames, numbered by their smallest shingle hash.
        at_edge: for each unit, whether it begins or ends its texts.
    """
    prompts = len(corpus.offsets) - 1
    present = _listed(corpus, units, prompts)
    rank = units.support + at_edge * (prompts + 1)
    for _ in range(ROUNDS):
        top = _top(present, units, prompts)
        content = _content(present, top, rank)
        if not content.any():
            break
        present = present.only(~content[present.unit])
    return _joined_variants(present, _top(present, units, prompts), units)


def _listed(corpus: Corpus, units: Units, prompts: int) -> Present:
    nothing = np.empty(0, np.int32)
    room = list_present(corpus, units, nothing, nothing, nothing)
    prompt, unit, matched = (np.empty(room, np.int32) for _ in range(3))
    if room:
        list_present(corpus, units, prompt, unit, matched)
    # A greeting that everybody uses names no template.
    share = np.maximum(units.support, 1) / max(prompts, LEAST_CORPUS)
    rarity = np.log2(share) / np.log2(COMMON)
    return Present(prompt, unit, matched * np.clip(rarity, LEAST_WEIGHT, 1.0)[unit])


def _top(present: Present, units: Units, prompts: int) -> NDArray[np.int32]:
    """The unit with the best score; equal ones by support, then by number."""
    order = np.lexsort(
        (-present.unit, units.support[present.unit], present.score, present.prompt)
    )  # the last of each prompt wins
    top = np.full(prompts, -1, np.int32)
    top[present.prompt[order]] = present.unit[order]
    return top


def _content(
    present: Present, top: NDArray[np.int32], rank: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which units are quoted matter: on top, but outranked by chance companions in most prompts."""
    first = top[present.prompt]
    rows = np.flatnonzero(rank[present.unit] > rank[first])
    pair = first[rows].astype(np.int64) * len(rank) + present.unit[rows]
    _, inverse, met = np.unique(pair, return_inverse=True, return_counts=True)
    outranked = np.unique(present.prompt[rows[met[inverse] <= COINCIDENCE]])
    on_top = np.bincount(top[top >= 0], minlength=len(rank))
    gave_way = np.bincount(top[outranked], minlength=len(rank))
    return gave_way > CONTENT * on_top


def _joined_variants(present: Present, top: NDArray[np.int32], units: Units) -> NDArray[np.int32]:
    """Give prompts to the part that a few wordings share, when these fill it together."""
    count = len(units.sizes)
    first = top[present.prompt]
    rows = np.flatnonzero(units.support[present.unit] > units.support[first])
    pair = first[rows].astype(np.int64) * count + present.unit[rows]
    pair, met = np.unique(pair, return_counts=True)
    variant, shared = pair // max(count, 1), pair % max(count, 1)
    close = (met >= NESTED * units.support[variant]) & (
        2 * units.sizes[shared] >= units.sizes[variant]
    )
    variant, shared, met = variant[close], shared[close], met[close]
    few = np.bincount(shared, minlength=count) <= VARIANTS
    filled = np.bincount(shared, weights=met, minlength=count) >= FILLED * units.support
    taken = np.flatnonzero((few & filled)[shared])
    taken = taken[np.lexsort((-shared[taken], units.support[shared[taken]]))]  # the last wins
    unit_of = np.arange(-1, count)  # shifted by one, so that -1 stays
    unit_of[variant[taken] + 1] = shared[taken]
    return unit_of[top + 1].astype(np.int32)
