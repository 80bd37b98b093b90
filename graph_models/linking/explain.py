"""Why two accounts are, or are not, linked: the same scoring on one pair, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from graph_models.errors import UsageError
from graph_models.families import Family
from graph_models.kinds import KINDS
from graph_models.linking.candidates import is_candidate
from graph_models.linking.chance import pair_chance
from graph_models.linking.classes import class_words
from graph_models.linking.context import LinkContext
from graph_models.linking.evidence import Evidence, PairView
from graph_models.linking.layers import Layer
from graph_models.linking.model import SIGNALS
from graph_models.linking.rules import CANDIDATES, FAMILY_RULES
from graph_models.linking.scoring import Ledger, calibrated, link_threshold, score_pairs, worthwhile
from graph_models.nodes import NodeRef
from graph_models.observations import Observations

__all__ = ["Entry", "PairExplanation", "explain_pair", "explain_positions"]

_KINDS = {kind.name: kind for kind in KINDS}
_SIGNALS = {signal.name: signal for signal in SIGNALS}
NOTHING = "No shared signal above chance."


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the account: bits, where they come from, and how they may mislead.

    ``identifier`` is None where no single identifier stands behind the entry; ``inputs`` are the
    numbers from which the bits follow.
    """

    signal: str
    family: str
    bits: float
    identifier: NodeRef | None
    why: str
    misleads: str
    inputs: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class PairExplanation:
    """All entries of one pair; their bits sum to ``bits``. ``against`` carries words, no bits.

    ``candidate``: the pair shares enough identifiers to be scored at all (soft signals never link).
    ``probability`` is calibrated: the bits and the prior, bent by the curve that ships.
    """

    a: str
    b: str
    bits: float
    prior_bits: float
    probability: float
    chance_p: float
    candidate: bool
    signals: tuple[Entry, ...]
    against: tuple[Entry, ...]

    def __post_init__(self) -> None:
        summed = sum(round(1000 * entry.bits) for entry in (*self.signals, *self.against))
        if summed != round(1000 * self.bits):
            raise ValueError(f"The entries of {self.a} and {self.b} do not sum to their bits.")

    @property
    def linked(self) -> bool:
        """Evidence outweighs the prior, and by identifiers and not by soft signals alone."""
        return self.candidate and round(1000 * (self.bits + self.prior_bits)) >= 0

    @property
    def words(self) -> str:
        """One sentence for a header."""
        return NOTHING if self.bits <= 0 else f"{self.bits:.1f} bits for one controller."


def explain_pair(
    obs: Observations, a: str, b: str, *, context: LinkContext | None = None
) -> PairExplanation:
    """Explain a pair of account ids; pass the context to explain many pairs of one snapshot.

    Raises:
        UsageError: An account that no log named, or twice the same one.
    """
    if a == b:
        raise UsageError(f"{a!r} was named twice.", fix="Name two different accounts.")
    found = {name: obs.position_of(name) for name in (a, b)}
    for name, position in found.items():
        if position is None:
            raise UsageError(
                f"No log names the account {name!r}.", fix="Look it up: workbench search ID"
            )
    first, second = found[a], found[b]
    assert first is not None
    assert second is not None
    return explain_positions(context or LinkContext.of(obs), first, second)


def explain_positions(context: LinkContext, a: int, b: int) -> PairExplanation:
    """Explain a pair of account positions; the answer does not depend on their order."""
    low, high = min(a, b), max(a, b)
    view = PairView(context, np.array([low], np.int32), np.array([high], np.int32))
    context.population.hear(np.array([low, high], np.int32))
    light = score_pairs(context, view, heavy=False)
    heavy = worthwhile(context.accounts, light.millibits, link_threshold(context))
    ledger = (
        score_pairs(context, view) if heavy[0] or context.accounts <= CANDIDATES.plain else light
    )
    total = int(ledger.millibits[0])
    ids = context.obs.accounts["account"]
    return PairExplanation(
        a=str(ids.iloc[a]),
        b=str(ids.iloc[b]),
        bits=total / 1000,
        prior_bits=context.prior_bits,
        probability=round(float(calibrated(total, context.prior_bits)), 6),
        chance_p=pair_chance(context, low, high),
        candidate=is_candidate(view),
        signals=tuple(sorted(_entries(context, ledger), key=_rank)),
        against=tuple(_against(context, view)),
    )


