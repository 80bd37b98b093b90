"""Competing operators of a community, each layer apart (ACH with likelihoods, methods §2.7)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom

from graph_models.assessment.conduct import own_frames
from graph_models.assessment.pool import Pool
from graph_models.assessment.verdicts import CONFIDENCE
from graph_models.errors import UsageError
from graph_models.families import Family
from graph_models.inference import Community
from graph_models.observations import Observations
from workbench.attribution.indicators import Match, checked, matches
from workbench.attribution.model import (
    BENIGN,
    LAYERS,
    RESELLER_ONLY,
    UNKNOWN,
    Attribution,
    EvidenceItem,
    Hypothesis,
    Sensitivity,
)
from workbench.attribution.posterior import posterior
from workbench.attribution.rules import EVIDENCE, METHODS

__all__ = ["Attribution", "attribute"]

_INNOCENT = ("organisation", "household", "shared_network", "event", "unexplained")


@dataclass(frozen=True, eq=False, kw_only=True)
class _Asked:
    """One community and whose accounts stand for it in each layer."""

    community: Community
    obs: Observations
    members: NDArray[np.int32]
    carriers: NDArray[np.int32]

    def accounts(self, layer: str) -> NDArray[np.int32]:
        """A beneficiary gets the outputs of the common work, so only who does it stands for it."""
        return self.carriers if layer == "beneficiary" else self.members


def attribute(
    community: Community,
    members: pd.DataFrame,
    obs: Observations,
    indicators: pd.DataFrame | None = None,
) -> Attribution:
    """Weigh the competing operators of a community.

    Args:
        community: The community with its assessment.
        members: As ``inference.MEMBER_COLUMNS``; rows of other communities are ignored.
        obs: The snapshot that the community was found in.
        indicators: Canonical indicators (contract §2), or None.

    Returns:
        Each layer with its hypotheses, most probable first; *unknown*, *reseller-only* and
        *benign* are always among them.

    Raises:
        UsageError: The community has no members in ``members``.
        BadDataError: The indicators are not canonical.
    """
    asked = _asked(community, members, obs)
    known = None if indicators is None or indicators.empty else checked(indicators)
    evidence, named = _evidence(asked, known)
    has_work = len(asked.carriers) > 0
    layers = {name: posterior(name, named[name], evidence, has_work=has_work) for name in LAYERS}
    return Attribution(
        community=community.community,
        layers=layers,
        evidence=tuple(evidence),
        confidence=_confidence(community, evidence),
        sensitivity=tuple(_sensitivity(layers, named, evidence, has_work=has_work)),
        caveats=tuple(_caveats(asked, known)),
    )


def _asked(community: Community, members: pd.DataFrame, obs: Observations) -> _Asked:
    rows = members[members["community"] == community.community]
    if rows.empty:
        raise UsageError(
            f"There is no member of {community.community!r} in this run.",
            fix="List communities with: workbench communities",
        )
    pool = Pool.of(obs, rows)
    carriers = own_frames(pool)["account"].unique()
    return _Asked(
        community=community,
        obs=obs,
        members=pool.table["account"].to_numpy(dtype=np.int32),
        carriers=np.sort(carriers).astype(np.int32),
    )


def _evidence(
    asked: _Asked, known: pd.DataFrame | None
) -> tuple[list[EvidenceItem], Mapping[str, tuple[str, ...]]]:
    """All items, and the operators named in each layer."""
    items, named = [], {}
    services = set() if known is None else _services(known)
    for layer in LAYERS:
        rows = (
            None if known is None else known[(known["role"] == layer) & (known["operator"] != "")]
        )
        names = () if rows is None else tuple(sorted(rows["operator"].unique()))
        named[layer] = names
        items.append(_assessed(asked.community, layer, names))
        if rows is not None:
            own = rows[
                [pair not in services for pair in zip(rows["kind"], rows["value"], strict=True)]
            ]
            found = matches(own, asked.obs, asked.accounts(layer))
            items += [_matched(asked, layer, match, names) for match in found if match.members]
            items += _absent(layer, found, names)
    return items, named


def _services(known: pd.DataFrame) -> set[tuple[str, str]]:
    """Values that a source calls shared: they belong to nobody and accuse nobody."""
    shared = known[known["operator"] == ""]
    return set(zip(shared["kind"], shared["value"], strict=True))


def _assessed(community: Community, layer: str, names: tuple[str, ...]) -> EvidenceItem:
    p = community.assessment.probabilities
    directed = max(p["campaign"], EVIDENCE.floor)
    innocent = max(sum(p[name] for name in _INNOCENT), EVIDENCE.floor)
    credibility = {"high": "2", "moderate": "3", "low": "4"}[community.assessment.confidence]
    return EvidenceItem(
        item=f"The community is assessed as {community.assessment.assessed_as} "
        f"(campaign {p['campaign']:.2f}, reseller {p['reseller']:.2f}).",
        layer=layer,
        family=Family.PROMPTS,
        reliability="B",
        credibility=credibility,
        method="inferred from pooled behaviour",
        costly_to_fake=True,
        likelihoods=dict.fromkeys((*names, UNKNOWN), directed)
        | {RESELLER_ONLY: max(p["reseller"], EVIDENCE.floor), BENIGN: innocent},
    )


def _matched(asked: _Asked, layer: str, match: Match, names: tuple[str, ...]) -> EvidenceItem:
    """P(match) for the named operator against P(match) for anybody of this size by chance."""
    size = len(asked.accounts(layer))
    others = len(asked.obs.accounts) - size
    rate = (match.outside + 0.5) / (others + 1.0)
    # Members act together, so ten of them with one value are not ten coincidences: the root.
    tail = float(binom.sf(math.ceil(math.sqrt(match.members)) - 1, size, min(rate, 1.0)))
    chance = min(0.5, max(tail, 2.0**-EVIDENCE.cap_bits * EVIDENCE.hit))
    support = max(EVIDENCE.least_support, min(1.0, match.members / size / EVIDENCE.full_coverage))
    likely = chance + max(0.0, EVIDENCE.hit - chance) * match.trust * support
    return EvidenceItem(
        item=f"{match.members} of {size} accounts used {match.kind} {match.value}, which "
        f"{match.source} ascribes to {match.operator}; {match.outside} other accounts used it.",
        layer=layer,
        family=match.family,
        reliability=match.reliability,
        credibility=match.credibility,
        method=METHODS.get(match.kind, "shared identifier"),
        costly_to_fake=match.costly,
        likelihoods={
            name: likely if name == match.operator else chance
            for name in (*names, UNKNOWN, RESELLER_ONLY, BENIGN)
        },
    )


def _absent(layer: str, found: Sequence[Match], names: tuple[str, ...]) -> list[EvidenceItem]:
    """Looked for, not found: all that is known of an operator, and none of it here."""
    items = []
    for name in names:
        mine = [match for match in found if match.operator == name]
        if not mine or any(match.members for match in mine):
            continue
        best = max(mine, key=lambda match: match.trust)
        likely = 1 - (1 - EVIDENCE.absent) * best.trust
        items.append(
            EvidenceItem(
                item=f"Looked for, not found: {len(mine)} known identifiers of {name}.",
                layer=layer,
                family=Family.PROFILE,
                reliability=best.reliability,
                credibility=best.credibility,
                method="absent",
                costly_to_fake=False,
                likelihoods={
                    other: likely if other == name else 1.0
                    for other in (*names, UNKNOWN, RESELLER_ONLY, BENIGN)
                },
            )
        )
    return items


def _confidence(community: Community, evidence: Sequence[EvidenceItem]) -> str:
    """From quantity and quality of the basis, never from the probabilities."""
    graded = [
        item
        for item in evidence
        if item.costly_to_fake and not item.method.startswith(("absent", "inferred"))
    ]
    good = {
        item.family
        for item in graded
        if item.reliability in "ABC" and item.credibility in "123"
        and item.diagnosticity >= EVIDENCE.speaking
    }  # fmt: skip
    if community.assessment.confidence == "low" or len(good) < 2:
        return "low"
    return "high" if len(good) >= 3 and community.assessment.confidence == "high" else "moderate"


def _sensitivity(
    layers: Mapping[str, tuple[Hypothesis, ...]],
    named: Mapping[str, tuple[str, ...]],
    evidence: Sequence[EvidenceItem],
    *,
    has_work: bool,
) -> list[Sensitivity]:
    """Leave every item out once: where does the leading hypothesis of its layer go?"""
    lines = []
    for item in evidence:
        lead = layers[item.layer][0]
        rest = [other for other in evidence if other is not item]
        then = posterior(item.layer, named[item.layer], rest, has_work=has_work)
        after = {hypothesis.operator: hypothesis.probability for hypothesis in then}
        lines.append(
            Sensitivity(
                without=item.item,
                layer=item.layer,
                operator=lead.operator,
                probability=lead.probability,
                then=after[lead.operator],
                leads_then=then[0].operator,
            )
        )
    return lines


def _caveats(asked: _Asked, known: pd.DataFrame | None) -> list[str]:
    caveats = [
        "A beneficiary may have bought the outputs later and have touched no account.",
        "Probabilities rest on stated likelihoods and the indicators given, not on all operators.",
    ]
    if known is None:
        caveats.append("No indicators were given: no operator is named, and none is excluded.")
    elif _services(known):
        caveats.append("Identifiers that a source calls shared services were not counted.")
    if not len(asked.carriers):
        caveats.append(
            "No common work was seen among the members, so the link carries no claim about the "
            "beneficiary."
        )
    elif len(asked.carriers) < len(asked.members):
        caveats.append(
            f"{len(asked.members) - len(asked.carriers)} of {len(asked.members)} members take no "
            "part in the common work; what they share carries no claim about the beneficiary."
        )
    lacking = [name for name in asked.obs.lacking if name in CONFIDENCE.inputs]
    caveats += [f"No source has {name}, so what it would show is unknown." for name in lacking]
    return caveats
