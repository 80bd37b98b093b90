"""A draft mapping for a log of unknown shape: TOML that runs, with how sure each guess is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph_models.errors import BadDataError
from ingest.events import EventKind, event_named
from ingest.formats.sampling import Sample, sample
from ingest.mapping.fields import TIME_FORMATS
from ingest.mapping.guesses import Guess, Seen, best_kind, guesses, seen_in
from ingest.mapping.looks import CARD, time_formats
from ingest.mapping.model import parse_mapping
from ingest.mapping.paths import PathInRecord

__all__ = ["Draft", "draft"]

NOWHERE = PathInRecord(("CHANGE ME",))  # stands for a required column that nothing seems to hold
COMMON = 0.95  # share of the records that must have a path, so that a pattern may ask for it
ENVELOPES = 3  # so many lines or fewer, each with a list of objects: the list holds the records


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A draft. ``columns`` says for each column how sure it is; ``missing`` are required ones."""

    mapping: str
    emits: str
    toml: str
    columns: Table[str, str]
    missing: tuple[str, ...]
    unused: tuple[str, ...]


def draft(path: Path) -> Draft:
    """Draft a mapping by the words and looks of a file's columns.

    Raises:
        BadDataError: a column holds card numbers, the file is foreign, or it has no records.
    """
    seen = sample(path)
    unwrap, records = _opened(seen)
    leaves, packed = seen_in(records)
    _refuse_cards(path, leaves)
    if not leaves:
        raise BadDataError("There is no record to learn from.", where=str(path), fix="Fill it.")
    kind = best_kind(leaves)
    found = guesses(kind, leaves)
    event = event_named(kind)
    missing = tuple(name for name in event.required if name not in found)
    mapping_id = _id_of(path)
    toml = _Writer(mapping_id, event, found, leaves, packed).text(unwrap, seen.form.format)
    parse_mapping(toml, where=mapping_id)
    used = {guess.seen.path for guess in found.values()}
    return Draft(
        mapping=mapping_id,
        emits=kind,
        toml=toml,
        columns={name: f"{g.seen.path!s} ({g.sure}, by {g.why})" for name, g in found.items()},
        missing=missing,
        unused=tuple(str(leaf.path) for leaf in leaves if leaf.path not in used),
    )


def _opened(seen: Sample) -> tuple[PathInRecord | None, Sequence[Table[str, Any]]]:
    """The records, and the list that holds them where the lines are envelopes."""
    records = seen.records
    if len(records) > ENVELOPES:
        return None, records
    for name in dict.fromkeys(key for record in records for key in record):
        lists = [record.get(name) for record in records]
        items = [item for found in lists if isinstance(found, list) for item in found]
        if len(items) > len(records) and all(isinstance(item, dict) for item in items):
            return PathInRecord((name, "[*]")), items
    return None, records


def _refuse_cards(path: Path, leaves: Sequence[Seen]) -> None:
    cards = [str(leaf.path) for leaf in leaves if leaf.look == CARD]
    if cards:
        listed = ", ".join(ascii(name)[1:-1][:60] for name in cards)
        raise BadDataError(
            f"These columns hold card numbers: {listed}.",
            where=str(path),
            fix="Remove them at the source; use the payment provider's fingerprint instead.",
        )


def _id_of(path: Path) -> str:
    stem = re.sub(r"[^a-z0-9]+", "_", path.name.split(".")[0].lower()).strip("_")
    return f"site.{stem or 'log'}"


