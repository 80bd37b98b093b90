"""One run of a play: the graph and the rows that it asks, and the meter that ends it honestly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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

__all__ = ["ACCUSED", "Asking", "Stage"]

Item = TypeVar("Item")
ACCUSED = ("core", "probable")
"""The tiers to which a community's assessment applies."""


@dataclass
class Stage:
    """How far a walk came: ``looked`` of ``of``; ``ended`` names what was used up, or is empty."""

    unit: str
    of: int
    looked: int = 0
    ended: str = ""


class Asking:
    """What a play asks through. Every question is counted, every row that is read as well.

    ``stages`` tell how far each walk ``within`` the budget came.
    """

    def __init__(self, desk: Workbench, budget: Budget, clock: Callable[[], datetime]) -> None:
        self.desk, self._budget, self._clock = desk, budget, clock
        self._start = clock()
        self.view: GraphView = desk.store.view()
        self.asked = self.read = 0
        self.stages: list[Stage] = []
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

    def within(
        self, items: Sequence[Item], unit: str, *, step: int = 1, part: float = 1.0
    ) -> Iterator[Sequence[Item]]:
        """The items, a step at a time, until all are looked at or the budget is used up.

        ``part``: how much of the budget may be used by then, so that a later stage has some left.
        """
        stage = Stage(unit, len(items))
        self.stages.append(stage)
        for start in range(0, len(items), step):
            stage.ended = self._used_up(part)
            if stage.ended:
                return
            chunk = items[start : start + step]
            yield chunk
            stage.looked += len(chunk)
            self._progress(stage.looked / len(items))

    @property
    def unfinished(self) -> list[Stage]:
        """The stages that the budget ended."""
        return [stage for stage in self.stages if stage.ended]

    def _used_up(self, part: float) -> str:
        budget = self._budget
        used = {
            f"{part * budget.rows:,.0f} rows": self.read >= part * budget.rows,
            f"{part * budget.questions:,.0f} questions": self.asked >= part * budget.questions,
            f"{part * budget.seconds:g} seconds": self.seconds >= part * budget.seconds,
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
