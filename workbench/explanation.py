"""``explain``: the account of one pair, with the source rows behind every line of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.errors import UsageError
from graph_models.families import Family
from graph_models.kinds import ACCOUNT
from graph_models.linking import LinkContext
from graph_models.linking.explain import Entry, explain_pair
from graph_models.linking.rules import DERIVED_POLICIES
from graph_models.linking.served import served_context
from graph_models.nodes import NodeRef
from ingest.observing.citations import Citations, uses_of
from ingest.observing.walking import ROW
from ingest.store.packages import BY_DAY
from workbench.profiles.gaps import gaps_in
from workbench.profiles.pairs import added_to_entry, added_to_pair
from workbench.profiles.whynot import Stand

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot
    from workbench.library import Workbench

__all__ = ["ROWS_SHOWN", "explain", "explain_accounts", "stand_of"]

ROWS_SHOWN = 20
_NOTHING = np.zeros(0, np.int64)
_MANY_DAYS = 1 << 20  # on how many an account had exchanges is not known

# What signals without an identifier read: the account register, or the exchanges.
REGISTER, TRAFFIC = "account", "exchange"
READS: Mapping[str, str] = {
    Family.LIFECYCLE.value: REGISTER,
    Family.PROFILE.value: REGISTER,
    Family.TIMING.value: TRAFFIC,
    Family.PROMPTS.value: TRAFFIC,
}
READS_TRAFFIC_TOO = {"model move": TRAFFIC}


def explain_accounts(
    desk: Workbench, a: str, b: str, *, grounds: bool = False
) -> Mapping[str, Any]:
    """As the published run saw the two, while the workspace has its snapshot; else as it is now."""
    facts = None if a == b else desk.store.view().pair(a, b)
    snapshot = None if facts is None else _published_snapshot(desk)
    if facts is None or snapshot is None:
        cited = desk.cited(desk.snapshot())
        # A store without facts of pairs still tells where the two stand, while it is of these rows.
        same = a != b and desk.about().get("snapshot") == cited.snapshot.digest
        stands = (stand_of(desk, a), stand_of(desk, b)) if same else None
        return explain(desk.context(), cited, a, b, stands=stands, grounds=grounds)
    stands = (stand_of(desk, a), stand_of(desk, b))
    cited = desk.cited(snapshot)
    return explain(served_context(facts), cited, a, b, stands=stands, grounds=grounds)


def stand_of(desk: Workbench, account: str) -> Stand:
    """Where the published graph has an account; nowhere when it knows of none."""
    told = desk.store.view().entity(NodeRef(ACCOUNT.name, account)).properties
    community = str(told.get("community") or "")
    if not community:
        return Stand(account=account)
    assessed = desk.store.view().community(community).assessment.assessed_as
    tier = str(told.get("tier") or "")
    return Stand(account=account, community=community, tier=tier, assessed_as=assessed)


def _published_snapshot(desk: Workbench) -> Snapshot | None:
    """The snapshot that the published graph tells of; a later one is no longer what it saw."""
    digest, current = desk.about().get("snapshot"), desk.snapshot()
    if digest == current.digest:
        return current
    try:
        return desk.workspace.snapshot(str(digest))
    except UsageError:
        return None


def explain(
    context: LinkContext,
    citations: Citations,
    a: str,
    b: str,
    *,
    stands: tuple[Stand, Stand] | None = None,
    grounds: bool = False,
) -> Mapping[str, Any]:
    """The JSON of contract §4 for a pair of account ids.

    Every entry names the first 20 source rows and how many there are; the bits of ``signals`` and
    ``against`` together sum to ``bits`` (to the millibit). ``why_not`` is None for a linked pair.
    With ``grounds``, every entry also names the ``loads`` that any of its rows lies in, and
    ``snapshot`` says which rows were read.
    """
    found = explain_pair(context.obs, a, b, context=context)
    entries = [*found.signals, *found.against]
    sources = _Sources(context, citations, (a, b))
    lines = list(map(_line, entries, sources.of(entries)))
    for entry, line in zip(entries, lines, strict=True):
        line.update(added_to_entry(context, entry))
    told = {}
    if grounds:
        told["snapshot"] = citations.snapshot.digest
        for line, loads in zip(lines, sources.loads_of(entries), strict=True):
            line["loads"] = loads
    gaps = gaps_in({event: citations.days(event) for event in BY_DAY})
    placed = stands or (Stand(account=found.a), Stand(account=found.b))
    speaking = [entry.bits >= 0 for entry in found.signals] + [False] * len(found.against)
    return {
        "a": found.a,
        "b": found.b,
        "bits": found.bits,
        "probability": found.probability,
        "prior_bits": found.prior_bits,
        "linked": found.linked,
        "words": found.words,
        "signals": [line for line, speaks in zip(lines, speaking, strict=True) if speaks],
        "against": [line for line, speaks in zip(lines, speaking, strict=True) if not speaks],
        "chance_p": found.chance_p,
        "lacking": list(context.lacking),
        **added_to_pair(context, found, lines, placed, gaps),
        **told,
    }


@dataclass(frozen=True)
class _Citation:
    """Source rows: the first ones as (file, row), by time, and how many there are in all."""

    rows: tuple[tuple[str, int], ...] = ()
    total: int = 0


def _line(entry: Entry, citation: _Citation) -> dict[str, Any]:
    return {
        "signal": entry.signal,
        "family": entry.family,
        "bits": entry.bits,
        "identifier": str(entry.identifier) if entry.identifier else None,
        "why": entry.why,
        "misleads": entry.misleads,
        # A value's number in its layer is how the entry was found, and says nothing to anybody.
        "inputs": {name: number for name, number in entry.inputs.items() if name != "value"},
        "rows": [{"file": file, "row": row} for file, row in citation.rows],
        "rows_total": citation.total,
    }


class _Sources:
    """Finds the rows behind entries: what the two did, as the graph tells it, leads to them."""

    def __init__(self, context: LinkContext, citations: Citations, pair: tuple[str, str]) -> None:
        self.context, self.citations, self.pair = context, citations, pair
        obs = context.obs
        found = [obs.position_of(account) for account in pair]
        positions = [position for position in found if position is not None]  # explained: both are
        account = obs.sightings["account"].to_numpy()
        rows = np.flatnonzero((account == positions[0]) | (account == positions[1]))
        seen = obs.sightings.iloc[rows]
        uses = uses_of(obs, seen)
        self._identifier = seen["identifier"].to_numpy()
        self._kind, self._value = (uses[name].to_numpy(object) for name in ("kind", "value"))
        # Behind the uses stand all exchanges of either.
        self._traffic = np.arange(2) + len(uses)
        traffic = _exchanges(obs.accounts.iloc[positions])
        self._uses: pd.DataFrame = pd.concat([uses, traffic], ignore_index=True)

    def of(self, entries: Sequence[Entry]) -> list[_Citation]:
        """The rows behind each entry; all are looked for in one walk over the days."""
        uses = [self._behind(entry) for entry in entries]
        asked: pd.DataFrame = self._uses.iloc[np.concatenate([*uses, _NOTHING])]
        group = np.repeat(np.arange(len(uses)), [len(some) for some in uses])
        found = self.citations.behind(asked.assign(group=group), limit=ROWS_SHOWN)
        cited = list(zip(found["file"].tolist(), found["row"].tolist(), strict=True))
        starts = np.searchsorted(found["group"].to_numpy(), np.arange(len(uses) + 1))
        count = self._uses["count"].to_numpy()
        return [
            self._register
            if _reads(entry) == REGISTER
            else _cited(cited[starts[at] : starts[at + 1]], int(count[uses[at]].sum()))
            for at, entry in enumerate(entries)
        ]

    def loads_of(self, entries: Sequence[Entry]) -> list[list[str]]:
        """The loads that any row behind each entry lies in, not only the first rows."""
        uses = [self._behind(entry) for entry in entries]
        asked: pd.DataFrame = self._uses.iloc[np.concatenate([*uses, _NOTHING])]
        group = np.repeat(np.arange(len(uses)), [len(some) for some in uses])
        found = self.citations.loads_behind(asked.assign(group=group), groups=len(uses))
        register = self.citations.loads_about([REGISTER], self.pair)
        return [
            register if _reads(entry) == REGISTER else loads
            for entry, loads in zip(entries, found, strict=True)
        ]

    def _behind(self, entry: Entry) -> NDArray[np.int64]:
        """The uses of the shared identifier, of the values behind a derived one, or all traffic."""
        if entry.identifier is not None:
            node = entry.identifier
            return np.flatnonzero((self._kind == node.kind) & (self._value == node.value))
        if _reads(entry) == TRAFFIC:
            return self._traffic
        return self._derived(entry) if entry.signal.startswith("shared ") else _NOTHING

    def _derived(self, entry: Entry) -> NDArray[np.int64]:
        """Uses of the addresses of either account that lie in a shared prefix or network."""
        layer = self.context.layer(entry.signal.removeprefix("shared "))
        if layer is None:
            return _NOTHING
        group = str(layer.text[int(entry.inputs["value"])])
        source, column, _ = DERIVED_POLICIES[layer.kind]
        groups = self.context.obs.identifiers[column].iloc[self._identifier].to_numpy(object)
        return np.flatnonzero((self._kind == source) & (groups == group))

    @cached_property
    def _register(self) -> _Citation:
        """What the account register says of the two."""
        found = self.citations.rows_about(REGISTER, self.pair)
        rows = zip(found["file"].tolist(), found["row"].tolist(), strict=True)
        return _Citation(tuple(rows)[:ROWS_SHOWN], len(found))


def _cited(rows: list[tuple[str, int]], total: int) -> _Citation:
    # What two rows of different logs tell alike was counted once.
    return _Citation(tuple(rows), max(total, len(rows)))


def _reads(entry: Entry) -> str | None:
    """Which event kind an entry without an identifier rests on; None where it is no event."""
    # A cap follows from other entries; a derived hub says nothing.
    if entry.identifier or entry.signal.startswith(("overlap within", "context ", "shared ")):
        return None
    return READS_TRAFFIC_TOO.get(entry.signal) or READS[entry.family]


def _exchanges(people: pd.DataFrame) -> pd.DataFrame:
    """All exchanges of accounts, as uses; who is seen elsewhere may have begun with something."""
    return pd.DataFrame({
        "account": people["account"].to_numpy(object),
        "kind": ROW,
        "value": TRAFFIC,
        "count": people["exchanges"].fillna(0).to_numpy(np.int64),
        "first": people["first_seen"].to_numpy(),
        "last": people["last_seen"].to_numpy(),
        "days": _MANY_DAYS,
    })  # fmt: skip
