"""A mapping over the columns of a file becomes ONE statement: typed values and the first problem.

Stages, each a sub-select, so that nothing is computed twice:
top-level values → nested values (``extraction``) → texts (cleaned text of each field) → values
(converted) → row, problem, and for each kind of event its columns and row_hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ingest import sql
from ingest.mapping.emitted import Emitted
from ingest.mapping.extraction import Extraction, Roots
from ingest.mapping.fields import Field
from ingest.mapping.model import Mapping
from ingest.quarantine import problem

__all__ = ["BROKEN_TEXT", "Compiled", "Roots"]

BROKEN_TEXT = "broken_text"


@dataclass(frozen=True)
class Compiled:
    """A mapping made for the columns of one file. ``now`` is UTC without a zone."""

    mapping: Mapping
    roots: Roots
    now: datetime

    @cached_property
    def extraction(self) -> Extraction:
        """Where the values stand."""
        return Extraction(self.mapping, self.roots)

    @cached_property
    def emitted(self) -> tuple[Emitted, ...]:
        """The kinds of event that this file can give; the first one always."""
        made = [
            Emitted(self.mapping, emission, self.extraction, self.now, index)
            for index, emission in enumerate(self.mapping.emissions)
        ]
        return (made[0], *(item for item in made[1:] if not item.lacks))

    @property
    def fields(self) -> dict[str, Field]:
        """The fields of the first kind that the file can fill, by column."""
        return self.emitted[0].fields

    @property
    def used_columns(self) -> set[str]:
        """Top-level names of the file that the mapping reads."""
        return set(self.extraction.used)

    def select(self) -> str:
        """The statement: row, problem (column, code, value) or NULL, broken_text, events."""
        cases = ["WHEN broken IS NOT NULL THEN " + problem("''", "broken", "CAST(NULL AS VARCHAR)")]
        cases += [case for item in self.emitted for case in item.problems()]
        parts = ["row", f"CASE {' '.join(cases)} END AS problem", BROKEN_TEXT]
        parts += [part for item in self.emitted for part in item.outputs()]
        return f"SELECT {', '.join(parts)} FROM ({self._values()})"

    # ---- stages

    def _texts(self) -> str:
        texts = [f"{self.extraction.broken_text()} AS {BROKEN_TEXT}"]
        texts += [part for item in self.emitted for part in item.texts()]
        return f"SELECT row, broken, {', '.join(texts)} FROM ({self.extraction.relation()})"

    def _values(self) -> str:
        values = [part for item in self.emitted for part in item.values()]
        # DuckDB merges nested projections and would then make each text as often as it is used;
        # no projection is merged across a window. Halves the time.
        texts = f"SELECT *, row_number() OVER () AS barrier FROM ({self._texts()})"
        inner = f"SELECT {', '.join(['*', *values])} FROM ({texts})"
        if all(item.is_every for item in self.emitted[:1]):
            return inner
        held = sql.any_of(item.holds for item in self.emitted)
        return f"SELECT * FROM ({inner}) WHERE broken IS NOT NULL OR {held}"
