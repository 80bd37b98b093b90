"""What a play is: a named question with typed parameters, a budget, and how it misleads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from graph_models.errors import UsageError
from graph_models.kinds import ACCOUNT, KINDS
from graph_models.nodes import NodeRef
from graph_models.text import inert

if TYPE_CHECKING:
    from workbench.plays.asking import Asking

__all__ = ["Answer", "Budget", "Found", "Parameter", "Play", "read_values"]

Value = str | int | float
_NUMBERS: Mapping[str, tuple[float, float]] = {
    "hours": (0.0, 24.0 * 366),  # a year and a day: more is another question
    "days": (0.0, 366.0),
    "share": (0.0, 1.0),
    "bits": (0.0, 100.0),  # no link of any model comes near it
    "count": (1, 1_000_000),
    "limit": (1, 10_000),  # rows that a person, or a table on a page, can still look through
}
_TEXTS = ("node", "community", "kind", "model", "moment")


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter; without a default it must be given. An empty default text means "any".

    ``type`` is one of node, community, kind, model, moment (texts), hours, days, share, bits
    (numbers), count, limit (whole numbers). ``choices``: the only texts that are taken.
    """

    name: str
    type: str
    doc: str
    default: Value | None = None
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or self.type not in (*_NUMBERS, *_TEXTS):
            raise ValueError(f"{self.name!r} of type {self.type!r} is no parameter of a play.")
        if self.default is not None and self.default != "" and self.type not in ("kind", "model"):
            self.read(self.default)

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is None

    def read(self, given: object) -> Value:
        """The value that was given, checked; UsageError names what is valid."""
        if self.type in _NUMBERS:
            return self._number(given)
        text = str(given).strip()
        if not text and self.default == "":
            return ""
        if self.choices and text not in self.choices:
            raise self._refuse(given, f"one of {', '.join(self.choices)}")
        value: str = getattr(self, f"_{self.type}")(text)
        return value

    def _number(self, given: object) -> Value:
        low, high = _NUMBERS[self.type]
        whole = self.type in ("count", "limit")
        valid = f"a {'whole ' if whole else ''}number from {low:g} to {high:g}"
        try:
            number = float(str(given))
        except ValueError:
            raise self._refuse(given, valid) from None
        if not low <= number <= high or (whole and number != int(number)):
            raise self._refuse(given, valid)
        return int(number) if whole else number

    def _node(self, text: str) -> str:
        return str(NodeRef.parse(text))

    def _community(self, text: str) -> str:
        name = text.removeprefix("community:")
        if not name:
            raise self._refuse(text, "the id of a community, such as cm_1a2b (see triage)")
        return name

    def _kind(self, text: str) -> str:
        return text

    def _model(self, text: str) -> str:
        return text

    def _moment(self, text: str) -> str:
        try:
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            valid = "a time such as 2026-05-13T14:00, read as UTC where it has no zone"
            raise self._refuse(text, valid) from None
        return (
            moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
        ).isoformat()

    def _refuse(self, given: object, valid: str) -> UsageError:
        what = f"--{self.name} {inert(str(given), 80)!r} is not understood." if str(given) else (
            f"--{self.name} is empty."
        )  # fmt: skip
        return UsageError(what, fix=f"Give {valid}.")


@dataclass(frozen=True, kw_only=True)
class Budget:
    """When a play ends though there is more: rows read, questions asked, seconds passed."""

    rows: int
    questions: int
    seconds: float
    why: str

    def __post_init__(self) -> None:
        if min(self.rows, self.questions, self.seconds) <= 0 or not self.why:
            raise ValueError("A budget allows something, and says why so much.")


@dataclass(frozen=True, eq=False)
class Found:
    """What a play found before the limit: rows in order, what it held back, what it says.

    ``nodes``: the names of the columns that hold nodes, to be drawn. ``because``: why rows are
    hidden, and how many. ``told``: sentences of our own that belong to the answer.
    """

    rows: pd.DataFrame
    nodes: tuple[str, ...]
    because: Mapping[str, int] = field(default_factory=dict)
    told: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Play:
    """A named question. ``ask`` gets the values by name and answers with ``Found``.

    ``question`` and ``misleads`` are sentences for people; ``reads`` says what it must read.
    """

    name: str
    title: str
    question: str
    parameters: tuple[Parameter, ...]
    misleads: str
    reads: str
    budget: Budget
    ask: Callable[[Asking, Mapping[str, Any]], Found]

    def __post_init__(self) -> None:
        names = [parameter.name for parameter in self.parameters]
        if len({*names}) < len(names) or "limit" not in names:
            raise ValueError(f"{self.name}: each parameter once, and a limit among them.")
        if not (self.question.endswith("?") and self.misleads.endswith(".")):
            raise ValueError(f"{self.name}: a question ends with ?, a sentence with a full stop.")

    def as_json(self) -> dict[str, Any]:
        """The play as ``workbench play list --json`` tells it."""
        return {
            "play": self.name,
            "title": self.title,
            "question": self.question,
            "parameters": [
                {
                    "name": one.name,
                    "type": one.type,
                    "doc": one.doc,
                    "required": one.required,
                    "default": one.default,
                    "choices": list(one.choices),
                }
                for one in self.parameters
            ],
            "misleads": self.misleads,
            "reads": self.reads,
            "budget": {
                "rows": self.budget.rows,
                "questions": self.budget.questions,
                "seconds": self.budget.seconds,
                "why": self.budget.why,
            },
        }


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


def read_values(play: Play, given: Mapping[str, object]) -> dict[str, Value]:
    """All values of a play's parameters, defaults filled in.

    Raises:
        UsageError: a parameter that the play does not have, lacks, or cannot take.
    """
    known = {parameter.name: parameter for parameter in play.parameters}
    names = ", ".join(f"--{name}" for name in known)
    strange = sorted({*given} - {*known})
    if strange:
        raise UsageError(
            f"{play.name} has no parameter {inert(strange[0], 60)!r}.", fix=f"It takes {names}."
        )
    lacking = [name for name, one in known.items() if one.required and _nothing(given.get(name))]
    if lacking:
        docs = "; ".join(f"--{name}: {known[name].doc}" for name in lacking)
        raise UsageError(f"{play.name} needs {len(lacking)} more.", fix=docs)
    return {
        name: one.default if _nothing(given.get(name)) else one.read(given[name])  # type: ignore[misc]
        for name, one in known.items()
    }


def _nothing(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def kinds_choices(*, without: Sequence[str] = ()) -> tuple[str, ...]:
    """The kinds of identifier that a parameter may name."""
    return tuple(kind.name for kind in KINDS if kind.name not in (*without, ACCOUNT.name))
