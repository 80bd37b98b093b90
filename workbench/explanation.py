"""``explain``: the account of one pair, with the source rows behind every line of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph_models.families import Family
from graph_models.kinds import kind_named
from graph_models.linking import LinkContext
from graph_models.linking.explain import Entry, explain_pair
from graph_models.linking.rules import DERIVED_POLICIES
from graph_models.nodes import NodeRef
from graph_models.observations import Observations
from graph_models.stores.protocol import GraphView
from ingest.observing.citations import Citation, cite, cite_values
from ingest.store.snapshots import Snapshot

__all__ = ["ROWS_SHOWN", "explain"]

ROWS_SHOWN = 20

# What signals without an identifier read: the account register, or the exchanges.
REGISTER = ("account", "created_at")
TRAFFIC = ("exchange", "ts")
READS: Mapping[str, tuple[str, str]] = {
    Family.LIFECYCLE.value: REGISTER,
    Family.PROFILE.value: REGISTER,
    Family.TIMING.value: TRAFFIC,
    Family.PROMPTS.value: TRAFFIC,
}
READS_TRAFFIC_TOO = {"model move": TRAFFIC}


def explain(
    context: LinkContext, snapshot: Snapshot, view: GraphView, a: str, b: str
) -> Mapping[str, Any]:
    """The JSON of contract §4 for a pair of account ids.

    Every entry names the first 20 source rows and how many there are; the bits of ``signals`` and
    ``against`` together sum to ``bits`` (to the millibit).
    """
    found = explain_pair(context.obs, a, b, context=context)
    source = _Sources(context, snapshot, view, (a, b))
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
        self, context: LinkContext, snapshot: Snapshot, view: GraphView, pair: tuple[str, str]
    ) -> None:
        self.context, self.snapshot, self.view, self.pair = context, snapshot, view, pair
        self._asked: dict[tuple[str, str], Citation] = {}

    def of(self, entry: Entry) -> Citation:
        """Rows of the shared identifier, of the values behind a derived one, or of the accounts."""
        if entry.identifier is not None:
            return self._sightings(entry.identifier)
        if entry.signal.startswith(("overlap within", "context ")):
            return Citation((), 0)  # a cap follows from other entries; a derived hub says nothing
        if entry.signal.startswith("shared "):
            return self._behind(entry)
        return self._events(READS_TRAFFIC_TOO.get(entry.signal) or READS[entry.family])

    def _events(self, what: tuple[str, str]) -> Citation:
        if what not in self._asked:
            event, time = what
            self._asked[what] = cite(
                self.snapshot, event, self.pair, kind_time=time, limit=ROWS_SHOWN
            )
        return self._asked[what]

    def _behind(self, entry: Entry) -> Citation:
        """Uses of the addresses of either account that lie in a shared prefix or network."""
        layer = self.context.layer(entry.signal.removeprefix("shared "))
        if layer is None:
            return Citation((), 0)
        group = str(layer.text[int(entry.inputs["value"])])
        source, column, _ = DERIVED_POLICIES[layer.kind]
        obs = self.context.obs
        seen = obs.identifiers.loc[_used(obs, self.pair)]
        values = seen.loc[(seen["kind"] == source) & (seen[column] == group), "value"].tolist()
        return cite_values(self.snapshot, kind_named(source), values, self.pair, limit=ROWS_SHOWN)

    def _sightings(self, node: NodeRef) -> Citation:
        rows: list[tuple[str, int]] = []
        total = 0
        for account in self.pair:
            found = self.view.row_refs(account, node)
            rows += zip(found["file"], found["row"].astype(int), strict=True)
            total += _count(self.context.obs, account, node)
        return Citation(tuple(sorted(rows)[:ROWS_SHOWN]), total)


def _used(obs: Observations, accounts: tuple[str, ...]) -> NDArray[np.int64]:
    positions = [obs.position_of(account) for account in accounts]
    rows = obs.sightings["account"].isin([at for at in positions if at is not None])
    return np.unique(obs.sightings.loc[rows, "identifier"].to_numpy(dtype=np.int64))


def _count(obs: Observations, account: str, node: NodeRef) -> int:
    at = obs.position_of(account)
    rows = obs.sightings[obs.sightings["account"] == at]
    names = obs.identifiers.loc[rows["identifier"], ["kind", "value"]]
    same = ((names["kind"] == node.kind) & (names["value"] == node.value)).to_numpy()
    return int(rows.loc[same, "count"].sum())
