"""Classes of common values, learned from who shares them: how many accounts, and for how long each.

What few accounts share speaks by its data sheet. What many share is infrastructure, and what it is
worth depends on how often two accounts of one controller show the same one: the frame of a work
queue nearly always, a carrier's address or a pool's proxy hardly ever. That share is counted, class
by class, on pairs that some *other* family says are fellows – a card or a machine that few accounts
share; where too few such pairs tell, the data sheet does (m-probabilities of Fellegi and Sunter
1969, from pairs that an exclusive value links).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph_models.families import Family
from graph_models.linking.layers import STAYS, Layer
from graph_models.linking.rules import FELLOWS

__all__ = ["ValueClasses", "class_words", "classes_of", "known_classes"]

MANY = 8  # accounts on one value from which it is no household's or small team's any more
_LEVELS = 16  # of doubling degree


@dataclass(frozen=True, eq=False)
class ValueClasses:
    """``code`` (values,): the class of each value, -1 for what few accounts share.

    ``learned`` (classes,): P(a fellow shows it too) of each class; ``given``: that of the rest.
    """

    code: NDArray[np.int64]
    learned: NDArray[np.float64]
    given: float

    @property
    def reuse(self) -> NDArray[np.float64]:
        """P(a fellow shows it too) for each value, shape (values,)."""
        return np.where(self.code >= 0, self.learned[self.code], self.given)


def classes_of(layer: Layer, fellows: NDArray[np.int32]) -> ValueClasses:
    """Count on pairs of fellows how often they share values of each class.

    Every pair tells with one voice of each class, however many values it has there: values of one
    account stand and fall together.

    Args:
        layer: The values to class.
        fellows: Pairs a < b that other families say have one controller, shape (pairs, 2).
    """
    code, total = _codes(layer), _LEVELS * (len(STAYS) + 1)
    a, b = fellows[:, 0].copy(), fellows[:, 1].copy()
    edge = np.flatnonzero((layer.bridging & (code >= 0))[layer.value])
    row = layer.account[edge].astype(np.int64) * total + code[layer.value[edge]]
    shown = np.bincount(row, minlength=layer.accounts * total).reshape(-1, total)
    tries = (shown[a] + shown[b]).astype(np.float64)
    shared = layer.shared(a, b)
    of = code[layer.value[shared.edge_a]]
    both = (shared.pair * total + of)[of >= 0]
    hits = 2.0 * np.bincount(both, minlength=len(a) * total).reshape(-1, total)
    told = tries > 0
    share = np.divide(hits, tries, out=np.zeros_like(hits), where=told).sum(axis=0)
    voices = told.sum(axis=0) + FELLOWS.prior_pairs
    learned = (share + layer.policy.reuse * FELLOWS.prior_pairs) / voices
    learned = np.minimum(np.round(learned, 4), FELLOWS.most_reuse)
    return ValueClasses(code, learned, layer.policy.reuse)


def known_classes(layer: Layer, learned: NDArray[np.float64]) -> ValueClasses:
    """The classes of a layer's values where it is known how often fellows share one of each."""
    return ValueClasses(_codes(layer), learned, layer.policy.reuse)


def _codes(layer: Layer) -> NDArray[np.int64]:
    level = np.minimum(np.log2(np.maximum(layer.degree, 1)).astype(np.int64), _LEVELS - 1)
    return np.where(layer.degree >= MANY, level * (len(STAYS) + 1) + layer.stay, -1)


def class_words(layer: Layer, value: int) -> str:
    """What class a value is of, in words; for places also what that usually is."""
    accounts, stay = int(layer.degree[value]), int(layer.stay[value])
    size = "many" if accounts >= MANY else "few"
    if layer.family is not Family.NETWORK:
        return f"{size} accounts share it"
    usual = {
        ("few", 0): "in passing: a line whose address moves on, or a proxy pool",
        ("few", 1): "for days: a home, office or mobile line, or a proxy",
        ("few", 2): "for weeks: a home, an office or a server of one's own",
        ("many", 0): "in passing: a carrier's shared address, a VPN exit or a proxy pool",
        ("many", 1): "for days: a shared network or a proxy",
        ("many", 2): "for weeks: an office, a campus or a common gateway",
    }
    return f"{size} accounts share it {usual[size, stay]}"
