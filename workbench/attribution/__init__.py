"""Who may be behind a community, at which layer, and how sure: hypotheses, evidence, words."""

from __future__ import annotations

from workbench.attribution.attribute import attribute
from workbench.attribution.indicators import read_indicators
from workbench.attribution.model import Attribution, EvidenceItem, Hypothesis
from workbench.attribution.words import words

__all__ = [
    "Attribution",
    "EvidenceItem",
    "Hypothesis",
    "attribute",
    "read_indicators",
    "words",
]
