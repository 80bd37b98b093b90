"""Assessments in words: reasons for and against the lead, a sentence for each innocent cause."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graph_models.assessment.ledger import LEAST_BITS, LINES, Ledgers
from graph_models.assessment.verdicts import INNOCENT
from graph_models.inference import ASSESSMENTS, Reason

__all__ = ["leaning", "reasons", "sentences"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CAMPAIGN = ASSESSMENTS.index("campaign")
_NAMES = np.array([line.name for line in LINES])
_BY_NAME = np.argsort(_NAMES, kind="stable")
_RANK = np.argsort(_BY_NAME)
_CLEAR = 1.0  # bits from which a line is named for or against an innocent explanation


def leaning(book: Ledgers, which: Ints) -> Floats:
    """Bits of each line for one explanation against the mean of the others; these add up.

    Args:
        book: The ledgers.
        which: The explanation asked for in each community, shape (communities,).

    Returns:
        Shape (communities, lines).
    """
    says = np.zeros(book.there.shape)
    for each in np.unique(which).tolist():
        rows = which == each
        bits = book.bits[rows]
        says[rows] = bits[:, :, each] - np.delete(bits, each, axis=2).mean(axis=2)
    return says


def reasons(book: Ledgers, says: Floats) -> list[tuple[Reason, ...]]:
    """The lines that say anything, the weightiest first, then by name.

    Args:
        book: The ledgers.
        says: What each line says for the lead, shape (communities, lines).
    """
    row, line = np.nonzero(book.there & (np.abs(says) >= LEAST_BITS / 2))
    bits = np.array([round(value, 3) for value in says[row, line].tolist()])
    shown = np.abs(bits) >= LEAST_BITS
    row, line, bits = row[shown], line[shown], bits[shown]
    text = _texts(book, row, line)
    order = np.lexsort((_RANK[line], -np.abs(bits), row))
    families = np.array([one.family.value for one in LINES], dtype=object)[line]
    told = list(map(Reason, text[order].tolist(), bits[order].tolist(), families[order].tolist()))
    ends = np.cumsum(np.bincount(row, minlength=len(says))).tolist()
    return [tuple(told[low:high]) for low, high in zip([0, *ends[:-1]], ends, strict=True)]


def sentences(book: Ledgers, probabilities: Floats) -> list[tuple[str, ...]]:
    """A sentence for every explanation but a campaign, most probable first.

    Args:
        book: The ledgers.
        probabilities: Shape (communities, 7).
    """
    innocent = [at for at in range(len(ASSESSMENTS)) if at != _CAMPAIGN]
    told = np.empty(probabilities.shape, dtype=object)
    for which in innocent:
        told[:, which] = _sentence(book, which, probabilities[:, which])
    order = np.argsort(-probabilities, axis=1, kind="stable")
    kept = order[order != _CAMPAIGN].reshape(len(order), len(innocent))
    chosen = np.take_along_axis(told, kept, axis=1)
    return [tuple(row) for row in chosen.tolist()]


def _sentence(book: Ledgers, which: int, probability: Floats) -> list[str]:
    says = leaning(book, np.full(len(probability), which))[:, _BY_NAME]
    there = book.there[:, _BY_NAME]
    most = np.where(there, says, -np.inf)[:, ::-1].argmax(axis=1)
    best, worst = len(LINES) - 1 - most, np.where(there, says, np.inf).argmin(axis=1)
    rows = np.arange(len(says))
    speaks = there.any(axis=1)
    for_it = speaks & (says[rows, best] >= _CLEAR) & (book.bits[rows, _BY_NAME[best], which] > 0)
    against = speaks & (says[rows, worst] <= -_CLEAR)
    more = _added(book, "For", np.where(for_it, _BY_NAME[best], -1))
    less = _added(book, "Against", np.where(against, _BY_NAME[worst], -1))
    known = INNOCENT[ASSESSMENTS[which]]
    return [
        f"{known} ({chance:.2f}).{one}{other}"
        for chance, one, other in zip(probability.tolist(), more, less, strict=True)
    ]


def _added(book: Ledgers, word: str, line: Ints) -> list[str]:
    """What one line says, or nothing where it is -1."""
    told = np.full(len(line), "", dtype=object)
    row = np.flatnonzero(line >= 0)
    told[row] = [f" {word} it: {text}" for text in _texts(book, row, line[row]).tolist()]
    added: list[str] = told.tolist()
    return added


def _texts(book: Ledgers, row: Ints, line: Ints) -> NDArray[np.object_]:
    """The sentence of a line for each of some (community, line)."""
    text = np.empty(len(row), dtype=object)
    for at in np.unique(line).tolist():
        some = line == at
        text[some] = book.texts(at, row[some])
    return text
