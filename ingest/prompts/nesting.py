"""Whole texts → the frame of each: which units are templates, and which only fill a slot.

A unit and all that is bound to it make a candidate. A candidate often stands within a wider one,
its *parent*: a template within the preamble that it shares with others, or a value within the slot
of a template. Which of the two it is, is seen from four signs (``_fillings``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.prompts.bonds import Bonds, Present, Spots, bind, held, measure
from ingest.prompts.choice import COMMON, LEAST_CORPUS, LEAST_WEIGHT, Frames, Scored, choose
from ingest.prompts.frames import LEAST_PROMPTS
from ingest.prompts.joins import Corpus, Units, list_present
from ingest.prompts.recurring import Features
from ingest.prompts.shapes import AT_END, AT_START, LABELLED

__all__ = ["chosen_frames"]

BOUND = 0.6  # as for joins: a majority that a paraphrased part does not undo
SAMPLE = 32  # texts looked at for a bond; a share of 0.6 is then known to within 0.09
VERIFIED = 0.5  # of what a frame adds is in each text given to it: a part alone is an idiom
# Tokens that make a frame: seven in a row, or two phrases; where a text begins or ends five and the
# edge itself; "Translate to French:" with its colon.
LEAST_COVER, LEAST_AT_EDGE, LEAST_LABELLED = 7, 6, 5
# The rarer a frame, the more of it: chance repeats more phrases in a larger corpus. One token
# for each doubling beyond one text in 256.
RARE_BITS, TOKENS_PER_BIT = 8, 1.0
LEAST_OWN = 3.5  # tokens that a template adds to what it shares with others; a value has fewer
OWN_BITS = 3  # and the rarer it is among its parent's texts, the more, as above
SMALL = 1 / 3  # a part inside a frame that is smaller than this is a wording of it or a value
OPEN = 0.8  # a slot is open when fewer of its texts than this hold a value that recurs
FEW = 0.1  # share of the frame's texts: a value that recurs in an open slot is rarer
FREE = 0.3  # of the meetings that chance would bring: then two parts are chosen independently
LEAST_MEETINGS = 2  # expected; below, absence says nothing
PARTS = 8  # parts of one parent that a text is searched for
CONTENT = 0.5  # idioms are candidates too, and stand beside a template by chance
DEPTH = 4  # parents of parents


@dataclass(frozen=True)
class Nested:
    """For each unit its parent (-1: none), the rows of ``measure``, and if it is long enough."""

    parent: NDArray[np.int32]
    cover: NDArray[np.float32]
    own: NDArray[np.float32]
    filling: NDArray[np.float32]
    inside: NDArray[np.float32]
    enough: NDArray[np.bool_]


@dataclass(frozen=True)
class Holders:
    """Rows (text, unit), sorted by text: which units stand in which text."""

    text: NDArray[np.int32]
    unit: NDArray[np.int32]


def chosen_frames(
    corpus: Corpus, features: Features, units: Units, flags: NDArray[np.uint8]
) -> NDArray[np.int32]:
    """The unit that names the frame of each text, or -1.

    Args:
        corpus: the texts.
        features: where their shingles stand, and their digests.
        units: shingles that stand together, numbered by their smallest hash.
        flags: for each unit the flags of its shingles (see ``shapes``).
    """
    texts = len(corpus.offsets) - 1
    holders = _holders(corpus, units)
    offsets = np.searchsorted(holders.text, np.arange(texts + 1))
    present = Present(holders.unit, offsets)
    bonds = bind(present, len(units.sizes), BOUND, SAMPLE)
    of = np.where(corpus.codes >= 0, units.of[corpus.codes], -1) if len(units.of) else corpus.codes
    spots = Spots(of.astype(np.int32), features.places, corpus.offsets)
    whole = _whole_flags(bonds, flags)
    nested = _nested(spots, bonds, units, whole, flags & np.uint8(AT_END))
    varied = _varied(holders, features.digest, len(units.sizes))
    kept = nested.enough & ~_fillings(nested, holders, units.support, varied)
    score = _scores(nested, holders, units.support, texts)
    rows = kept[holders.unit] & (held(present, bonds, nested.parent, units.sizes) >= VERIFIED)
    scored = Scored(holders.text[rows], holders.unit[rows], score[rows])
    edge = (whole & np.uint8(AT_START | AT_END)) != 0
    frames = Frames(units.support, nested.cover.astype(float), edge, CONTENT, 1 - SMALL)
    return choose(scored, frames, texts)


def _holders(corpus: Corpus, units: Units) -> Holders:
    nothing = np.empty(0, np.int32)
    room = list_present(corpus, units, nothing, nothing, nothing)
    text, unit, matched = (np.empty(room, np.int32) for _ in range(3))
    if room:
        list_present(corpus, units, text, unit, matched)
    return Holders(text, unit)


def _whole_flags(bonds: Bonds, flags: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The flags of all that is bound to each unit."""
    owner = _owners(bonds)
    whole = np.zeros(len(bonds.taken), np.uint8)
    for flag in (AT_START, AT_END, LABELLED):
        carries = (flags[bonds.bound] & np.uint8(flag)) != 0
        whole[owner[carries]] |= np.uint8(flag)
    return whole


