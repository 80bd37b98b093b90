"""The log of what became of communities from run to run, as tables that a store can keep.

A community's id may change when its earliest core member does; its *line* is inherited. Rows are
only ever added to the log. Who decides which community inherits is ``communities.lineage``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import pandas as pd

from graph_models.errors import UsageError

__all__ = ["EVENTS", "LOG_COLUMNS", "ROLL_COLUMNS", "Lineage", "Run"]

EVENTS: Mapping[str, str] = {
    "new": "No earlier line stands behind most of its members.",
    "continue": "Most members are the same, and so, nearly, is the size.",
    "grow": "Most members are the same; it has more than a tenth more of them.",
    "shrink": "Most members are the same; it has more than a tenth fewer of them.",
    "respawn": "Members were closed, and accounts made soon after took their place.",
    "split": "Most of its members come from a line that another community inherits.",
    "merge": "Most of the line's members stand in the community of another line.",
    "gone": "No community has most of the line's members.",
}

# One row an event, oldest first. ``line`` is whose event it is and ``other`` the line that it came
# out of (split) or went into (merge); ``before`` and ``community`` are the ids in the run before
# and in this one. ``shared`` = members in both, ``joined`` and ``left`` = members in one of them;
# ``replaced`` = of those who joined, the accounts made soon after a member was closed.
LOG_COLUMNS: dict[str, str] = {
    "step": "int64",
    "at": "str",
    "run": "str",
    "snapshot": "str",
    "event": "str",
    "line": "str",
    "before": "str",
    "community": "str",
    "other": "str",
    "earlier": "int64",
    "later": "int64",
    "shared": "int64",
    "joined": "int64",
    "left": "int64",
    "replaced": "int64",
    "reason": "str",
}
# Who stood last in each line, also in lines that no community has any more (``stands`` False),
# because those may come back. ``weight`` is what a member counts for, 0..1.
ROLL_COLUMNS: dict[str, str] = {
    "line": "str", "community": "str", "account": "str", "weight": "float64", "stands": "bool",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Run:
    """Which run looks back, when, and whether it saw other data than the run before it."""

    run: str
    snapshot: str
    at: datetime
    same_data: bool = False


def _no_rows(columns: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=type_) for name, type_ in columns.items()})


@dataclass(frozen=True, eq=False)
class Lineage:
    """The log (``LOG_COLUMNS``) and who stands in which line (``ROLL_COLUMNS``)."""

    log: pd.DataFrame = field(default_factory=lambda: _no_rows(LOG_COLUMNS))
    roll: pd.DataFrame = field(default_factory=lambda: _no_rows(ROLL_COLUMNS))

    def __post_init__(self) -> None:
        for name, columns in (("log", LOG_COLUMNS), ("roll", ROLL_COLUMNS)):
            if list(getattr(self, name).columns) != list(columns):
                raise ValueError(f"Lineage.{name} must have the columns {list(columns)}.")
        if not self.log["step"].is_monotonic_increasing:
            raise ValueError("Lineage.log must stand in the order of its steps.")

    @cached_property
    def lines(self) -> dict[str, str]:
        """Community of the last run to its line."""
        standing = self.roll.loc[self.roll["stands"], ["community", "line"]].drop_duplicates()
        return dict(zip(standing["community"], standing["line"], strict=True))

    def story(self, community: str) -> pd.DataFrame:
        """The log of the line that a community of the last run stands in; no rows without one."""
        told: pd.DataFrame = self.log[self.log["line"] == self.lines.get(community, "")]
        return told.reset_index(drop=True)

    def of(self, name: str) -> pd.DataFrame:
        """The log of one line, or of each line that a community (of any run) stood in.

        Raises:
            UsageError: the log knows no such line or community.
        """
        told = self.log
        named = told["community"].eq(name) | told["before"].eq(name)
        lines = {name, *told.loc[named, "line"]} | {
            line for community, line in self.lines.items() if community == name
        }
        chosen: pd.DataFrame = told[told["line"].isin(lines) | told["other"].isin(lines)]
        if chosen.empty:
            raise UsageError(
                f"The log tells nothing of {name!r}.", fix="Show all of it with: workbench lineage"
            )
        return chosen.reset_index(drop=True)
