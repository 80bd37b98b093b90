"""The seven families of signals (contract §4). A family is lost, capped and reported as one."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["FAMILIES", "Family"]


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
