"""One kind of event of a mapping as SQL: texts, values, problems and the columns that come out."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ingest import sql
from ingest.events import Column, EventKind
from ingest.mapping.addresses import first_public
from ingest.mapping.cleaning import cleaned
from ingest.mapping.contracts import CHECKS, Check, column_checks
from ingest.mapping.converters import Context, Converted, Fault, convert, mapping_faults, native
from ingest.mapping.extraction import Extraction
from ingest.mapping.fields import Condition, Emission, Field, placeholders
from ingest.mapping.model import Mapping
from ingest.mapping.paths import PathInRecord
from ingest.quarantine import problem, shown

__all__ = ["Emitted"]


@dataclass(frozen=True)
class Emitted:
    """An emission over the values of a file. Its columns carry its ``index`` in their names.

    The first emission is what the record is: it holds where ``[where]`` holds, and a required value
    that is missing is a problem. A further one holds where its own ``where`` holds and every
    required column has a value; a value that is there but bad is a problem of the whole record.
    """

    mapping: Mapping
    emission: Emission
    extraction: Extraction
    now: datetime
    index: int

    @property
    def event(self) -> EventKind:
        """The kind of event."""
        return self.emission.event

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The fields that the file can fill, by column."""
        usable = (
            item
            for item in self.emission.fields
            if item.const is not None or item.expr is not None or self._sources(item)
        )
        return {item.name: item for item in usable}

    @property
    def lacks(self) -> tuple[str, ...]:
        """The required columns that no record of the file can have."""
        return tuple(name for name in self._required if name not in self.fields)

    @property
    def _required(self) -> tuple[str, ...]:
        own = {item.name for item in self.emission.fields if item.required}
        return tuple(c.name for c in self.event.columns if c.required or c.name in own)

    @property
    def is_every(self) -> bool:
        """Whether every record is such an event, or a problem."""
        return self.index == 0 and not self.emission.where

    @property
    def holds(self) -> str:
        """Name of the column that says whether a record is such an event."""
        return sql.name(f"h{self.index}")

    def name(self, column: str) -> str:
        """The name of a column, or of ``row_hash``, in the answer."""
        return sql.name(f"{self.index}:{column}")

    # ---- stages

    def texts(self) -> list[str]:
        """The select list of the cleaned texts, and of ``where``."""
        conditions = " AND ".join(self._conditions()) or "TRUE"
        found = [f"{self._text(item)} AS {self._t(name)}" for name, item in self.fields.items()]
        return [f"({conditions}) AS {sql.name(f'w{self.index}')}", *found]

    def values(self) -> list[str]:
        """The select list of the typed values, and of ``holds``."""
        held = [sql.name(f"w{self.index}")]
        if self.index:
            held += [f"{self._t(name)} IS NOT NULL" for name in self._required]
        found = [f"{made.value} AS {self._v(name)}" for name, made in self._converted.items()]
        return [f"({' AND '.join(held)}) AS {self.holds}", *found]

    def outputs(self) -> list[str]:
        """The select list of the event: holds, its columns, row_hash."""
        columns = self.event.columns
        found = [f"{self._value(c)} AS {self.name(c.name)}" for c in columns]
        hashed = ", ".join(self._value(c) for c in columns if not c.hidden)
        hash_ = f"CAST(hash({hashed}) >> 1 AS BIGINT) AS {self.name('row_hash')}"
        return [self.holds, *found, hash_]

    def _t(self, name: str) -> str:
        return sql.name(f"t{self.index}:{name}")

    def _v(self, name: str) -> str:
        return sql.name(f"v{self.index}:{name}")

    # ---- one field

    def _sources(self, item: Field) -> list[PathInRecord]:
        return [path for path in item.sources if self.extraction.column(path) is not None]

    def _conditions(self) -> list[str]:
        return [part for item in self.emission.where for part in self._condition(item)]

    def _condition(self, item: Condition) -> list[str]:
        values = [self.extraction.found(path) for path in (item.path, *item.instead)]
        value = f"coalesce({', '.join(values)})" if item.instead else values[0]
        found, parts = f"coalesce({value}, '')", []
        if item.within:
            parts.append(f"{found} IN ({sql.texts(item.within)})")
        if item.not_in:
            parts.append(f"{found} NOT IN ({sql.texts(item.not_in)})")
        if item.present is not None:
            parts.append(f"{value} IS {'NOT ' if item.present else ''}NULL")
        if item.prefix:
            begins = sql.any_of(f"starts_with({found}, {sql.text(p)})" for p in item.prefix)
            parts.append(f"({begins})")
        return parts

    @cached_property
    def _natives(self) -> dict[str, str]:
        """Fields whose only source already has their type: SQL of the value."""
        found = {}
        for item in self.fields.values():
            sources = self._sources(item)
            plain = not (item.map or item.default or item.skip or item.scope)
            if plain and len(sources) == 1:
                kind = self.extraction.type_of(sources[0])
                value = native(self._t(item.name), kind, item.as_)
                if value is not None:
                    found[item.name] = value
        return found

    def _text(self, item: Field) -> str:
        if item.const is not None:
            return sql.text(item.const)
        sources = self._sources(item)
        if item.name in self._natives:
            return self.extraction.top(self.extraction.column(sources[0]) or "")
        found = [self._plain(self.extraction.found(path), item) for path in sources]
        if item.expr is not None:
            found = [item.expr.sql(self.extraction.found)]
        texts = [cleaned(text, item) for text in found]
        text = f"coalesce({', '.join(texts)})" if len(texts) > 1 else texts[0]
        if item.map is not None:
            cases = " ".join(f"WHEN {sql.text(k)} THEN {sql.text(v)}" for k, v in item.map.items())
            other = text if item.default is None else sql.text(item.default)
            text = f"CASE {text} {cases} ELSE {other} END"
        elif item.default is not None:
            text = f"coalesce({text}, {sql.text(item.default)})"
        text = text if item.pick_ip is None else first_public(text)
        return self._scoped(text, item)

    def _plain(self, found: str, item: Field) -> str:
        """An object or a list is no id, as where ``customer`` is an object in some records."""
        if item.as_ != "id":
            return found
        begins = f"left({found}, 1) IN ('{{', '[')"
        return f"CASE WHEN {begins} AND json_valid({found}) THEN NULL ELSE {found} END"

    def _scoped(self, text: str, item: Field) -> str:
        if item.scope is None:
            return text
        scope = sql.text(item.scope)
        for path in placeholders(item.scope):
            found = f"coalesce({self.extraction.found(path)}, '')"
            scope = f"replace({scope}, {sql.text('{' + str(path) + '}')}, {found})"
        return f"{scope} || ':' || {text}"

    @cached_property
    def _converted(self) -> dict[str, Converted]:
        currency = self._t("currency") if "currency" in self.fields else None
        found = {}
        for name, item in self.fields.items():
            context = Context(item, self.mapping.zone, currency)
            made = convert(self._t(name), context)
            if name in self._natives:
                made = Converted(self._natives[name], made.faults)
            found[name] = Converted(made.value, (*made.faults, *mapping_faults(item)))
        return found

    def _value(self, column: Column) -> str:
        if column.name == "claimed":
            return self._claimed()
        if column.name not in self.fields:
            return f"CAST(NULL AS {column.sql_type})"
        return self._v(column.name)

    def _claimed(self) -> str:
        marked = [name for name, item in self.fields.items() if item.trust == "claimed"]
        own = self._v("claimed") if "claimed" in self.fields else "CAST(NULL AS VARCHAR)"
        if not marked:
            return own
        cases = [
            f"CASE WHEN {self._v(name)} IS NOT NULL THEN {sql.text(name)} END" for name in marked
        ]
        listed = f"list_concat(string_split(coalesce({own}, ''), ','), [{', '.join(cases)}])"
        kept = f"list_sort(list_distinct(list_filter({listed}, lambda c: c <> '')))"
        return f"nullif(array_to_string({kept}, ','), '')"

    # ---- problems

    def problems(self) -> list[str]:
        """``WHEN condition THEN problem`` for everything that makes a record bad."""
        found = []
        for column in self.event.columns:
            found += [self._case(column, fault) for fault in self._faults(column.name)]
            found += [self._check_case(check) for check in self._checks(column)]
        found += [self._check_case(check) for check in CHECKS.get(self.event.name, ())]
        guard = "" if self.is_every else f"{self.holds} AND "
        return [f"WHEN {guard}({condition}) THEN {what}" for condition, what in found]

    def judgement(self, name: str) -> str:
        """SQL: of one column alone row, value, and whether the value makes a record bad.

        A column whose checks ask for no other column: the same stages as for all together.
        """
        column, made = self.event.column(name), self._converted[name]
        names = {"t": f"CAST({self._t(name)} AS VARCHAR)", "v": self._v(name), name: self._v(name)}
        faults = [_filled(fault.condition, names) for fault in made.faults]
        faults += [_filled(check.condition, names) for check in self._checks(column)]
        text = f"{self._text(self.fields[name])} AS {self._t(name)}"
        texts = f"SELECT row, {text} FROM ({self.extraction.relation()})"
        values = f"SELECT *, {made.value} AS {self._v(name)} FROM ({texts})"
        return (
            f"SELECT row, {self._v(name)} AS value, coalesce({sql.any_of(faults)}, FALSE) AS bad "
            f"FROM ({values})"
        )

    def _faults(self, name: str) -> tuple[Fault, ...]:
        return self._converted[name].faults if name in self._converted else ()

    def _checks(self, column: Column) -> list[Check]:
        checks = column_checks(self.event, column, self.now)
        if column.name in self._required and not column.required:
            missing = f"{{{column.name}}} IS NULL"
            checks.append(Check(column=column.name, condition=missing, code="missing"))
        return [check for check in checks if check.code == "missing" or column.name in self.fields]

    def _case(self, column: Column, fault: Fault) -> tuple[str, str]:
        names = {"t": f"CAST({self._t(column.name)} AS VARCHAR)", "v": self._v(column.name)}
        code = _filled(fault.code, names)
        what = problem(sql.text(column.name), code, self._shown(column))
        return _filled(fault.condition, names), what

    def _check_case(self, check: Check) -> tuple[str, str]:
        condition = _filled(check.condition, {c.name: self._value(c) for c in self.event.columns})
        value = self._shown(self.event.column(check.column))
        if check.code == "card_number":
            value = sql.text("(card number, not shown)")
        return condition, problem(sql.text(check.column), sql.text(check.code), value)

    def _shown(self, column: Column) -> str:
        if column.hidden:
            return sql.text(f"({column.cls}, not shown)")
        if column.name not in self.fields:
            return "CAST(NULL AS VARCHAR)"
        return shown(f"CAST({self._t(column.name)} AS VARCHAR)")


def _filled(template: str, values: Table[str, str]) -> str:
    """``{name}`` replaced; unlike ``str.format`` this leaves the braces of patterns alone."""
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template
