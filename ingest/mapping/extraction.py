"""The values of a record by path: each top-level value once, each nested parent parsed once.

The compile target of reference/formats.md §5.3: top-level values arrive as text, and one multi-path
extraction for each nested parent finds what stands inside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping as Table
from dataclasses import dataclass
from functools import cached_property

from ingest import sql
from ingest.mapping.model import Mapping
from ingest.mapping.paths import PathInRecord

__all__ = ["Extraction", "Roots"]

NOTHING = "CAST(NULL AS VARCHAR)"


@dataclass(frozen=True)
class Roots:
    """A relation with ``row`` and top-level values: name → (SQL, DuckDB type).

    ``broken`` is SQL of the code of a problem with the whole record, or NULL. ``keyed``: the
    columns are keys that the mapping asked for, so that ``"a.b"`` is one beside ``a.b``.
    """

    relation: str
    columns: Table[str, tuple[str, str]]
    broken: str = NOTHING
    keyed: bool = False


@dataclass(frozen=True)
class Extraction:
    """Where the values of a mapping's paths stand in the columns of one file."""

    mapping: Mapping
    roots: Roots

    def relation(self) -> str:
        """SQL: row, broken, ``c:`` top-level values and ``p:`` lists of nested ones."""
        parts = ["*"]
        for position, paths in enumerate(self._by_parent.values()):
            single = [path for path in paths if self._is_single(path)]
            if single:
                listed = ", ".join(sql.text(sql.json_path(path.segments[1:])) for path in single)
                column = self.top(single[0].root)
                # TRY, because a text that is no JSON has no values inside; and it parses once.
                parts.append(f"TRY(json_extract_string({column}, [{listed}])) AS {_list(position)}")
        return f"SELECT {', '.join(parts)} FROM ({self._top()})"

    def _top(self) -> str:
        parts = ["row", f"{self.roots.broken} AS broken"]
        parts += [f"{text} AS {self.top(root)}" for root, (text, _) in self.used.items()]
        return f"SELECT {', '.join(parts)} FROM {self.roots.relation}"

    @cached_property
    def used(self) -> dict[str, tuple[str, str]]:
        """Top-level names of the file that the mapping reads, with their SQL and type."""
        found = (self.column(path) for path in self.mapping.paths)
        return {name: self.roots.columns[name] for name in sorted({n for n in found if n})}

    @cached_property
    def _by_parent(self) -> dict[str, list[PathInRecord]]:
        """The paths that go deeper than a column, by the column."""
        found: dict[str, list[PathInRecord]] = defaultdict(list)
        for path in self.mapping.paths:
            if self.column(path) == path.root and len(path.segments) > 1:
                found[path.root].append(path)
        return dict(sorted(found.items()))

    @cached_property
    def _places(self) -> dict[PathInRecord, str]:
        """SQL of each nested value over the columns of ``relation``."""
        places = {}
        for position, (root, paths) in enumerate(self._by_parent.items()):
            single = [path for path in paths if self._is_single(path)]
            for index, path in enumerate(single, start=1):
                places[path] = f"{_list(position)}[{index}]"
            for path in paths:
                if path not in places:
                    places[path] = self._deep(self.top(root), path)
        return places

    def _is_single(self, path: PathInRecord) -> bool:
        return not path.many and self._nested_text(path) is None

    def _nested_text(self, path: PathInRecord) -> PathInRecord | None:
        """The prefix of a path, longer than its root, that holds JSON as text."""
        for prefix in self.mapping.json_text:
            size = len(prefix.segments)
            if 1 < size < len(path.segments) and path.segments[:size] == prefix.segments:
                return prefix
        return None

    def _deep(self, parent: str, path: PathInRecord) -> str:
        rest, prefix = path.segments[1:], self._nested_text(path)
        if prefix is not None:
            parent = f"json_extract_string({parent}, {_path(prefix.segments[1:])})"
            rest = path.segments[len(prefix.segments) :]
        found = f"TRY(json_extract_string({parent}, {_path(rest)}))"
        return f"{found}[1]" if "*" in rest else found

    # ---- one path

    @cached_property
    def _order(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.used)}

    def top(self, name: str) -> str:
        """The column of a top-level name: by its place, because DuckDB's names know no case."""
        return sql.name(f"c:{self._order[name]}")

    def column(self, path: PathInRecord) -> str | None:
        """The column that holds a path: its root, or a flat column of the whole path's name."""
        flat = ".".join(path.segments)
        for name in (path.root, flat) if self.roots.keyed else (flat, path.root):
            if name in self.roots.columns:
                return name
        return None

    def type_of(self, path: PathInRecord) -> str:
        """The DuckDB type of a column that is a path; empty where the path goes deeper."""
        name = self.column(path)
        return "" if name is None or path in self._places else self.roots.columns[name][1]

    def found(self, path: PathInRecord) -> str:
        """SQL of the text at a path; NULL where the file cannot hold it."""
        if path in self._places:
            return self._places[path]
        name = self.column(path)
        if name is None:
            return NOTHING
        column, kind = self.top(name), self.roots.columns[name][1]
        return column if kind == "VARCHAR" else f"CAST({column} AS VARCHAR)"

    def broken_text(self) -> str:
        """SQL: whether a value that should hold JSON as text holds something else."""
        broken = []
        for prefix in self.mapping.json_text:
            name = self.column(prefix)
            if name == prefix.root and name in self._by_parent and len(prefix.segments) == 1:
                position = list(self._by_parent).index(name)
                text = f"trim({self.top(name)})"
                broken.append(f"{_list(position)} IS NULL AND {text} <> ''")
        return sql.any_of(broken)


def _list(position: int) -> str:
    return sql.name(f"p:{position}")


def _path(segments: tuple[str, ...]) -> str:
    return sql.text(sql.json_path(segments))
