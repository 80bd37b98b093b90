"""What an attribution says: hypotheses by layer, evidence with grades, sensitivity, caveats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from graph_models.families import Family
from workbench.attribution.words import words

__all__ = [
    "ALWAYS", "BENIGN", "LAYERS", "RESELLER_ONLY", "UNKNOWN",
    "Attribution", "EvidenceItem", "Hypothesis", "Sensitivity",
]  # fmt: skip

LAYERS: tuple[str, ...] = ("supplier", "access", "beneficiary")
UNKNOWN, RESELLER_ONLY, BENIGN = "unknown", "reseller-only", "benign"
ALWAYS: tuple[str, ...] = (UNKNOWN, RESELLER_ONLY, BENIGN)


@dataclass(frozen=True)
class Hypothesis:
    """One operator, or one of the standing alternatives, in one layer."""

    operator: str
    probability: float

    def as_json(self) -> dict[str, Any]:
        """``{operator, probability, words}``."""
        return {
            "operator": self.operator,
            "probability": self.probability,
            "words": words(self.probability),
        }


@dataclass(frozen=True, kw_only=True)
class EvidenceItem:
    """One observation with its likelihood under each hypothesis of one layer.

    ``reliability`` (A–F) and ``credibility`` (1–6) grade source and statement (Admiralty),
    ``method`` says how the item is known. Only the ratios of ``likelihoods`` matter.
    """

    item: str
    layer: str
    family: Family
    reliability: str
    credibility: str
    method: str
    costly_to_fake: bool
    likelihoods: Mapping[str, float]

    def __post_init__(self) -> None:
        if self.layer not in LAYERS:
            raise ValueError(f"A layer is one of {LAYERS}, not {self.layer!r}.")
        if not all(0 < value <= 1 for value in self.likelihoods.values()):
            raise ValueError(f"{self.item}: likelihoods are in (0, 1].")
        if set(ALWAYS) - set(self.likelihoods):
            raise ValueError(f"{self.item}: give a likelihood under each of {ALWAYS} too.")

    @property
    def diagnosticity(self) -> float:
        """Largest over smallest likelihood; 1 means that the item tells nothing apart."""
        values = self.likelihoods.values()
        return max(values) / min(values)

    def as_json(self) -> dict[str, Any]:
        """The object that contract §4 lists under ``evidence``, with its layer and family."""
        return {
            "item": self.item,
            "layer": self.layer,
            "family": self.family.value,
            "reliability": self.reliability,
            "credibility": self.credibility,
            "method": self.method,
            "costly_to_fake": self.costly_to_fake,
            "likelihoods": dict(self.likelihoods),
            "diagnosticity": round(self.diagnosticity, 3),
        }


@dataclass(frozen=True)
class Sensitivity:
    """What becomes of a layer's leading hypothesis when one item is left out."""

    without: str
    layer: str
    operator: str
    probability: float
    then: float
    leads_then: str


@dataclass(frozen=True)
class Attribution:
    """Competing operators of one community, each layer apart; probabilities sum to 1 in each."""

    community: str
    layers: Mapping[str, tuple[Hypothesis, ...]]
    evidence: tuple[EvidenceItem, ...]
    confidence: str
    sensitivity: tuple[Sensitivity, ...]
    caveats: tuple[str, ...]

    def __post_init__(self) -> None:
        if tuple(self.layers) != LAYERS:
            raise ValueError(f"An attribution names exactly the layers {LAYERS}, in that order.")
        for layer, hypotheses in self.layers.items():
            if abs(sum(h.probability for h in hypotheses) - 1) > 1e-6:
                raise ValueError(f"The probabilities of the layer {layer} must sum to 1.")
            if set(ALWAYS) - {h.operator for h in hypotheses}:
                raise ValueError(f"{ALWAYS} always stand among the hypotheses of {layer}.")

    def as_json(self) -> dict[str, Any]:
        """The object that contract §4 names for ``attribute``."""
        return {
            "community": self.community,
            "layers": {
                layer: [hypothesis.as_json() for hypothesis in hypotheses]
                for layer, hypotheses in self.layers.items()
            },
            "evidence": [item.as_json() for item in self.evidence],
            "confidence": self.confidence,
            "sensitivity": [asdict(line) for line in self.sensitivity],
            "caveats": list(self.caveats),
        }
