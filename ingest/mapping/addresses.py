"""IP addresses in one spelling, as SQL: strict dotted IPv4, RFC 5952 for IPv6.

Forms that two parsers read differently (leading zeros, hexadecimal, bare integers, zone ids) are
no addresses here: the result is NULL.
"""

from __future__ import annotations

from ingest import sql

__all__ = ["canonical_ip", "first_public"]

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_V4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_V6_SHAPE = rf"[0-9a-fA-F:]{{2,39}}|[0-9a-fA-F:]{{1,30}}:{_V4}"
_GROUPS = r"[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){7}"
_MAPPED = r"0:0:0:0:0:ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})"
_PRIVATE = (
    r"\s*(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|"
    r"100\.(6[4-9]|[789]\d|1[01]\d|12[0-7])\.|(?i:f[cde]|::1\s*$)).*"
)


def _let(value: str, body: str) -> str:
    """SQL: bind ``v`` to a value, so that it is computed once."""
    return f"list_transform([{value}], lambda v: {body})[1]"


def _dotted_tail_as_hex() -> str:
    octets = "string_split(regexp_extract(v, '[0-9.]+$'), '.')"
    pair = "printf('%x', CAST({o}[{a}] AS INT) * 256 + CAST({o}[{b}] AS INT))"
    high, low = pair.format(o=octets, a=1, b=2), pair.format(o=octets, a=3, b=4)
    return (
        f"CASE WHEN contains(v, '.') THEN regexp_replace(v, '[0-9.]+$', '') || {high} || ':' "
        f"|| {low} ELSE v END"
    )


def _expanded() -> str:
    """Fill ``::`` with as many zero groups as are missing; more than one ``::`` stays and fails."""
    parts = "string_split(v, '::')"
    count = "(CASE WHEN {p} = '' THEN 0 ELSE length({p}) - length(replace({p}, ':', '')) + 1 END)"
    left, right = count.format(p=f"{parts}[1]"), count.format(p=f"{parts}[2]")
    zeros = f"rtrim(repeat('0:', greatest(8 - {left} - {right}, 0)), ':')"
    filled = f"concat_ws(':', nullif({parts}[1], ''), nullif({zeros}, ''), nullif({parts}[2], ''))"
    once = f"len({parts}) = 2 AND {left} + {right} < 8"
    return f"CASE WHEN {once} THEN {filled} ELSE v END"


def _compressed() -> str:
    """RFC 5952: the longest run of zero groups, the first of equals, never a single one."""
    cases = []
    for length in range(8, 1, -1):
        run = f"':{'0:' * length}'"
        cut = f"strpos(v, {run})"
        cases.append(
            f"WHEN {cut} > 0 THEN left(v, {cut} - 1) || '::' || substr(v, {cut} + {2 * length + 1})"
        )
    return f"CASE {' '.join(cases)} ELSE v END"


def _trimmed() -> str:
    """Take off the colons that ``_compressed`` was given at both ends, but never a ``::``."""
    start = "CASE WHEN left(v, 1) = ':' AND left(v, 2) <> '::' THEN substr(v, 2) ELSE v END"
    end = "CASE WHEN right(v, 1) = ':' AND right(v, 2) <> '::' THEN left(v, -1) ELSE v END"
    return _let(start, end)


def _canonical_v6(value: str) -> str:
    mapped = (
        "printf('%d.%d.%d.%d', CAST('0x' || {a} AS INT) // 256, CAST('0x' || {a} AS INT) % 256, "
        "CAST('0x' || {b} AS INT) // 256, CAST('0x' || {b} AS INT) % 256)"
    ).format(a=f"regexp_extract(v, '{_MAPPED}', 1)", b=f"regexp_extract(v, '{_MAPPED}', 2)")
    bare = "substr(regexp_replace(':' || v, ':0+([0-9a-f])', ':\\1', 'g'), 2)"
    short = _let("':' || v || ':'", _let(_compressed(), _trimmed()))
    shape = f"regexp_full_match(v, {sql.text(_MAPPED)})"
    spelled = _let(bare, f"CASE WHEN {shape} THEN {mapped} ELSE {short} END")
    whole = f"CASE WHEN regexp_full_match(v, '{_GROUPS}') THEN {spelled} END"
    return _let(f"lower({value})", _let(_dotted_tail_as_hex(), _let(_expanded(), whole)))


def canonical_ip(value: str) -> str:
    """SQL: the one spelling of an address, IPv4-mapped ones as IPv4; NULL when it is none."""
    return (
        f"CASE WHEN regexp_full_match({value}, {sql.text(_V4)}) THEN {value} "
        f"WHEN regexp_full_match({value}, {sql.text(_V6_SHAPE)}) THEN {_canonical_v6(value)} END"
    )


def first_public(value: str) -> str:
    """SQL: the first address of a comma-separated list that is not private, else the first."""
    public = f"lambda x: NOT regexp_full_match(x, {sql.text(_PRIVATE)})"
    return (
        f"trim(coalesce(list_filter(string_split({value}, ','), {public})[1], "
        f"string_split({value}, ',')[1]))"
    )