def _owners(bonds: Bonds) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(bonds.taken)), np.diff(bonds.starts))


def _nested(
    spots: Spots, bonds: Bonds, units: Units, whole: NDArray[np.uint8], to_end: NDArray[np.uint8]
) -> Nested:
    longest = int(spots.place.max(initial=0) >> 3) + 8
    none = np.full(len(bonds.taken), -1, np.int32)
    cover = measure(spots, bonds, none, to_end, longest)[0]
    texts = len(spots.offsets) - 1
    enough = cover >= _least_cover(whole, texts / np.maximum(units.support, 1))
    parent = _parents(bonds, units.support, enough, cover)
    own = measure(spots, bonds, parent, to_end, longest)[1]
    # A value is no parent: what crosses it would be hidden from what stands beside it.
    parent = _parents(bonds, units.support, enough & ((parent < 0) | (own >= LEAST_OWN)), cover)
    cover, own, filling, inside = measure(spots, bonds, parent, to_end, longest)
    return Nested(parent, cover, own, filling, inside, enough)


def _least_cover(whole: NDArray[np.uint8], rarity: NDArray[np.float64]) -> NDArray[np.float64]:
    edge, labelled = (whole & np.uint8(AT_START | AT_END)) != 0, (whole & np.uint8(LABELLED)) != 0
    least = np.where(edge & labelled, LEAST_LABELLED, np.where(edge, LEAST_AT_EDGE, LEAST_COVER))
    bits = np.log2(np.maximum(rarity, 1)) - RARE_BITS
    return np.asarray(least - 0.01 + TOKENS_PER_BIT * np.maximum(bits, 0))


def _parents(
    bonds: Bonds,
    support: NDArray[np.int32],
    able: NDArray[np.bool_],
    cover: NDArray[np.float32],
) -> NDArray[np.int32]:
    """Of the more general units that are bound to each, the able one that covers most, or -1."""
    owner, bound = _owners(bonds), bonds.bound
    general = able[bound] & (support[bound] * BOUND > support[owner])
    owner, bound = owner[general], bound[general]
    order = np.lexsort((-bound, support[bound], cover[bound], owner))  # the last of each wins
    parent = np.full(len(support), -1, np.int32)
    parent[owner[order]] = bound[order]
    return parent


def _varied(holders: Holders, digest: NDArray[np.uint64], count: int) -> NDArray[np.bool_]:
    """Which units stand in texts that differ by more than masked slots."""
    pairs = np.unique(np.stack((holders.unit.astype(np.uint64), digest[holders.text])), axis=1)
    return np.bincount(pairs[0].astype(np.int64), minlength=count) >= LEAST_PROMPTS


