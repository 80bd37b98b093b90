"""What was compared of two accounts, kind by kind, and what was looked for and not found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from graph_models.families import FAMILIES
from graph_models.kinds import KINDS
from graph_models.linking.context import LinkContext
from graph_models.linking.layers import Layer
from graph_models.linking.model import SIGNALS
from graph_models.linking.rules import DERIVED_POLICIES
from workbench.profiles.rarity import bits_of_exclusive

__all__ = ["STATES", "Compared", "compare_kinds", "silent_signals"]

STATES: Mapping[str, str] = {
    "shared": "a value in common",
    "hub": "only values in common that too many accounts share",
    "apart": "compared, nothing in common",
    "one": "seen of one of the two only",
    "none": "seen of neither",
    "no log": "no log shows it",
}
_FAMILY = {kind.name: kind.family.value for kind in KINDS}
_SOURCES = {kind.name: {source.event for source in kind.sources} for kind in KINDS}
_PLACES = {family.value: place for place, family in enumerate(FAMILIES)}


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One kind of identifier of two accounts: values of either, and how many they have in common.

    ``shared`` may bridge; ``hubs`` may not. ``gaps`` are days on which the logs that show this kind
    hold no row. ``exclusive_bits``: what one value of these two alone would say.
    """

    kind: str
    family: str
    state: str
    a: int
    b: int
    shared: int
    hubs: int
    exclusive_bits: float
    gaps: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"A comparison ends in one of {sorted(STATES)}, not {self.state!r}.")

    def as_json(self) -> dict[str, Any]:
        """Plain values, with the state in words."""
        return {**asdict(self), "gaps": list(self.gaps), "words": STATES[self.state]}


def compare_kinds(
    context: LinkContext, a: int, b: int, gaps: Mapping[str, Sequence[str]]
) -> list[Compared]:
    """Every kind that could have linked two accounts, by family.

    Args:
        context: What is known of the two (or of all).
        a: Position of one account.
        b: Position of the other.
        gaps: Days without rows by event kind, as ``gaps.gaps_in`` words them.
    """
    layers = {layer.kind: layer for layer in context.layers if layer.kind not in DERIVED_POLICIES}
    names = [kind.name for kind in KINDS] + [name for name in layers if name not in _FAMILY]
    found = [_compared(layers.get(name), name, (a, b), gaps) for name in names]
    return sorted(found, key=lambda one: _PLACES.get(one.family, len(_PLACES)))


def _compared(
    layer: Layer | None, kind: str, pair: tuple[int, int], gaps: Mapping[str, Sequence[str]]
) -> Compared:
    of_kind = sorted(_SOURCES.get(kind, ()) & gaps.keys())
    days = tuple(f"{event}: {span}" for event in of_kind for span in gaps[event])
    family = _FAMILY.get(kind, "profile")
    if layer is None:
        return Compared(kind=kind, family=family, state="no log", a=0, b=0, shared=0, hubs=0,
                        exclusive_bits=0.0, gaps=days)  # fmt: skip
    low, high = (np.array([place], np.int32) for place in sorted(pair))
    held = [int(layer.spread[place]) for place in pair]
    shared = len(layer.shared(low, high).edge_a)
    hubs = len(layer.shared_context(low, high).edge_a)
    return Compared(
        kind=kind,
        family=family,
        state=_state(held, shared, hubs),
        a=held[0],
        b=held[1],
        shared=shared,
        hubs=hubs,
        exclusive_bits=bits_of_exclusive(kind, edges=layer.edges, values_of_busier=max(held)),
        gaps=days,
    )


def _state(held: Sequence[int], shared: int, hubs: int) -> str:
    if shared or hubs:
        return "shared" if shared else "hub"
    return ("none", "one", "apart")[sum(count > 0 for count in held)]


def silent_signals(context: LinkContext) -> list[dict[str, Any]]:
    """Signals that could say nothing because no log held what they read."""
    lacking = set(context.obs.lacking)
    return [
        {
            "signal": signal.name,
            "family": signal.family.value,
            "needs": sorted(set(signal.needs) & lacking),
        }
        for signal in SIGNALS
        if set(signal.needs) & lacking
    ]