def _rank(entry: Entry) -> tuple[float, str, str]:
    return (-entry.bits, entry.signal, str(entry.identifier))


def _entries(context: LinkContext, ledger: Ledger) -> Iterator[Entry]:
    for part in ledger.parts:
        for row in range(len(part)):
            yield _entry(context, part, row)
    for at, family in enumerate(Family):
        overlap = int(ledger.overlap[0, at])
        if overlap:
            yield Entry(
                signal=f"overlap within {family.value}",
                family=family.value,
                bits=overlap / 1000,
                identifier=None,
                why="These signals are not independent: the strongest counts in full, of the "
                f"others {FAMILY_RULES[family].rest:.0%}, together at most "
                f"{FAMILY_RULES[family].cap_bits:g} bits.",
                misleads=FAMILY_RULES[family].reason,
                inputs={},
            )


def _entry(context: LinkContext, part: Evidence, row: int) -> Entry:
    inputs = {name: float(values[row]) for name, values in part.inputs.items()}
    layer = context.layer(part.signal.removeprefix("shared "))
    if part.signal.startswith("shared ") and layer is not None:
        why, misleads = _shared_words(layer, inputs)
    else:
        signal = _SIGNALS[part.signal]
        numbers = ", ".join(
            f"{name.replace('_', ' ')} {value:.3g}" for name, value in inputs.items()
        )
        why, misleads = f"{signal.why} ({numbers})", signal.misleads
    position = int(part.identifier[row])
    return Entry(
        signal=part.signal,
        family=part.family.value,
        bits=int(part.millibits[row]) / 1000,
        identifier=_node(context.obs, position),
        why=why,
        misleads=misleads,
        inputs=inputs,
    )


def _node(obs: Observations, position: int) -> NodeRef | None:
    if position < 0:
        return None
    row = obs.identifiers.iloc[position]
    return NodeRef(str(row["kind"]), str(row["value"]))


def _shared_words(layer: Layer, inputs: Mapping[str, float]) -> tuple[str, str]:
    kind = _KINDS.get(layer.kind)
    means = kind.means if kind else f"Both accounts share one value of {layer.kind}."
    misleads = kind.misleads if kind else layer.policy.reason
    rarity = (
        f" It was used by {inputs['accounts']:.0f} accounts; the busier of the two used "
        f"{inputs['values_of_busier']:.0f} of the {inputs['edges']:.0f} recorded uses."
    )
    common = _class_sentence(layer, inputs)
    gap = f" {inputs['gap_days']:.1f} days lie between the two uses." if inputs["gap_days"] else ""
    own = " The caller wrote the value himself." if inputs["claimed"] > 0 else ""
    return means + rarity + common + gap + own, misleads


def _class_sentence(layer: Layer, inputs: Mapping[str, float]) -> str:
    """What class a common value is of, and what that costs against a value of one's own."""
    if "reuse" not in inputs or inputs["reuse"] == layer.policy.reuse:
        return ""
    words = class_words(layer, int(inputs["value"]))
    bits = np.log2(inputs["reuse"] / layer.policy.reuse)
    return (
        f" Its class: {words}. Fellows show the same value of this class in "
        f"{inputs['reuse']:.0%} of cases, which changes its worth by {bits:+.1f} bits."
    )


def _against(context: LinkContext, view: PairView) -> Iterator[Entry]:
    """Context without bits: shared hubs and what a person has already cleared."""
    for layer in context.layers:
        shared = layer.shared_context(view.a, view.b)
        for edge in shared.edge_a:
            value = int(layer.value[edge])
            yield Entry(
                signal=f"context {layer.kind}",
                family=layer.family.value,
                bits=0.0,
                identifier=_node(context.obs, int(layer.position[value])),
                why=f"{layer.degree[value]} accounts used it: it is context and links nobody.",
                misleads=layer.policy.reason,
                inputs={"accounts": float(layer.degree[value]), "value": float(value)},
            )
    labels = context.obs.labels
    cleared = labels[labels["label"].eq("cleared") & labels["account"].isin([view.a[0], view.b[0]])]
    ids = context.obs.accounts["account"]
    for account, source in zip(cleared["account"], cleared["source"], strict=True):
        yield Entry(
            signal="cleared", family=Family.PROFILE.value, bits=0.0, identifier=None,
            why=f"{ids.iloc[int(account)]} was cleared by {source}.",
            misleads="A clearance holds for what was known then.", inputs={},
        )  # fmt: skip
