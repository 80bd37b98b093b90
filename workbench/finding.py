"""Find any entity by its value: nodes, what one account alone used, communities, cases."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graph_models.codes import codes
from graph_models.errors import UsageError
from graph_models.kinds import ACCOUNT, KINDS
from graph_models.kinds.ip_address import IP_ADDRESS
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import Entity, GraphView
from graph_models.stores.relations import COMMUNITY

if TYPE_CHECKING:
    from ingest.observing.known_values import KnownValues
    from ingest.store.snapshots import Snapshot
    from workbench.library import Workbench

__all__ = ["CASE", "MATCHES", "Findings", "Hit", "find"]

CASE = "case"
MATCHES = {
    "exact": "exactly this",
    "canonical": "the same value, written otherwise",
    "prefix": "begins so",
    "network": "in the same network",
}
OWNERS_AT_ONCE = 5  # each costs a tenth of a second where a hundred million rows are
SHORTEST = 3  # characters: what begins with fewer is no question about private values
_KNOWN = {kind.name: kind for kind in KINDS}
_TITLES = {kind.title.casefold(): kind.name for kind in KINDS}


@dataclass(frozen=True)
class Hit:
    """An entity and why it was found; ``private``: one account alone used it.

    ``draw`` is the node to draw: itself, or the account whose private value it is; empty for what
    cannot be drawn, such as a case.
    """

    entity: Entity
    match: str
    draw: str
    private: bool = False
    note: str = ""

    @property
    def node(self) -> NodeRef:
        """What was found."""
        return self.entity.node

    def as_json(self) -> dict[str, Any]:
        """The entity's fields, and why it was found."""
        told = {name: getattr(self.entity, name) for name in ("node", "properties", "counts")}
        told |= {"private": self.entity.private, "hub": self.entity.hub, "match": self.match}
        return told | {"only_one_account": self.private, "draw": self.draw, "note": self.note}


@dataclass(frozen=True)
class Findings:
    """What a search found: shown + truncated = total, and what was not looked through."""

    text: str
    hits: tuple[Hit, ...]
    total: int
    unread: tuple[str, ...] = field(default_factory=tuple)

    @property
    def shown(self) -> int:
        """How many are listed."""
        return len(self.hits)

    @property
    def truncated(self) -> int:
        """How many more begin so."""
        return self.total - self.shown

    def as_json(self) -> dict[str, Any]:
        """The findings with their counts."""
        return {
            "text": self.text,
            "hits": self.hits,
            "shown": self.shown,
            "truncated": self.truncated,
            "total": self.total,
            "unread": list(self.unread),
        }


def find(desk: Workbench, text: str, *, limit: int = 25) -> Findings:
    """Entities by value or beginning: exact ones first, then the same written otherwise.

    ``kind:value`` asks for one kind. An address that is not known brings its network's.
    """
    if limit < 1:
        raise UsageError(f"A page of {limit} shows nothing.", fix="Use --limit 1 or more.")
    wanted = text.strip()
    if not wanted:
        return Findings(text, (), 0)
    return _Search(desk, wanted, limit).run()


