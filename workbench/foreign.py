"""Anybody's tables through the same model: no event kinds, no tuning, any types, times optional.

Attributes and event objects become identifiers, texts become prompt clusters, known shared services
become context. The only difference to ``analyse``: nothing is known of how innocently values of
foreign types are shared, so communities count only beyond what rewired copies of the table have,
and what fellows disagree on is learned from the table.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities import scenes, tight_communities
from graph_models.communities.draft import community_name
from graph_models.errors import BadDataError
from graph_models.linking import (
    LinkContext,
    PairView,
    candidate_pairs,
    learn_agreement,
    learn_noise,
    link_threshold,
    pooled,
    probability,
    reaching,
    score_pairs,
    telltale_bits,
)
from ingest.prompts import templates
from workbench.foreign_tables import observe_tables

__all__ = ["LinkReport", "TemplateReport", "link_files", "link_tables", "template_files"]

SEED = 0
MARGIN = 2_000  # millibits beyond an even bet: a link is four times as likely true as false
ROUNDS = 4  # of pooling; later ones join next to nobody


@dataclass(frozen=True, kw_only=True)
class LinkReport:
    """What ``link`` did: counts, and notes on what it could not use."""

    out: Path
    accounts: int
    communities: int
    linked: int
    seconds: float
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TemplateReport:
    """What ``templates`` did."""

    out: Path
    texts: int
    templates: int


def link_tables(
    attributes: pd.DataFrame,
    events: pd.DataFrame | None = None,
    shared: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Link the accounts of foreign tables.

    Args:
        attributes: account, type, value and, where known, first_seen, last_seen, weight.
        events: account, time, object_type, object, text; every column but account may be empty.
        shared: type, value of known shared services, which are context and link nobody.

    Returns:
        account, community, member_confidence, one row an account, sorted. An account without a
        fellow has a community of its own and confidence 0. ``attrs["notes"]`` says what could not
        be used.

    Raises:
        BadDataError: a table lacks a column that it must have.
    """
    obs, notes = observe_tables(attributes, events, shared)
    context = LinkContext.of(obs)
    candidates = candidate_pairs(context)
    context = learn_agreement(context, candidates.view)
    ids = obs.accounts["account"].to_numpy(dtype=object)
    out = pd.DataFrame(
        {
            "account": ids,
            "community": [community_name("cm_", f"alone\x1f{name}") for name in ids],
            "member_confidence": 0.0,
        }
    )
    label, confidence = _entities(context, seed=SEED)
    member = label >= 0
    out.loc[member, "community"] = [community_name("cm_", str(ids[at])) for at in label[member]]
    out.loc[member, "member_confidence"] = confidence[member]
    out.attrs["notes"] = (*notes, *candidates.words, *_hub_notes(context))
    return out


def _entities(context: LinkContext, *, seed: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """First member and confidence of each account (-1, 0: alone), by rounds of pooling."""
    label = np.full(context.accounts, -1, np.int64)
    confidence = np.zeros(context.accounts)
    scene = _scenes(context, seed=seed)
    for turn in range(ROUNDS):
        merged = pooled(context, label)
        links = _links(merged, candidate_pairs(merged).view, scene, seed=seed + turn)
        found = tight_communities(links, context.accounts, seed=seed + turn)
        if not found:
            break
        entity = np.where(label >= 0, label, np.arange(context.accounts))
        for draft in found:
            who = np.isin(entity, draft.accounts)
            label[who] = draft.accounts[0]
            sure = pd.Series(draft.confidence, index=draft.accounts)
            fresh = who & (confidence == 0)
            confidence[fresh] = sure.reindex(entity[fresh]).to_numpy()
    return label, confidence


def _scenes(context: LinkContext, *, seed: int) -> NDArray[np.int64]:
    """Where accounts have much in common without having one controller (see ``scenes``)."""
    view = candidate_pairs(context).view
    ledger = score_pairs(context, view, heavy=False)
    fair = learn_noise(context, ledger, seed=seed).take_off(ledger.millibits / 1000)
    ties = pd.DataFrame({"a": view.a, "b": view.b, "millibits": ledger.millibits})
    ties["weight"] = ledger.millibits / 1000
    ties["linked"] = 1000 * fair >= link_threshold(context) + MARGIN
    return scenes(ties[ties["millibits"] > 0], context.accounts, seed=seed)


def _links(
    context: LinkContext, view: PairView, scene: NDArray[np.int64], *, seed: int
) -> pd.DataFrame:
    """Links by what their bits are worth once chance is taken off."""
    threshold = link_threshold(context) + (0 if context.agreement else MARGIN)
    view = PairView(context, view.a, view.b)
    light = score_pairs(context, view, heavy=False)
    ledger, _ = reaching(light, light.millibits, threshold)
    noise = learn_noise(context, light, seed=seed, scene=scene)
    own = telltale_bits(ledger)
    fair = own + noise.take_off(ledger.millibits / 1000 - own)
    millibits = np.rint(1000 * fair).astype(np.int64)
    keep = millibits >= threshold
    links = pd.DataFrame(
        {"a": ledger.view.a[keep], "b": ledger.view.b[keep], "millibits": millibits[keep]}
    )
    links["weight"] = probability(links["millibits"].to_numpy(np.int64), context.prior_bits)
    return links.sort_values(["a", "b"], ignore_index=True)


def link_files(
    attributes: Path, *, events: Path | None = None, shared: Path | None = None, out: Path
) -> LinkReport:
    """``link_tables`` from CSV files to a CSV file."""
    begin = time.perf_counter()
    found = link_tables(
        _read(attributes), _read(events) if events else None, _read(shared) if shared else None
    )
    found.to_csv(out, index=False)
    sizes = found["community"].value_counts()
    return LinkReport(
        out=out,
        accounts=len(found),
        communities=int((sizes > 1).sum()),
        linked=int(sizes[sizes > 1].sum()),
        seconds=round(time.perf_counter() - begin, 2),
        notes=tuple(found.attrs["notes"]),
    )


def template_files(texts: Path, *, out: Path) -> TemplateReport:
    """``ingest.prompts.templates`` from a JSONL file (id, text) to a CSV file (id, template)."""
    try:
        table = pd.read_json(texts, lines=True, dtype=False)
    except (OSError, ValueError) as error:
        raise BadDataError(
            f"It is no JSONL: {error}.", where=str(texts), fix="Give one object a line: id, text."
        ) from error
    found = templates(table)
    found.to_csv(out, index=False)
    return TemplateReport(out=out, texts=len(found), templates=int(found["template"].nunique()))


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise BadDataError(
            f"It cannot be read as CSV: {error}.", where=str(path), fix="Save it as UTF-8 CSV."
        ) from error


def _hub_notes(context: LinkContext) -> list[str]:
    notes = []
    for layer in context.layers:
        hubs = int((layer.degree > layer.policy.hub_at(layer.accounts)).sum())
        if not layer.bridging.any():
            why = "all its shared values are hubs" if hubs else "no value is shared"
            notes.append(f"{layer.kind}: {why}, so it links nobody.")
        elif hubs:
            notes.append(f"{layer.kind}: {hubs:,} values are hubs and count as context only.")
    if not context.layers:
        notes.append("No attribute and no object: nothing can link.")
    return notes
