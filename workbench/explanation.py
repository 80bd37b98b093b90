"""``explain``: the account of one pair, with the source rows behind every line of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from graph_models.families import Family
from graph_models.kinds import kind_named
from graph_models.linking import LinkContext
from graph_models.linking.explain import Entry, explain_pair
from graph_models.linking.rules import DERIVED_POLICIES
from graph_models.linking.served import served_context
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import GraphView
from ingest.observing.citations import Citation, Citations

__all__ = ["ROWS_SHOWN", "explain", "kept_context"]

ROWS_SHOWN = 20

# What signals without an identifier read: the account register, or the exchanges.
REGISTER, TRAFFIC = "account", "exchange"
READS: Mapping[str, str] = {
    Family.LIFECYCLE.value: REGISTER,
    Family.PROFILE.value: REGISTER,
    Family.TIMING.value: TRAFFIC,
    Family.PROMPTS.value: TRAFFIC,
}
READS_TRAFFIC_TOO = {"model move": TRAFFIC}


def explain(
    context: LinkContext, citations: Citations, view: GraphView, a: str, b: str
) -> Mapping[str, Any]:
    """The JSON of contract §4 for a pair of account ids.

    Every entry names the first 20 source rows and how many there are; the bits of ``signals`` and
    ``against`` together sum to ``bits`` (to the millibit).
    """
    found = explain_pair(context.obs, a, b, context=context)
    source = _Sources(context, citations, view, (a, b))
    signals = [_line(entry, source) for entry in found.signals if entry.bits >= 0]
    against = [_line(entry, source) for entry in found.signals if entry.bits < 0]
    against += [_line(entry, source) for entry in found.against]
    return {
        "a": found.a,
        "b": found.b,
        "bits": found.bits,
        "probability": found.probability,
        "prior_bits": found.prior_bits,
        "linked": found.linked,
        "words": found.words,
        "signals": signals,
        "against": against,
        "chance_p": found.chance_p,
        "lacking": list(context.lacking),
    }


def kept_context(view: GraphView, snapshot: str, a: str, b: str) -> LinkContext | None:
    """What the published run kept of two accounts, while it describes the current snapshot."""
    if a == b or view.about().get("snapshot") != snapshot:
        return None
    facts = view.pair(a, b)
    return None if facts is None else served_context(facts)


def _line(entry: Entry, source: _Sources) -> dict[str, Any]:
    citation = source.of(entry)
    return {
        "signal": entry.signal,
        "family": entry.family,
        "bits": entry.bits,
        "identifier": str(entry.identifier) if entry.identifier else None,
        "why": entry.why,
        "misleads": entry.misleads,
        # A value's number in its layer is how the entry was found, and says nothing to anybody.
        "inputs": {name: number for name, number in entry.inputs.items() if name != "value"},
        "rows": [{"file": file, "row": int(row)} for file, row in citation.rows],
        "rows_total": citation.total,
    }


class _Sources:
    """Finds the rows behind an entry; each event kind is asked once."""

    def __init__(
        self, context: LinkContext, citations: Citations, view: GraphView, pair: tuple[str, str]
    ) -> None:
        self.context, self.citations, self.view, self.pair = context, citations, view, pair
        self._asked: dict[str, Citation] = {}

    @cached_property
    def _uses(self) -> pd.DataFrame:
        """Every use of the two: account, kind, value and count, and its identifier's position."""
        obs = self.context.obs
        positions = [obs.position_of(account) for account in self.pair]
        account = obs.sightings["account"].to_numpy()
        rows = np.flatnonzero((account == positions[0]) | (account == positions[1]))
        seen = obs.sightings.iloc[rows]
        named = obs.identifiers.iloc[seen["identifier"].to_numpy()][["kind", "value"]]
        return named.assign(
            account=np.where(account[rows] == positions[0], *self.pair),
            count=seen["count"].to_numpy(),
            position=seen["identifier"].to_numpy(),
        )

    @cached_property
    def _counts(self) -> dict[tuple[str, str, str], int]:
        columns = (self._uses[name] for name in ("account", "kind", "value", "count"))
        return {(who, kind, value): int(n) for who, kind, value, n in zip(*columns, strict=True)}

    def of(self, entry: Entry) -> Citation:
        """Rows of the shared identifier, of the values behind a derived one, or of the accounts."""
        if entry.identifier is not None:
            return self._sightings(entry.identifier)
        if entry.signal.startswith(("overlap within", "context ")):
            return Citation((), 0)  # a cap follows from other entries; a derived hub says nothing
        if entry.signal.startswith("shared "):
            return self._behind(entry)
        return self._events(READS_TRAFFIC_TOO.get(entry.signal) or READS[entry.family])

    def _events(self, event: str) -> Citation:
        if event not in self._asked:
            known = self._traffic() if event == TRAFFIC else {}
            self._asked[event] = self.citations.cite(event, self.pair, limit=ROWS_SHOWN, **known)
        return self._asked[event]

    def _traffic(self) -> dict[str, Any]:
        """How many exchanges the two made, and the day before which there is none."""
        obs = self.context.obs
        people = obs.accounts[obs.accounts["account"].isin(self.pair)]
        first = people["first_seen"].min()
        since = None if pd.isna(first) else first.date()
        return {"total": int(people["exchanges"].fillna(0).sum()), "since": since}

    def _behind(self, entry: Entry) -> Citation:
        """Uses of the addresses of either account that lie in a shared prefix or network."""
        layer = self.context.layer(entry.signal.removeprefix("shared "))
        if layer is None:
            return Citation((), 0)
        group = str(layer.text[int(entry.inputs["value"])])
        source, column, _ = DERIVED_POLICIES[layer.kind]
        uses = self._uses[self._uses["kind"] == source]
        groups = self.context.obs.identifiers[column].iloc[uses["position"].to_numpy()]
        values = sorted(set(uses["value"][(groups == group).to_numpy()]))
        return self.citations.cite_values(kind_named(source), values, self.pair, limit=ROWS_SHOWN)

    def _sightings(self, node: NodeRef) -> Citation:
        rows: list[tuple[str, int]] = []
        total = 0
        for account in self.pair:
            found = self.view.row_refs(account, node)
            rows += zip(found["file"], found["row"].astype(int), strict=True)
            total += self._counts.get((account, node.kind, node.value), 0)
        return Citation(tuple(sorted(rows)[:ROWS_SHOWN]), total)