@dataclass(frozen=True)
class _Writer:
    """Writes the TOML of a draft; names from the file are quoted, and inert in comments."""

    mapping: str
    event: EventKind
    found: Table[str, Guess]
    leaves: Sequence[Seen]
    packed: Sequence[PathInRecord]

    def text(self, unwrap: PathInRecord | None, form: str) -> str:
        """The whole file."""
        parts = [
            "# A draft: read every line, correct it, then delete this one.",
            "# sure: name and values agree; likely: by the name; guess: by the values alone.",
            "[mapping]",
            f"id = {_quoted(self.mapping)}",
            "version = 1",
            f"emits = {_quoted(self.event.name)}",
            "",
            "[detect]",
            f"any_of = [{{ all = [{', '.join(self._pattern())}] }}]",
            "",
            "[input]",
            f"formats = [{_quoted(form)}]",
            *self._inputs(unwrap),
            "",
            "[fields]",
            *self._fields(),
            "",
            *self._rest(),
        ]
        return "\n".join(parts) + "\n"

    def _pattern(self) -> list[str]:
        """Paths that nearly all records have: those of required columns, then of others."""
        required = [self.found[n] for n in self.event.required if n in self.found]
        others = [guess for guess in self.found.values() if guess not in required]
        common = [g.seen.path for g in (*required, *others) if g.seen.share >= COMMON]
        return [_quoted(str(path)) for path in common[:5]] or [_quoted(str(self.leaves[0].path))]

    def _inputs(self, unwrap: PathInRecord | None) -> list[str]:
        lines = []
        if unwrap is not None:
            lines.append(f"unwrap = [{_quoted(str(unwrap))}] # every item is a record")
        if self.packed:
            listed = ", ".join(_quoted(str(path)) for path in self.packed)
            lines.append(f"json_text = [{listed}] # JSON that stands there as text")
        if any("local" in self._formats(guess.seen) for guess in self.found.values()):
            lines.append('zone = "UTC" # ! the times have no zone: say which one they are in')
        return lines

    def _formats(self, leaf: Seen) -> list[str]:
        return time_formats(leaf.values) if leaf.look == "time" else []

    def _fields(self) -> list[str]:
        width = max(len(column.name) for column in self.event.columns)
        lines = []
        for column in self.event.columns:
            guess = self.found.get(column.name)
            if guess is not None:
                words = [f"from = [{_quoted(str(guess.seen.path))}]"]
                if column.type == "time":
                    words.append(f"formats = [{', '.join(self._time_words(guess.seen))}]")
                line = f"{column.name:<{width}} = {{ {', '.join(words)} }}"
                lines.append(f"{line} # {self._comment(guess)}")
            elif column.required:
                lines += self._lacking(column.name, width)
        return lines

    def _lacking(self, name: str, width: int) -> list[str]:
        ids = [self.found[n].seen.path for n in ("ts", "account_id", "ip") if n in self.found]
        if name == self.event.id_columns[0] and ids:
            parts = " || ':' || ".join(f"coalesce(text('{path}'), '')" for path in ids)
            if "'" not in "".join(map(str, ids)):
                return [
                    f"# ! no column names a row; rows that agree in these count once: {name}",
                    f"{name:<{width}} = {{ expr = {_quoted(parts)} }}",
                ]
        return [
            f"# ! nothing seems to hold the required {name}: name its column",
            f"{name:<{width}} = {{ from = [{_quoted(str(NOWHERE))}] }}",
        ]

    def _time_words(self, leaf: Seen) -> list[str]:
        found = ["iso" if name == "local" else name for name in self._formats(leaf)]
        known = [name for name in dict.fromkeys(found) if name in TIME_FORMATS]
        return [_quoted(name) for name in known or ["iso"]]

    def _comment(self, guess: Guess) -> str:
        leaf = guess.seen
        looks = f", values look like {leaf.look}" if leaf.look else ""
        return f"{guess.sure}: by {guess.why}; in {leaf.share:.0%} of the records{looks}"

    def _rest(self) -> list[str]:
        used = {guess.seen.path for guess in self.found.values()}
        rest = [str(leaf.path) for leaf in self.leaves if leaf.path not in used][:40]
        columns = [c.name for c in self.event.columns if c.name not in self.found]
        listed = ", ".join(ascii(name)[1:-1][:60] for name in rest) or "nothing"
        return [
            f"# Not mapped: {listed}",
            f"# Columns of {self.event.name} without a source: {', '.join(columns) or 'none'}",
        ]


def _quoted(text: str) -> str:
    """A TOML basic string; JSON escapes mean the same there."""
    return json.dumps(text).replace("\x7f", "\\u007f")
