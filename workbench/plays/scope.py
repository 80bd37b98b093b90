"""Which identifiers a play looks at: one, those of a community, or all of a kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from graph_models.errors import UsageError
from graph_models.kinds import KINDS, kind_named
from graph_models.nodes import NodeRef
from workbench.plays.asking import Asking
from workbench.plays.play import Parameter
from workbench.plays.rarest_shared import uses_of_members

__all__ = ["COMMUNITY_OR_ALL", "KIND", "NODE", "Scope"]

_VALUES_AT_A_TIME = 20_000  # some 100,000 uses
_CHOICES = ("payment_method", "device", "ip", "api_key")

KIND = Parameter(
    name="kind",
    type="kind",
    default="payment_method",
    choices=_CHOICES,
    doc="The kind of identifier.",
)
COMMUNITY_OR_ALL = Parameter(
    name="community",
    type="community",
    default="",
    doc="Only identifiers of this community's members; empty: all of the kind.",
)
NODE = Parameter(
    name="node",
    type="node",
    default="",
    doc="Only this identifier (kind:value); empty: see community.",
)


class Scope:
    """The users of all identifiers that were asked for, some identifiers at a time.

    ``hubs``: how many identifiers were left out as context. ``told`` says what was left out.
    """

    def __init__(self, asking: Asking, values: Mapping[str, Any]) -> None:
        self._asking, self._values = asking, values
        self.kind: str = values["kind"]
        self.hubs = 0

    def users(self) -> Iterator[pd.DataFrame]:
        """Uses of identifiers that two accounts share, hubs apart; whole identifiers a frame."""
        for nodes in self._nodes():
            used = self._asking.users(nodes)
            hub = used["hub"]
            self.hubs += used[hub]["value"].nunique()
            yield used[~hub]

    def told(self) -> tuple[str, ...]:
        """What was left out, in sentences."""
        plural = kind_named(self.kind).name.replace("_", " ")
        return (f"{self.hubs:,} of kind {plural} are above the hub limit: context, and left out.",)

    def _nodes(self) -> Iterator[Sequence[NodeRef]]:
        if self._values.get("node"):
            yield from self._asking.within([self._one(self._values["node"])], "identifiers")
        elif self._values["community"]:
            yield from self._of_community(self._values["community"])
        else:
            yield from self._of_kind()

    def _one(self, name: str) -> NodeRef:
        node = NodeRef.parse(name)
        if node.kind not in {kind.name for kind in KINDS}:
            raise UsageError(
                f"--node {node.kind!r} is no kind of identifier.",
                fix=f"Name an identifier of kind {', '.join(kind.name for kind in KINDS)}.",
            )
        self.kind = node.kind
        self._asking.count(1)
        return self._asking.view.entity(node).node

    def _of_community(self, community: str) -> Iterator[Sequence[NodeRef]]:
        members = self._asking.members(community)["account"].drop_duplicates().tolist()
        parts = uses_of_members(self._asking, members, self.kind, part=0.5)
        used = pd.concat([part["value"].drop_duplicates() for part in parts])
        nodes = [NodeRef(self.kind, value) for value in used.drop_duplicates().sort_values()]
        yield from self._asking.within(nodes, "identifiers", step=_VALUES_AT_A_TIME)

    def _of_kind(self) -> Iterator[Sequence[NodeRef]]:
        number = int(self._asking.view.about()["nodes"].get(self.kind, 0))
        for places in self._asking.within(range(number), "identifiers", step=_VALUES_AT_A_TIME):
            assert isinstance(places, range)
            found = self._asking.view.values(self.kind, places)
            self._asking.count(len(found))
            yield [NodeRef(self.kind, value) for value in found]
