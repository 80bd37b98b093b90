"""What a signal sees (a view of some pairs) and what it returns (evidence in millibits)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from graph_models.families import Family
from graph_models.linking.context import LinkContext, Population
from graph_models.linking.layers import Layer, Shared

__all__ = ["Evidence", "PairView", "bare", "evidence", "stacked"]


@dataclass(frozen=True, eq=False)
class PairView:
    """Pairs a < b of account positions (each of shape (pairs,)) in their context."""

    context: LinkContext
    a: NDArray[np.int32]
    b: NDArray[np.int32]
    _shared: dict[str, Shared] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.a)

    @property
    def population(self) -> Population:
        """Facts about all accounts."""
        return self.context.population

    def shared(self, layer: Layer) -> Shared:
        """Bridging values in common in a layer, found once per view."""
        if layer.kind not in self._shared:
            self._shared[layer.kind] = layer.shared(self.a, self.b)
        return self._shared[layer.kind]

    def within(self, context: LinkContext) -> PairView:
        """The same pairs in a context that has the same layers or fewer."""
        return PairView(context, self.a, self.b, self._shared)

    def blocks(self, pairs: int) -> Iterator[PairView]:
        """The same pairs in views of at most that many, in order; one empty view when none."""
        for low in range(0, max(len(self), 1), pairs):
            part = slice(low, low + pairs)
            yield PairView(self.context, self.a[part], self.b[part])

    def take(self, keep: NDArray[np.bool_]) -> PairView:
        """The view of some of the pairs."""
        return PairView(self.context, self.a[keep], self.b[keep])


@dataclass(frozen=True, eq=False)
class Evidence:
    """Entries of one signal: index of the pair (ascending), identifier position or -1, millibits.

    ``inputs`` holds the numbers from which each entry can be recomputed, named as in the signal.
    ``foreign`` entries share the profile family but add up by a rule of their own.
    """

    signal: str
    family: Family
    pair: NDArray[np.int64]
    identifier: NDArray[np.int32]
    millibits: NDArray[np.int64]
    inputs: Mapping[str, NDArray[np.float64]]
    foreign: bool = False

    def __len__(self) -> int:
        return len(self.pair)

    def take(self, keep: NDArray[np.bool_]) -> Evidence:
        """Some of the entries, shape (entries,)."""
        return replace(
            self,
            pair=self.pair[keep],
            identifier=self.identifier[keep],
            millibits=self.millibits[keep],
            inputs={name: values[keep] for name, values in self.inputs.items()},
        )


def bare(part: Evidence) -> Evidence:
    """The same entries in less memory: of what they follow from only the shared value is kept."""
    return replace(
        part,
        pair=part.pair.astype(np.int32),
        millibits=part.millibits.astype(np.int32),
        inputs={
            name: values.astype(np.int32) for name, values in part.inputs.items() if name == "value"
        },
    )


def stacked(parts: Sequence[tuple[int, Evidence]]) -> Evidence:
    """One signal's entries in several blocks of pairs as one, each with its first pair's index."""
    _, first = parts[0]
    return replace(
        first,
        pair=np.concatenate([low + part.pair for low, part in parts]),
        identifier=np.concatenate([part.identifier for _, part in parts]),
        millibits=np.concatenate([part.millibits for _, part in parts]),
        inputs={
            name: np.concatenate([part.inputs[name] for _, part in parts]) for name in first.inputs
        },
    )


def evidence(
    name: str,
    family: Family,
    pair: NDArray[np.int64],
    bits: NDArray[np.float64],
    *,
    identifier: NDArray[np.int32] | None = None,
    inputs: Mapping[str, NDArray[np.float64]] | None = None,
    foreign: bool = False,
) -> Evidence:
    """Round bits to millibits and drop entries that say nothing."""
    millibits = np.rint(1000 * bits).astype(np.int64)
    says = millibits != 0
    where = np.full(len(pair), -1, np.int32) if identifier is None else identifier
    kept = {key: values[says] for key, values in (inputs or {}).items()}
    return Evidence(name, family, pair[says], where[says], millibits[says], kept, foreign)
