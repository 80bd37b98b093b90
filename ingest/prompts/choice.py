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

__all__ = [
    "COMMON",
    "LEAST_CORPUS",
    "LEAST_WEIGHT",
    "Frames",
    "Scored",
    "choose",
    "chosen_units",
]

COMMON = 0.05  # share of all prompts above which a frame weighs less against a rarer one
LEAST_WEIGHT = 0.5  # a template that fills half the corpus still outweighs its own short slots
LEAST_CORPUS = 2000  # prompts; fewer do not show what everybody says
COINCIDENCE = 2  # prompts that two units share by chance: a template meets a passage once or twice
CONTENT = 0.25  # a unit that gives way in most of its prompts is no template in the others either
ALIKE = 0.5  # shingles of a sketch: half of them suffice, as windows overlap
NESTED = 0.8  # share of a variant's prompts that hold the shared part too
VARIANTS = 3  # wordings of one part; a greeting has more templates behind it
FILLED = 0.9  # share of the shared part's prompts that its variants account for
ROUNDS = 4  # a prompt seldom quotes more than three passages


@dataclass(frozen=True)
class Scored:
    """Rows (prompt, unit, score), sorted by prompt."""

    prompt: NDArray[np.int32]
    unit: NDArray[np.int32]
    score: NDArray[np.float64]

    def only(self, rows: NDArray[np.bool_]) -> Scored:
        """The rows where ``rows`` is true."""
        return Scored(self.prompt[rows], self.unit[rows], self.score[rows])


@dataclass(frozen=True)
class Frames:
    """What is known of each unit: prompts that hold it, its length, whether it stands at an edge.

    ``content``: a unit that gives way in more than this share of the prompts where it is on top is
    no template in the others either. ``alike``: a shared part that is at least so long, as a share
    of a variant, makes variants one template.
    """

    support: NDArray[np.int32]
    length: NDArray[np.float64]
    at_edge: NDArray[np.bool_]
    content: float
    alike: float


def chosen_units(corpus: Corpus, units: Units, at_edge: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The unit of each prompt, or -1, from sketches.

    Args:
        corpus: the prompts.
        units: candidate frames, numbered by their smallest shingle hash.
        at_edge: for each unit, whether it begins or ends its texts.
    """
    prompts = len(corpus.offsets) - 1
    frames = Frames(units.support, units.sizes.astype(float), at_edge, CONTENT, ALIKE)
    return choose(_listed(corpus, units, prompts), frames, prompts)


def choose(scored: Scored, frames: Frames, prompts: int) -> NDArray[np.int32]:
    """The frame of each of ``prompts`` prompts, or -1, from candidates with scores."""
    rank = frames.support + frames.at_edge * (prompts + 1)
    for _ in range(ROUNDS):
        top = _top(scored, frames.support, prompts)
        content = _content(scored, top, rank, frames.content)
        if not content.any():
            break
        scored = scored.only(~content[scored.unit])
    return _joined_variants(scored, _top(scored, frames.support, prompts), frames)


def _listed(corpus: Corpus, units: Units, prompts: int) -> Scored:
    nothing = np.empty(0, np.int32)
    room = list_present(corpus, units, nothing, nothing, nothing)
    prompt, unit, matched = (np.empty(room, np.int32) for _ in range(3))
    if room:
        list_present(corpus, units, prompt, unit, matched)
    # A greeting that everybody uses names no template.
    share = np.maximum(units.support, 1) / max(prompts, LEAST_CORPUS)
    rarity = np.log2(share) / np.log2(COMMON)
    return Scored(prompt, unit, matched * np.clip(rarity, LEAST_WEIGHT, 1.0)[unit])


def _top(scored: Scored, support: NDArray[np.int32], prompts: int) -> NDArray[np.int32]:
    """The unit with the best score; equal ones by support, then by number."""
    order = np.lexsort(
        (-scored.unit, support[scored.unit], scored.score, scored.prompt)
    )  # the last of each prompt wins
    top = np.full(prompts, -1, np.int32)
    top[scored.prompt[order]] = scored.unit[order]
    return top


def _content(
    scored: Scored, top: NDArray[np.int32], rank: NDArray[np.int64], share: float
) -> NDArray[np.bool_]:
    """Which units are quoted matter: on top, but outranked by chance companions in most prompts."""
    first = top[scored.prompt]
    rows = np.flatnonzero(rank[scored.unit] > rank[first])
    pair = first[rows].astype(np.int64) * len(rank) + scored.unit[rows]
    _, inverse, met = np.unique(pair, return_inverse=True, return_counts=True)
    outranked = np.unique(scored.prompt[rows[met[inverse] <= COINCIDENCE]])
    on_top = np.bincount(top[top >= 0], minlength=len(rank))
    gave_way = np.bincount(top[outranked], minlength=len(rank))
    return gave_way > share * on_top


def _joined_variants(scored: Scored, top: NDArray[np.int32], frames: Frames) -> NDArray[np.int32]:
    """Give prompts to the part that a few wordings share, when these fill it together."""
    count = len(frames.support)
    first = top[scored.prompt]
    rows = np.flatnonzero(frames.support[scored.unit] > frames.support[first])
    pair = first[rows].astype(np.int64) * count + scored.unit[rows]
    pair, met = np.unique(pair, return_counts=True)
    variant, shared = pair // max(count, 1), pair % max(count, 1)
    close = (met >= NESTED * frames.support[variant]) & (
        frames.length[shared] >= frames.alike * frames.length[variant]
    )
    variant, shared, met = variant[close], shared[close], met[close]
    few = np.bincount(shared, minlength=count) <= VARIANTS
    filled = np.bincount(shared, weights=met, minlength=count) >= FILLED * frames.support
    taken = np.flatnonzero((few & filled)[shared])
    taken = taken[np.lexsort((-shared[taken], frames.support[shared[taken]]))]  # the last wins
    unit_of = np.arange(-1, count)  # shifted by one, so that -1 stays
    unit_of[variant[taken] + 1] = shared[taken]
    return unit_of[top + 1].astype(np.int32)
