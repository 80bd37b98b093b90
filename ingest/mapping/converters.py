"""The closed set of converters: text in, one typed value or a reason out, all of it SQL.

Each converter gets the SQL of a cleaned text (NULL when the value is missing) and answers with the
SQL of the value and its *faults*: conditions that make a present value unusable, with the code of
the reason. Where a Parquet column already has the type, ``native`` skips the way through text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from ingest import sql
from ingest.mapping.addresses import canonical_ip
from ingest.mapping.messages import text_sql
from ingest.mapping.model import Field

__all__ = [
    "EARLIEST_DAY",
    "LARGEST_INT",
    "Context",
    "Converted",
    "Fault",
    "convert",
    "mapping_faults",
    "native",
]

LARGEST_INT = 2**53  # beyond it JSON numbers and doubles lose digits
LONGEST_TEXT = 131_072  # characters; content may fill its row instead
EARLIEST_DAY = datetime(2015, 1, 1, tzinfo=UTC)  # before there was anything to log
EARLIEST = f"TIMESTAMP '{EARLIEST_DAY:%Y-%m-%d %H:%M:%S}'"
_LOCAL = r"\d{4}-\d\d-\d\d[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
_ZONE = r"(?:Z|z|[+-]\d\d(?::?\d\d)?| UTC)"
_EPOCH_UNITS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1, "epoch_ns": 1}
_DOMAIN = r"(?i)[^\s@.,;:/\\<>()\[\]\"]+(?:\.[^\s@.,;:/\\<>()\[\]\"]+)+"
# ISO 4217: currencies whose minor unit is not a hundredth.
_NO_MINOR = [
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
]
_THOUSANDTHS = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]


@dataclass(frozen=True)
class Fault:
    """A condition over ``t`` (text) and ``v`` (value), and the SQL of its reason code."""

    condition: str
    code: str


@dataclass(frozen=True)
class Converted:
    """SQL of a typed value over the text column ``t``; faults use ``{t}`` and ``{v}``."""

    value: str
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Context:
    """What a converter may need beside the text: the field, source zone, SQL of the currency."""

    field: Field
    zone: str | None = None
    currency: str | None = None


def _unreadable(code: str) -> Fault:
    return Fault("{t} IS NOT NULL AND {v} IS NULL", sql.text(code))


_TEXT_FAULTS = (
    Fault(f"length({{v}}) > {LONGEST_TEXT}", sql.text("too_long")),
    Fault("contains({v}, chr(0))", sql.text("nul")),
)


def _text(t: str, _context: Context) -> Converted:
    return Converted(t, _TEXT_FAULTS)


def _upper(t: str, _context: Context) -> Converted:
    return Converted(f"upper({t})", _TEXT_FAULTS)


def _lower(t: str, _context: Context) -> Converted:
    return Converted(f"lower({t})", _TEXT_FAULTS)


def _hex(t: str, _context: Context) -> Converted:
    bare = f"regexp_replace(lower({t}), '^0x', '')"
    value = f"CASE WHEN regexp_full_match({bare}, '[0-9a-f]+') THEN {bare} END"
    return Converted(value, (_unreadable("check"), *_TEXT_FAULTS))


def _int(t: str, _context: Context) -> Converted:
    value = (
        f"CASE WHEN regexp_full_match({t}, '[+-]?\\d{{1,18}}') THEN TRY_CAST({t} AS BIGINT) "
        f"WHEN regexp_full_match({t}, '[+-]?\\d{{1,18}}\\.0{{1,6}}') "
        f"THEN TRY_CAST(split_part({t}, '.', 1) AS BIGINT) END"
    )
    digits = r"[+-]?\d{19,}(?:\.0*)?"
    code = f"CASE WHEN regexp_full_match({{t}}, '{digits}') THEN 'range' ELSE 'int' END"
    return Converted(value, (Fault("{t} IS NOT NULL AND {v} IS NULL", code), *_NUMBER_FAULTS))


_NUMBER_FAULTS = (
    Fault(f"abs({{v}}) > {LARGEST_INT}", sql.text("range")),
    Fault("{v} < 0", sql.text("negative")),
)


def _decimal(t: str, _context: Context) -> Converted:
    shape = r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?"
    cast = f"TRY_CAST({t} AS DOUBLE)"
    value = f"CASE WHEN regexp_full_match({t}, '{shape}') AND isfinite({cast}) THEN {cast} END"
    return Converted(f"({value}) + 0.0", (_unreadable("decimal"), *_NUMBER_FAULTS))


def _minor_units(t: str, context: Context) -> Converted:
    whole = _int(t, context)
    if context.currency is None:
        return Converted(f"({whole.value}) / 100.0::DOUBLE", whole.faults)
    parts = f"WHEN upper({context.currency}) IN ({sql.texts(_NO_MINOR)}) THEN 1.0 "
    parts += f"WHEN upper({context.currency}) IN ({sql.texts(_THOUSANDTHS)}) THEN 1000.0 "
    return Converted(f"({whole.value}) / CAST(CASE {parts} ELSE 100.0 END AS DOUBLE)", whole.faults)


def _bool(t: str, _context: Context) -> Converted:
    value = (
        f"CASE WHEN lower({t}) IN ('true', 't', 'yes', 'y', '1') THEN TRUE "
        f"WHEN lower({t}) IN ('false', 'f', 'no', 'n', '0') THEN FALSE END"
    )
    return Converted(value, (_unreadable("bool"),))


def _iso(t: str, zone: str | None) -> str:
    # Through the epoch, because every other way out of TIMESTAMPTZ asks the session for a zone.
    cast = f"make_timestamp(epoch_us(TRY_CAST({t} AS TIMESTAMPTZ)))"
    marked = f"CASE WHEN regexp_full_match({t}, {sql.text(_LOCAL + _ZONE)}) THEN {cast}"
    if zone is None:
        return f"{marked} END"
    # A local time that occurs twice is taken as the first; one that a clock change skips moves on.
    here = f"timezone({sql.text(zone)}, TRY_CAST({t} AS TIMESTAMP))"
    local = f"make_timestamp(epoch_us({here}))"
    return f"{marked} WHEN regexp_full_match({t}, {sql.text(_LOCAL)}) THEN {local} END"


def _epoch(t: str, unit: str) -> str:
    shape = r"\d{1,19}(?:\.\d{1,9})?"
    factor = _EPOCH_UNITS[unit]
    whole = f"TRY_CAST(split_part({t}, '.', 1) AS BIGINT)"
    micros = f"{whole} // 1000" if unit == "epoch_ns" else f"TRY({whole} * {factor})"
    if unit in ("epoch_s", "epoch_ms"):
        part = f"coalesce(TRY_CAST('0.' || nullif(split_part({t}, '.', 2), '') AS DOUBLE), 0)"
        micros = f"{micros} + CAST(floor({part} * {factor} + 0.000001) AS BIGINT)"
    return f"CASE WHEN regexp_full_match({t}, '{shape}') THEN TRY(make_timestamp({micros})) END"


def _time(t: str, context: Context) -> Converted:
    ways = [
        _iso(t, context.zone) if item == "iso" else _epoch(t, item)
        for item in context.field.formats
    ]
    local = f"regexp_full_match({{t}}, {sql.text(_LOCAL)})"
    code = f"CASE WHEN {local} THEN 'time_no_zone' ELSE 'time_format' END"
    value = f"coalesce({', '.join(ways)})" if len(ways) > 1 else ways[0]
    return Converted(
        value,
        (
            Fault("{t} IS NOT NULL AND {v} IS NULL", code),
            Fault(f"{{v}} < {EARLIEST}", sql.text("time_old")),
        ),
    )


def _ip(t: str, _context: Context) -> Converted:
    return Converted(canonical_ip(t), (_unreadable("ip"),))


def _country(t: str, _context: Context) -> Converted:
    value = f"CASE WHEN regexp_full_match({t}, '[A-Za-z]{{2}}') THEN upper({t}) END"
    return Converted(value, (_unreadable("country"),))


def _email(t: str, _context: Context) -> Converted:
    local = f"regexp_extract({t}, '^(.+)@[^@]*$', 1)"
    domain = f"regexp_extract({t}, '@([^@]*)$', 1)"
    fits = (
        f"length({t}) <= 320 AND {local} <> '' AND regexp_full_match({domain}, {sql.text(_DOMAIN)})"
    )
    bare = f"NOT regexp_matches({local}, '[\\x00-\\x20]') OR {local}[1] = chr(34)"
    value = f"CASE WHEN {fits} AND ({bare}) THEN {local} || '@' || lower({domain}) END"
    return Converted(value, (_unreadable("email"),))


def _as_domain(t: str, _context: Context) -> Converted:
    bare = f"rtrim(lower({t}), '.')"
    value = f"CASE WHEN regexp_full_match({bare}, {sql.text(_DOMAIN)}) THEN {bare} END"
    return Converted(value, (_unreadable("domain"),))


def _asn(t: str, _context: Context) -> Converted:
    number = f"TRY_CAST(regexp_extract({t}, '^(?i:AS)?(\\d{{1,10}})$', 1) AS BIGINT)"
    value = f"CASE WHEN {number} BETWEEN 0 AND 4294967295 THEN 'AS' || {number} END"
    return Converted(value, (_unreadable("asn"),))


def _json(t: str, _context: Context) -> Converted:
    value = f"CASE WHEN json_valid({t}) THEN CAST(json({t}) AS VARCHAR) END"
    return Converted(value, (_unreadable("json"), *_TEXT_FAULTS))


def _messages(t: str, _context: Context) -> Converted:
    """Text stays; messages and request bodies become what system and user said in them."""
    return Converted(text_sql(t), (Fault("contains({v}, chr(0))", sql.text("nul")),))


def _names(t: str, _context: Context) -> Converted:
    listed = f"regexp_split_to_array(regexp_replace({t}, '[\\[\\]\"'' ]', '', 'g'), '[,;|]')"
    kept = f"list_sort(list_distinct(list_filter({listed}, lambda c: c <> '')))"
    return Converted(f"nullif(array_to_string({kept}, ','), '')")


_CONVERTERS: dict[str, Callable[[str, Context], Converted]] = {
    "id": _text,
    "text": _text,
    "upper": _upper,
    "lower": _lower,
    "hex": _hex,
    "int": _int,
    "decimal": _decimal,
    "minor_units": _minor_units,
    "major_units": _decimal,
    "bool": _bool,
    "time": _time,
    "ip": _ip,
    "country": _country,
    "email": _email,
    "domain": _as_domain,
    "asn": _asn,
    "json": _json,
    "messages": _messages,
    "names": _names,
}


def convert(t: str, context: Context) -> Converted:
    """The SQL of one field's value over the cleaned text ``t``."""
    return _CONVERTERS[context.field.as_](t, context)


def mapping_faults(item: Field) -> list[Fault]:
    """The faults that ``enum`` and ``check`` of a mapping add to those of the type."""
    faults = []
    if item.enum:
        faults.append(Fault(f"{{v}} NOT IN ({sql.texts(item.enum)})", sql.text("enum")))
    if item.check is not None:
        fits = f"regexp_full_match({{v}}, {sql.text(item.check)})"
        faults.append(Fault(f"NOT {fits}", sql.text("check")))
    return faults


_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")


def native(column: str, sql_type: str, as_: str) -> str | None:
    """SQL of a typed Parquet column as the type of a field; None when it must go through text."""
    if as_ == "time" and sql_type.startswith("TIMESTAMP") and sql_type.endswith("TIME ZONE"):
        return f"make_timestamp(epoch_us({column}))"
    if as_ == "int" and sql_type in _INTEGERS:
        return f"CAST({column} AS BIGINT)"
    if as_ == "decimal" and sql_type in (*_INTEGERS, "FLOAT", "DOUBLE"):
        number = f"CAST({column} AS DOUBLE)"
        return f"CASE WHEN isfinite({number}) THEN {number} + 0.0 END"
    return column if as_ == "bool" and sql_type == "BOOLEAN" else None