class _Search:
    """One search; hits are kept by node, the first reason for one stands."""

    def __init__(self, desk: Workbench, text: str, limit: int) -> None:
        self._desk, self._limit = desk, limit
        self._view: GraphView = desk.store.view()
        self._hits: dict[str, Hit] = {}
        self._kinds = set(self._view.about()["kinds"])
        kind, _, value = text.partition(":")
        known = {*self._kinds, *_KNOWN, ACCOUNT.name, COMMUNITY}
        # People write "Card: …" as well.
        kind = _TITLES.get(kind.strip().casefold(), kind.strip().casefold())
        named = bool(value.strip()) and kind in known
        self._kind, self._value = (kind, value.strip()) if named else ("", text)
        self._text = f"{kind}:{self._value}" if named else text
        self._unread: list[str] = []

    def run(self) -> Findings:
        nodes = [Hit(e, self._matched(e.node), str(e.node)) for e in self._search(self._text)]
        self._add(hit for hit in nodes if hit.match == "exact")
        self._add(_case_hits(self._desk, self._text, exact=True))
        forms = list(self._forms())
        self._add(self._canonical(forms))
        private, more = self._private(forms)
        self._add(hit for hit in private if hit.match != "prefix")
        self._add(nodes)
        self._add(private)
        self._add(_case_hits(self._desk, self._text, exact=False))
        counted = self._view.matching(self._text)
        begin = sum(counted.values())
        if not self._hits:
            begin = self._add_network()
        others = sum(not self._begins(hit) for hit in self._hits.values())
        shown = tuple(self._hits.values())[: self._limit]
        total = max(begin + more + others, len(self._hits))
        return Findings(self._text, shown, total, tuple(self._unread))

    def _add(self, hits: Iterator[Hit] | Sequence[Hit]) -> None:
        for hit in hits:
            self._hits.setdefault(str(hit.node), hit)

    def _search(self, text: str) -> Sequence[Entity]:
        return self._view.search(text, limit=self._limit)

    def _matched(self, node: NodeRef) -> str:
        return "exact" if self._value == node.value or self._text == str(node) else "prefix"

    def _begins(self, hit: Hit) -> bool:
        """Whether a hit is among those that were counted by their beginning."""
        begins = hit.node.value.lower().startswith(self._value.lower())
        return hit.match == "network" or (begins and hit.node.kind != CASE)

    def _forms(self) -> Iterator[NodeRef]:
        """The text as a clean value of each kind that it may be of."""
        for name, kind in _KNOWN.items():
            if self._kind in ("", name):
                value = kind.clean(self._value)
                if value:
                    yield NodeRef(name, value)

    def _canonical(self, forms: Sequence[NodeRef]) -> Iterator[Hit]:
        for node in forms:
            if node.value != self._value and node.kind in self._kinds:
                for entity in self._view.search(str(node), limit=1):
                    if entity.node == node:
                        yield Hit(entity, "canonical", str(node))

    # ---- what one account alone used

    def _private(self, forms: Sequence[NodeRef]) -> tuple[list[Hit], int]:
        """Private values, exact ones first, and how many there are by their beginning."""
        kinds = [name for name in _KNOWN if self._kind in ("", name)]
        snapshot = self._snapshot()
        if not kinds or snapshot is None:
            return [], 0
        from ingest.observing.known_values import known_values

        with known_values(snapshot) as known:
            shared = self._shared(forms)
            found = [(node, _code(node)) for node in forms if node not in shared]
            found = [(node, code) for node, code in found if known.holds(node, code)]
            hits = list(self._owned(known, found))
            if len(self._value) < SHORTEST or len(self._hits) + len(hits) >= self._limit:
                self._unread.append(
                    "What one account alone used was looked for by its whole value only."
                )
                return hits, 0
            starting, every = known.starting(self._value, kinds, 2 * self._limit)
            counted = self._view.matching(self._text)
            named = [
                (NodeRef(row["kind"], row["value"]), row["code"])
                for row in starting.to_dict("records")
            ]
            hits += self._beginning(known, named)
            return hits, max(0, every - sum(counted.get(kind, 0) for kind in kinds))

    def _beginning(self, known: KnownValues, found: Sequence[tuple[NodeRef, int]]) -> Iterator[Hit]:
        """Private values that begin so; whose they are is read of a few only."""
        shared = self._shared([node for node, _ in found])
        alone = [(node, code) for node, code in found if node not in shared][: self._limit]
        if len(alone) <= OWNERS_AT_ONCE:
            yield from self._owned(known, alone)
            return
        for node, _ in alone:
            entity = Entity(node, {}, {ACCOUNT.name: 1})
            yield Hit(entity, "prefix", "", private=True, note="whose: search the whole value")

    def _shared(self, nodes: Sequence[NodeRef]) -> set[NodeRef]:
        """Those of some identifiers that are nodes of the graph."""
        used = self._view.users(nodes)[["kind", "value"]].drop_duplicates()
        return {NodeRef(*name) for name in used.itertuples(index=False, name=None)}

    def _snapshot(self) -> Snapshot | None:
        try:
            return self._desk.snapshot()
        except UsageError:  # a desk that has the graph only
            self._unread.append("The rows are not here: no value of one account alone was found.")
            return None

    def _owned(self, known: KnownValues, found: Sequence[tuple[NodeRef, int]]) -> Iterator[Hit]:
        """Values with whoever used them, as far as somebody did."""
        users = known.users([code for _, code in found])
        by = dict(tuple(users.groupby("code"))) if len(users) else {}
        for node, code in found:
            if code in by:
                yield self._hit(node, by[code])

    def _hit(self, node: NodeRef, used: Any) -> Hit:
        alone = len(used) == 1
        first, last = used["first"].min(), used["last"].max()
        properties = {"count": int(used["count"].sum()), "first": first, "last": last}
        entity = Entity(node, properties, {ACCOUNT.name: len(used)})
        begins = node.value != self._value and node.value.lower().startswith(self._value.lower())
        canonical = "canonical" if node.value != self._value else "exact"
        return Hit(
            entity,
            "prefix" if begins else canonical,
            f"{ACCOUNT.name}:{used['account'].iloc[0]}" if alone else "",
            private=alone,
            note="" if alone else "not in the published run",
        )

    # ---- an address whose network is known

    def _add_network(self) -> int:
        """Known addresses of the network that an unknown one lies in; how many there are."""
        beginning = _network_of(self._value) if self._kind in ("", IP_ADDRESS.name) else ""
        if not beginning:
            return 0
        asked = f"{IP_ADDRESS.name}:{beginning}"
        self._add(Hit(entity, "network", str(entity.node)) for entity in self._search(asked))
        return sum(self._view.matching(asked).values())


def _code(node: NodeRef) -> int:
    (code,) = codes(node.kind, [node.value]).tolist()
    return int(code)


def _network_of(text: str) -> str:
    """How the addresses of the /24 or /48 begin that an address, or a written network, lies in."""
    try:
        address = ipaddress.ip_interface(IP_ADDRESS.clean(text) or text).ip
    except ValueError:
        return ""
    prefix = IP_ADDRESS.derive(str(address)).get("prefix", "").partition("/")[0]
    return prefix.removesuffix("::") + ":" if ":" in prefix else prefix.removesuffix("0")


def _case_hits(desk: Workbench, text: str, *, exact: bool) -> Iterator[Hit]:
    """Cases by id or title."""
    listed = getattr(desk, "case_list", None)
    if listed is None:
        return
    low = text.removeprefix("case:").lower()
    for case in listed():
        same = low in (case.case.lower(), case.title.lower())
        begins = case.case.lower().startswith(low) or low in case.title.lower()
        if same if exact else begins and not same:
            told = {"title": case.title, "state": case.state, "focus": case.focus}
            entity = Entity(NodeRef(CASE, case.case), told, {})
            yield Hit(entity, "exact" if same else "prefix", "")
