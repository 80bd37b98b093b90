"""The words of ICD 203 and their edges."""

from __future__ import annotations

import pytest

from graph_models.errors import UsageError
from workbench.attribution import words


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (0.0, "almost no chance"), (0.0499, "almost no chance"), (0.05, "very unlikely"),
        (0.2, "unlikely"), (0.45, "even chance"), (0.5, "even chance"), (0.55, "likely"),
        (0.799, "likely"), (0.80, "very likely"), (0.949, "very likely"),
        (0.95, "almost certain"), (1.0, "almost certain"),
    ],
)  # fmt: skip
def test_the_higher_word_starts_at_the_limit(probability: float, word: str) -> None:
    assert words(probability) == word


@pytest.mark.parametrize("wrong", [-0.1, 1.01, float("nan")])
def test_what_is_no_probability_has_no_word(wrong: float) -> None:
    with pytest.raises(UsageError):
        words(wrong)
