"""One run of a play: the graph and the rows that it asks, and the meter that ends it honestly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from graph_models.inference import Community
from graph_models.kinds import policy_of, relation_of
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import GraphView
from workbench.plays.play import Budget

if TYPE_CHECKING:
    from workbench.library import Workbench

__all__ = ["ACCUSED", "Asking"]

Item = TypeVar("Item")
ACCUSED = ("core", "probable")
"""The tiers to which a community's assessment applies."""


class Asking:
    """What a play asks through. Every question is counted, every row that is read as well.

    ``looked`` of ``of`` are set by ``within``; ``ended`` names what was used up, or is empty.
    """

    def __init__(self, desk: Workbench, budget: Budget, clock: Callable[[], datetime]) -> None:
        self.desk, self._budget, self._clock = desk, budget, clock
        self._start = clock()
        self.view: GraphView = desk.store.view()
        self.asked = self.read = 0
        self.looked = self.of = 0
        self.unit, self.ended = "", ""
        self._progress: Callable[[float], None] = lambda _share: None

    def telling(self, progress: Callable[[float], None]) -> Asking:
        """Tell somebody how far it is."""
        self._progress = progress
        return self

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return (self._clock() - self._start).total_seconds()

    def count(self, rows: int, *, questions: int = 1) -> None:
        """Note a question and the rows that it read."""
        self.asked += questions
        self.read += rows

    def within(self, items: Sequence[Item], unit: str, *, step: int = 1) -> Iterator[Sequence[Item]]:
        """The items, a step at a time, until all are looked at or the budget is used up."""
        self.unit, self.looked, self.of, self.ended = unit, 0, len(items), ""
        for start in range(0, len(items), step):
            self.ended = self._used_up()
            if self.ended:
                return
            chunk = items[start : start + step]
            yield chunk
            self.looked += len(chunk)
            self._progress(self.looked / len(items))

    def whole(self, number: int, unit: str) -> None:
        """Note that one question looked at all of so many."""
        self.unit, self.looked, self.of, self.ended = unit, number, number, ""

    def _used_up(self) -> str:
        used = {
            f"{self._budget.rows:,} rows": self.read >= self._budget.rows,
            f"{self._budget.questions:,} questions": self.asked >= self._budget.questions,
            f"{self._budget.seconds:g} seconds": self.seconds >= self._budget.seconds,
        }
        return next((name for name, over in used.items() if over), "")

    # ---- what plays ask of the graph

    def uses(self, accounts: Sequence[str], kind: str = "") -> pd.DataFrame:
        """What accounts used that others used as well, all or of one kind."""
        return self._counted(self.view.uses(accounts, kind=kind or None))

    def users(self, nodes: Sequence[NodeRef]) -> pd.DataFrame:
        """Who used identifiers."""
        return self._counted(self.view.users(nodes))

    def linked(self, accounts: Sequence[str]) -> pd.DataFrame:
        """Links of accounts."""
        return self._counted(self.view.linked(accounts))

    def members(self, community: str) -> pd.DataFrame:
        """Members of a community, in every tier; UsageError with near names."""
        found = self.view.community(community).community
        return self._counted(self.view.members(found))

    @cached_property
    def memberships(self) -> pd.DataFrame:
        """The community that has most of each account's traffic, by account: community, tier."""
        table = self._counted(self.view.members())
        by = table.sort_values(["account", "share", "community"], ascending=[True, False, True])
        return by.drop_duplicates("account").set_index("account")[["community", "tier"]]

    def community(self, name: str) -> Community:
        """One community."""
        self.count(1)
        return self.view.community(name)

    def _counted(self, table: pd.DataFrame) -> pd.DataFrame:
        self.count(len(table))
        return table

    # ---- what a value says

    def bits(self, kinds: pd.Series, accounts: pd.Series) -> pd.Series:
        """The most bits that sharing a value of so many accounts may say, as links count them."""
        at_most = {
            kind: math.log2(policy_of(kind).reuse * max(self._uses_of(kind), 1))
            for kind in kinds.unique()
        }
        raw = [at_most[kind] - math.log2(many) for kind, many in zip(kinds, accounts, strict=True)]
        caps = kinds.map({kind: policy_of(kind).cap_bits for kind in at_most}).to_numpy(float)
        fair = pd.Series(raw, index=kinds.index, dtype=float).clip(lower=0.0)
        return fair.clip(upper=pd.Series(caps, index=kinds.index)).round(1)

    def _uses_of(self, kind: str) -> int:
        about = self._about
        return int(about["edges"].get(relation_of(kind), 0) + about["private"].get(kind, 0))

    @cached_property
    def _about(self) -> dict[str, dict[str, int]]:
        self.count(1)
        return dict(self.view.about())
