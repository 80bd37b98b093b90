"""Words of estimative probability (ICD 203): likelihood only, never confidence."""

from __future__ import annotations

from bisect import bisect_right

from graph_models.errors import UsageError

__all__ = ["LIMITS", "WORDS", "words"]

WORDS: tuple[str, ...] = (
    "almost no chance", "very unlikely", "unlikely", "even chance", "likely", "very likely",
    "almost certain",
)  # fmt: skip
# The higher word starts at the limit: 0.80 exactly is very likely (look.md §2).
LIMITS: tuple[float, ...] = (0.05, 0.20, 0.45, 0.55, 0.80, 0.95)


def words(probability: float) -> str:
    """The ICD 203 word for a probability; raises UsageError outside 0..1."""
    if not 0 <= probability <= 1:
        raise UsageError(f"{probability} is no probability.", fix="Give a number from 0 to 1.")
    return WORDS[bisect_right(LIMITS, probability)]
