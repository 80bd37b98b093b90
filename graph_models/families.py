"""The seven families of signals (contract §4). A family is lost, capped and reported as one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from graph_models.errors import UsageError

__all__ = ["FAMILIES", "Family", "families_named", "missing_from"]


class Family(StrEnum):
    """Signals that fail together and are forged together."""

    INSTRUMENT = "instrument"
    DEVICE = "device"
    NETWORK = "network"
    TIMING = "timing"
    PROMPTS = "prompts"
    LIFECYCLE = "lifecycle"
    PROFILE = "profile"


FAMILIES: tuple[Family, ...] = tuple(Family)
_NAMES = tuple(family.value for family in FAMILIES)


def families_named(names: Iterable[str]) -> frozenset[Family]:
    """The families of these names; UsageError with the list of all for an unknown one."""
    known = {family.value: family for family in FAMILIES}
    wanted = [name.strip().lower() for name in names if name.strip()]
    for name in wanted:
        if name not in known:
            raise UsageError(
                f"There is no signal family {name!r}.", fix=f"Families: {', '.join(known)}."
            )
    return frozenset(known[name] for name in wanted)


def missing_from(names: Iterable[str]) -> tuple[str, ...]:
    """The families that are not among some names, in their usual order."""
    given = frozenset(names)
    return tuple(name for name in _NAMES if name not in given)
