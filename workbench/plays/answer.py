"""What a play answered, counted so that too many never looks like none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from graph_models.text import inert
from workbench.plays.play import Value

__all__ = ["Answer"]


@dataclass(frozen=True, eq=False)
class Answer:
    """What a play answered: shown + hidden + truncated = total, of what was looked at.

    ``looked`` of ``of`` (in ``unit``) were looked at; where they differ, ``ended`` says which part
    of the budget ended it, and nothing beyond was looked at. ``nodes`` can be drawn in Explore.
    """

    play: str
    arguments: Mapping[str, Value]
    rows: pd.DataFrame
    hidden: int
    truncated: int
    total: int
    because: Mapping[str, int]
    told: tuple[str, ...]
    nodes: tuple[str, ...]
    looked: int
    of: int
    unit: str
    ended: str
    seconds: float
    asked: int
    read: int
    node_columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.shown + self.hidden + self.truncated != self.total:
            raise ValueError(
                f"{self.shown} shown + {self.hidden} hidden + {self.truncated} truncated "
                f"is not {self.total}: an answer must add up."
            )

    @property
    def shown(self) -> int:
        """How many rows the answer holds."""
        return len(self.rows)

    @property
    def whole(self) -> bool:
        """Whether everything was looked at."""
        return self.looked == self.of

    @property
    def counted(self) -> str:
        """The counts in one sentence."""
        said = (
            f"{self.shown:,} shown + {self.hidden:,} hidden + {self.truncated:,} beyond the limit"
        )
        return f"{said} = {self.total:,} found"

    @property
    def looked_at(self) -> str:
        """How far it looked, and what ended it."""
        if self.whole:
            return f"Looked at all {self.of:,} {self.unit}."
        return (
            f"Looked at {self.looked:,} of {self.of:,} {self.unit}; nothing beyond was looked at, "
            f"because {self.ended} were used up."
        )

    def as_json(self) -> dict[str, Any]:
        """The answer as ``workbench play NAME --json`` tells it."""
        return {
            "play": self.play,
            "arguments": dict(self.arguments),
            "rows": self.rows,
            "shown": self.shown,
            "hidden": self.hidden,
            "truncated": self.truncated,
            "total": self.total,
            "hidden_because": dict(self.because),
            "looked": self.looked,
            "of": self.of,
            "unit": self.unit,
            "ended": self.ended,
            "told": list(self.told),
            "nodes": list(self.nodes),
            "seconds": round(self.seconds, 3),
            "asked": self.asked,
            "read": self.read,
        }

    def __repr__(self) -> str:
        rows = self.rows.map(lambda cell: inert(cell, 60) if isinstance(cell, str) else cell)
        return "\n".join([f"{self.play}: {self.counted}. {self.looked_at}", *self.told, str(rows)])
