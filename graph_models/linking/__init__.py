"""From shared identifiers and behaviour to links in bits."""

from __future__ import annotations

from graph_models.linking.calibrate import learn_agreement
from graph_models.linking.candidates import Candidates, candidate_pairs
from graph_models.linking.context import LinkContext
from graph_models.linking.entities import pooled
from graph_models.linking.evidence import PairView
from graph_models.linking.explain import Entry, PairExplanation, explain_pair, explain_positions
from graph_models.linking.model import SIGNALS, Signal
from graph_models.linking.noise import Noise, learn_noise, telltale_bits
from graph_models.linking.rules import FAMILY_RULES, MODEL
from graph_models.linking.scored import Scored, score_candidates
from graph_models.linking.scoring import (
    Ledger,
    calibrated,
    link_pairs,
    link_threshold,
    probability,
    reaching,
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
    "Noise",
    "PairExplanation",
    "PairView",
    "Scored",
    "Signal",
    "calibrated",
    "candidate_pairs",
    "explain_pair",
    "explain_positions",
    "learn_agreement",
    "learn_noise",
    "link_pairs",
    "link_threshold",
    "pooled",
    "probability",
    "reaching",
    "score_candidates",
    "score_pairs",
    "telltale_bits",
]
