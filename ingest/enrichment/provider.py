"""How a provider of background data is declared: what it reads, what it tells, where it is from."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from graph_models.kind import Property

__all__ = ["ANSWER", "SETTING", "Enrichment", "Site", "Source", "answer"]

SETTING = "WORKBENCH_ENRICHMENT"
"""Names one more folder of the user's own files."""
FOLDER = "enrichment"

_WORDS = pa.dictionary(pa.int32(), pa.large_string())
ANSWER = pa.schema(
    [
        ("at", pa.int32()),
        ("property", _WORDS),
        ("value", _WORDS),
        ("provider", _WORDS),
        ("version", _WORDS),
        ("date", _WORDS),
    ]
)
"""One fact a row: ``at`` is the index of the value asked for; ``date`` is of the data, or empty."""

LookUp = Callable[[Sequence[str]], pa.Table]


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where a user's own files lie."""

    folders: tuple[Path, ...] = ()

    @classmethod
    def of(cls, root: Path) -> Site:
        """The folder ``enrichment`` of a workspace, and the one that the environment names."""
        named = os.environ.get(SETTING)
        return cls(folders=(root / FOLDER, *((Path(named).expanduser(),) if named else ())))

    def files(self, suffix: str) -> tuple[Path, ...]:
        """The user's files of that suffix, by folder and name."""
        found = (path for folder in self.folders for path in sorted(folder.glob(f"*{suffix}")))
        return tuple(path for path in found if path.is_file())


@dataclass(frozen=True, kw_only=True)
class Source:
    """One body of data, opened. ``look_up(values)`` answers with ``ANSWER``.

    ``version`` names the very data: the same version gives the same answers. ``date`` is that of
    the data (ISO), empty where the source does not say. ``most``: how many values it looks up at
    most; those on the most accounts come first, the others stay unknown.
    """

    name: str
    version: str
    date: str
    licence: str
    look_up: LookUp
    most: int | None = None


@dataclass(frozen=True, kw_only=True)
class Enrichment:
    """One provider, as its file declares it.

    ``reads`` is a kind of identifier, or ``bin``: the first digits of the cards of a payment
    method. ``gives`` are names of properties that the kind declares. ``open(site)`` gives the
    sources at hand: one where the data ships, any number where the user brings it. ``fix`` says
    how to get what is missing.
    """

    name: str
    reads: str
    gives: tuple[str, ...]
    doc: str
    open: Callable[[Site], tuple[Source, ...]]
    fix: str = ""
    properties: tuple[Property, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.gives or not self.doc.endswith("."):
            raise ValueError(f"Enrichment {self.name!r} needs gives and a doc that is a sentence.")


def answer(facts: Mapping[str, Sequence[str | None]], origin: tuple[str, str, str]) -> pa.Table:
    """``ANSWER`` from one column a property, aligned with the values asked for; None is unknown.

    Args:
        facts: Property → one value for each value asked for.
        origin: Provider, version and data date of all of them.
    """
    tables = [_column(name, values, origin) for name, values in facts.items()]
    return pa.concat_tables([ANSWER.empty_table(), *tables])


def _column(name: str, values: Sequence[str | None], origin: tuple[str, str, str]) -> pa.Table:
    whole = pa.array(values, pa.large_string())
    at = pc.indices_nonzero(whole.is_valid()).cast(pa.int32())
    constants = [_constant(text, len(at)) for text in (name, *origin)]
    known = whole.drop_null().dictionary_encode()
    return pa.table([at, constants[0], known, *constants[1:]], schema=ANSWER)


def _constant(text: str, length: int) -> pa.Array:
    zeros = pa.repeat(pa.scalar(0, pa.int32()), length)
    return pa.DictionaryArray.from_arrays(zeros, pa.array([text], pa.large_string()))