def _fillings(
    nested: Nested, holders: Holders, support: NDArray[np.int32], varied: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which units only fill a slot of their parent.

    They add too little; or they are chosen independently of other parts, as two templates never
    are; or they are a small part with the parent's words before and behind; or the rare repeat of
    what stands in an open slot: from edge to edge, or with the parent's words on both sides.
    """
    bits = np.log2(np.maximum(support[nested.parent], 1) / np.maximum(support, 1)) - OWN_BITS
    least = LEAST_OWN + TOKENS_PER_BIT * np.maximum(bits, 0)
    child = (nested.parent >= 0) & (nested.own >= least)
    rows = child[holders.unit]
    unit = holders.unit[rows]
    parent = nested.parent[unit].astype(np.int64)
    family = holders.text[rows].astype(np.int64) * len(support) + parent
    held = np.bincount(np.unique(family) % max(len(support), 1), minlength=len(support))
    opened = (held < OPEN * support)[nested.parent]
    repeat = opened & (np.maximum(nested.filling, nested.inside) >= 0.5 * nested.own)
    repeat &= support < FEW * support[nested.parent]
    small = (nested.inside >= 0.5 * nested.own) & (nested.own < SMALL * nested.cover)
    free = _free(family, unit, nested.parent, support)
    fill = (nested.parent >= 0) & (~child | free | small | repeat | ~varied)
    for _ in range(DEPTH):
        fill = fill | ((nested.parent >= 0) & fill[nested.parent])
    return np.asarray(fill)


def _free(
    family: NDArray[np.int64],
    unit: NDArray[np.int32],
    parent: NDArray[np.int32],
    support: NDArray[np.int32],
) -> NDArray[np.bool_]:
    """Which units meet other children of their parent as often as chance would have it.

    Only children of half their support and more count: that a passage is quoted under both of two
    templates says nothing of these.
    """
    count = len(support)
    met = np.zeros(count)
    order = np.lexsort((unit, family))
    family, unit = family[order], unit[order]
    for shift in range(1, PARTS):
        rows = np.flatnonzero(family[shift:] == family[:-shift])
        for one, other in ((unit[rows], unit[rows + shift]), (unit[rows + shift], unit[rows])):
            met += np.bincount(one[2 * support[other] >= support[one]], minlength=count)
    expected = _expected(np.unique(unit), parent, support)
    return np.asarray((expected >= LEAST_MEETINGS) & (met >= FREE * expected))


def _expected(
    born: NDArray[np.int32], parent: NDArray[np.int32], support: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Meetings of each unit with the children ``born`` of its parent, if all were independent."""
    step = np.int64(support.max(initial=0)) + 1
    key = parent[born] * step + support[born]
    order = np.argsort(key)
    mass = np.concatenate(([0.0], np.cumsum(support[born[order]])))
    least = np.searchsorted(key[order], parent * step + (support + 1) // 2)
    most = np.searchsorted(key[order], (parent + 1) * step)
    others = np.maximum(mass[most] - mass[least] - support, 0)
    return np.asarray(support * others / np.maximum(support[parent], 1))


def _scores(
    nested: Nested, holders: Holders, support: NDArray[np.int32], texts: int
) -> NDArray[np.float64]:
    """How telling the frame of each row of ``holders`` is: tokens times the bits of its support.

    What stands within another frame has at least that frame's score and its own part on top, in the
    texts that hold both; where the wider frame is absent, its own part is all there is. A greeting
    that everybody uses names no template.
    """
    share = np.maximum(support, 1) / max(texts, LEAST_CORPUS)
    rarity = np.clip(np.log2(share) / np.log2(COMMON), LEAST_WEIGHT, 1.0)
    bits = rarity * np.log2(np.maximum(support, 1))
    above, nests = _rows_above(nested, holders), nested.parent[holders.unit] >= 0
    own = nested.own[holders.unit]
    tokens = np.where(nests & (above < 0), own, nested.cover[holders.unit])
    alone = tokens * bits[holders.unit]
    score = alone
    for _ in range(DEPTH):
        score = np.where(above >= 0, np.maximum(alone, score[above] + own), alone)
    return np.asarray(score)


def _rows_above(nested: Nested, holders: Holders) -> NDArray[np.int64]:
    """For each row the row of the same text that holds the unit's parent, or -1."""
    count = np.int64(len(nested.parent))
    key = holders.text * count + holders.unit
    order = np.argsort(key)
    parent = nested.parent[holders.unit]
    wanted = np.where(parent >= 0, holders.text * count + parent, -1)
    at = np.minimum(np.searchsorted(key[order], wanted), max(len(key) - 1, 0))
    found = key[order][at] == wanted if len(key) else np.zeros(0, bool)
    return np.where(found, order[at], -1) if len(key) else np.zeros(0, np.int64)
