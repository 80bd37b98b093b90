"""What is learned of a single-valued foreign type: how often fellows agree, and why others do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["FieldModel"]


@dataclass(frozen=True, kw_only=True)
class FieldModel:
    """Fellegi and Sunter's m of one type, its near misses, and its dependence on other types.

    ``agree``: P(same value | one controller); ``close``: P(values a slip apart | one controller);
    ``close_chance``: P(a slip apart | strangers whose values differ);
    ``given``: P(same value | strangers who agree on that other type).
    """

    agree: float
    close: float
    close_chance: float
    given: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (self.agree > 0 and self.close > 0 and self.agree + self.close < 1):
            raise ValueError("agree and close are probabilities that leave room for differing.")
        if not 0 < self.close_chance < 1:
            raise ValueError("close_chance is a probability in (0, 1).")
