"""From shared identifiers and behaviour to links in bits."""

from __future__ import annotations

from graph_models.linking.calibrate import learn_agreement
from graph_models.linking.candidates import Candidates, candidate_pairs
from graph_models.linking.context import LinkContext
from graph_models.linking.evidence import PairView
from graph_models.linking.explain import Entry, PairExplanation, explain_pair, explain_positions
from graph_models.linking.model import SIGNALS, Signal
from graph_models.linking.rules import FAMILY_RULES, MODEL
from graph_models.linking.scoring import (
    Ledger,
    link_pairs,
    link_threshold,
    probability,
    score_pairs,
)

__all__ = [
    "FAMILY_RULES",
    "MODEL",
    "SIGNALS",
    "Candidates",
    "Entry",
    "Ledger",
    "LinkContext",
    "PairExplanation",
    "PairView",
    "Signal",
    "candidate_pairs",
    "explain_pair",
    "explain_positions",
    "learn_agreement",
    "link_pairs",
    "link_threshold",
    "probability",
    "score_pairs",
]
