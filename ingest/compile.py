"""A mapping over the columns of a file becomes ONE statement: typed values and the first problem.

Five stages, each a sub-select, so that nothing is computed twice:
roots (top-level values) → parents (one multi-path JSON extraction for each nested parent) →
texts (cleaned text of each field) → values (converted) → row, problem, columns, row_hash.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from ingest import sql
from ingest.addresses import first_public
from ingest.cleaning import cleaned
from ingest.contracts import CHECKS, Check, column_checks
from ingest.converters import Context, Converted, Fault, convert, mapping_faults, native
from ingest.events import Column
from ingest.mapping import Field, Mapping, placeholders
from ingest.paths import PathInRecord
from ingest.quarantine import problem, shown

__all__ = ["Compiled", "Roots"]


@dataclass(frozen=True)
class Roots:
    """A relation with ``row`` and top-level values: name → (SQL, DuckDB type).

    ``broken`` is SQL of the code of a problem with the whole record, or NULL.
    """

    relation: str
    columns: Table[str, tuple[str, str]]
    broken: str = "CAST(NULL AS VARCHAR)"


@dataclass(frozen=True)
class Compiled:
    """A mapping made for the columns of one file."""

    mapping: Mapping
    roots: Roots
    now: datetime
    _extracted: dict[PathInRecord, str] = field(default_factory=dict)

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The fields that the file can fill, by column."""
        usable = (item for item in self.mapping.fields if item.const or self._sources(item))
        return {item.name: item for item in usable}

    def select(self) -> str:
        """The statement: row, problem (column, code, value) or NULL, columns, row_hash."""
        event = self.mapping.event
        columns = [f"{self._value(c)} AS {sql.name(c.name)}" for c in event.columns]
        hashed = ", ".join(self._value(c) for c in event.columns if not c.hidden)
        return (
            f"SELECT row, {self._problem()} AS problem, {', '.join(columns)}, "
            f"CAST(hash({hashed}) >> 1 AS BIGINT) AS row_hash FROM ({self._values()})"
        )

    # ---- stages

    def _roots(self) -> str:
        parts = ["row", f"{self.roots.broken} AS broken"]
        parts += [f"{text} AS {sql.name('c:' + root)}" for root, (text, _) in self._used().items()]
        return f"SELECT {', '.join(parts)} FROM {self.roots.relation}"

    @property
    def used_columns(self) -> set[str]:
        """Top-level names of the file that the mapping reads."""
        return set(self._used())

    def _used(self) -> dict[str, tuple[str, str]]:
        found = (self._column(path) for path in self.mapping.paths)
        return {name: self.roots.columns[name] for name in sorted({n for n in found if n})}

    def _parents(self) -> str:
        by_parent: dict[str, list[PathInRecord]] = defaultdict(list)
        for path in self.mapping.paths:
            if self._column(path) == path.root and len(path.segments) > 1:
                by_parent[path.root].append(path)
        parts = ["*"]
        for position, (root, paths) in enumerate(sorted(by_parent.items())):
            parts += self._extraction(position, root, paths)
        where = " AND ".join(self._conditions())
        inner = f"SELECT {', '.join(parts)} FROM ({self._roots()})"
        if not where:
            return inner
        return f"SELECT * FROM ({inner}) WHERE broken IS NOT NULL OR ({where})"

    def _extraction(self, position: int, root: str, paths: list[PathInRecord]) -> list[str]:
        column = sql.name("c:" + root)
        parent = f"CASE WHEN json_valid({column}) THEN {column} END"
        single = [path for path in paths if not path.many and not self._nested_text(path)]
        for index, path in enumerate(single, start=1):
            self._extracted[path] = f"{sql.name(f'p:{position}')}[{index}]"
        for path in paths:
            if path not in single:
                self._extracted[path] = self._deep(parent, path)
        listed = ", ".join(sql.text(sql.json_path(path.segments[1:])) for path in single)
        extraction = f"json_extract_string({parent}, [{listed}])"
        return [f"{extraction} AS {sql.name(f'p:{position}')}"] if single else []

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
            size = len(prefix.segments)
            inner = f"json_extract_string({parent}, {sql.text(sql.json_path(prefix.segments[1:]))})"
            parent = f"CASE WHEN json_valid({inner}) THEN {inner} END"
            rest = path.segments[size:]
        found = f"json_extract_string({parent}, {sql.text(sql.json_path(rest))})"
        return f"{found}[1]" if "*" in rest else found

    def _texts(self) -> str:
        inner = self._parents()
        texts = [f"{self._text(i)} AS {sql.name('t:' + name)}" for name, i in self.fields.items()]
        return f"SELECT {', '.join(['row', 'broken', *texts])} FROM ({inner})"

    def _values(self) -> str:
        inner = self._texts()
        values = [f"{made.value} AS {sql.name('v:' + n)}" for n, made in self._converted.items()]
        return f"SELECT {', '.join(['*', *values])} FROM ({inner})"

    # ---- one field

    def _column(self, path: PathInRecord) -> str | None:
        """The column that holds a path: its root, or a flat column of the whole path's name."""
        flat = ".".join(path.segments)
        for name in (flat, path.root):
            if name in self.roots.columns:
                return name
        return None

    def _sources(self, item: Field) -> list[PathInRecord]:
        return [path for path in item.sources if self._column(path) is not None]

    def _found(self, path: PathInRecord) -> str:
        if path in self._extracted:
            return self._extracted[path]
        name = self._column(path)
        if name is None:
            return "CAST(NULL AS VARCHAR)"
        column, kind = sql.name("c:" + name), self.roots.columns[name][1]
        return column if kind == "VARCHAR" else f"CAST({column} AS VARCHAR)"

    def _conditions(self) -> list[str]:
        conditions = []
        for item in self.mapping.where:
            found = f"coalesce({self._found(item.path)}, '')"
            if item.within:
                conditions.append(f"{found} IN ({sql.texts(item.within)})")
            if item.not_in:
                conditions.append(f"{found} NOT IN ({sql.texts(item.not_in)})")
        return conditions

    @cached_property
    def _natives(self) -> dict[str, str]:
        """Fields whose only source already has their type: SQL of the value."""
        found = {}
        for item in self.fields.values():
            sources = self._sources(item)
            plain = not (item.map or item.default or item.const or item.skip)
            if plain and len(sources) == 1 and sources[0] not in self._extracted:
                name = self._column(sources[0])
                kind = self.roots.columns[name][1] if name else ""
                value = native(sql.name("t:" + item.name), kind, item.as_)
                if value is not None:
                    found[item.name] = value
        return found

    def _text(self, item: Field) -> str:
        if item.const is not None:
            return sql.text(item.const)
        sources = self._sources(item)
        if item.name in self._natives:
            return sql.name(f"c:{self._column(sources[0])}")
        texts = [cleaned(self._found(path), item) for path in sources]
        text = f"coalesce({', '.join(texts)})" if len(texts) > 1 else texts[0]
        if item.map is not None:
            cases = " ".join(f"WHEN {sql.text(k)} THEN {sql.text(v)}" for k, v in item.map.items())
            other = text if item.default is None else sql.text(item.default)
            text = f"CASE {text} {cases} ELSE {other} END"
        elif item.default is not None:
            text = f"coalesce({text}, {sql.text(item.default)})"
        text = text if item.pick_ip is None else first_public(text)
        return self._scoped(text, item)

    def _scoped(self, text: str, item: Field) -> str:
        if item.scope is None:
            return text
        scope = sql.text(item.scope)
        for path in placeholders(item.scope):
            found = f"coalesce({self._found(path)}, '')"
            scope = f"replace({scope}, {sql.text('{' + str(path) + '}')}, {found})"
        return f"{scope} || ':' || {text}"

    @cached_property
    def _converted(self) -> dict[str, Converted]:
        currency = sql.name("t:currency") if "currency" in self.fields else None
        found = {}
        for name, item in self.fields.items():
            context = Context(item, self.mapping.zone, currency)
            made = convert(sql.name("t:" + name), context)
            if name in self._natives:
                made = Converted(self._natives[name], made.faults)
            found[name] = Converted(made.value, (*made.faults, *mapping_faults(item)))
        return found

    def _value(self, column: Column) -> str:
        if column.name == "claimed":
            return self._claimed()
        if column.name not in self.fields:
            return f"CAST(NULL AS {column.sql_type})"
        return sql.name("v:" + column.name)

    def _claimed(self) -> str:
        marked = [name for name, item in self.fields.items() if item.trust == "claimed"]
        own = sql.name("v:claimed") if "claimed" in self.fields else "CAST(NULL AS VARCHAR)"
        if not marked:
            return own
        cases = [
            f"CASE WHEN {sql.name('v:' + name)} IS NOT NULL THEN {sql.text(name)} END"
            for name in marked
        ]
        listed = f"list_concat(string_split(coalesce({own}, ''), ','), [{', '.join(cases)}])"
        kept = f"list_sort(list_distinct(list_filter({listed}, lambda c: c <> '')))"
        return f"nullif(array_to_string({kept}, ','), '')"

    # ---- problems

    def _problem(self) -> str:
        cases = ["WHEN broken IS NOT NULL THEN " + problem("''", "broken", "CAST(NULL AS VARCHAR)")]
        event = self.mapping.event
        for column in event.columns:
            cases += [self._case(column, fault) for fault in self._faults(column.name)]
            checks = column_checks(event, column, self.now)
            cases += [self._check_case(check) for check in checks if self._applies(check)]
        cases += [self._check_case(check) for check in CHECKS.get(event.name, ())]
        return f"CASE {' '.join(cases)} END"

    def _faults(self, name: str) -> tuple[Fault, ...]:
        return self._converted[name].faults if name in self._converted else ()

    def _applies(self, check: Check) -> bool:
        return check.code == "missing" or check.column in self.fields

    def _case(self, column: Column, fault: Fault) -> str:
        names = {
            "t": f"CAST({sql.name('t:' + column.name)} AS VARCHAR)",
            "v": sql.name("v:" + column.name),
        }
        found = problem(sql.text(column.name), _filled(fault.code, names), self._shown(column))
        return f"WHEN {_filled(fault.condition, names)} THEN {found}"

    def _check_case(self, check: Check) -> str:
        event = self.mapping.event
        condition = _filled(check.condition, {c.name: self._value(c) for c in event.columns})
        value = self._shown(event.column(check.column))
        if check.code == "card_number":
            value = sql.text("(card number, not shown)")
        return (
            f"WHEN {condition} THEN {problem(sql.text(check.column), sql.text(check.code), value)}"
        )

    def _shown(self, column: Column) -> str:
        if column.hidden:
            return sql.text(f"({column.cls}, not shown)")
        if column.name not in self.fields:
            return "CAST(NULL AS VARCHAR)"
        return shown(f"CAST({sql.name('t:' + column.name)} AS VARCHAR)")


def _filled(template: str, values: Table[str, str]) -> str:
    """``{name}`` replaced; unlike ``str.format`` this leaves the braces of patterns alone."""
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template
