"""Why a row was put aside: every reason has a code, a sentence and a way out.

A bad row is data, not an exception: it is counted, kept with its number, and can be looked at.
Values are shortened and escaped, and text that must not be stored is never shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ingest import sql

__all__ = ["REASONS", "SHOWN", "Reason", "problem", "reason_table", "shown"]

SHOWN = 120  # characters of a value that a message shows

# Signs that a terminal or a page would obey instead of show: controls, zero-width, bidi, tags.
_UNSHOWN = (
    r"[\x00-\x1f\x7f-\x9f\x{ad}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{feff}"
    r"\x{fff9}-\x{fffc}\x{e0000}-\x{e01ef}]"
)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One reason: ``sentence`` says what is wrong, ``fix`` what to do."""

    code: str
    sentence: str
    fix: str

    def __post_init__(self) -> None:
        if not (self.sentence.endswith(".") and self.fix.endswith(".")):
            raise ValueError(f"{self.code}: sentence and fix end with a full stop.")


_ALL = (
    ("missing", "A required value is missing.", "Fill the column, or map another one to it."),
    ("time_format", "This is no time.", "Write ISO 8601, such as 2026-03-01T12:00:00Z."),
    ("time_no_zone", "The time has no zone.", "Add Z or an offset, or set zone in the mapping."),
    ("time_future", "The time is over 24 hours ahead.", "Check the clock and the unit."),
    ("time_old", "The time is before 2015.", "Check the unit: s, ms, µs or ns."),
    ("order", "The end is before the start.", "Check which of the two columns is wrong."),
    ("int", "This is no whole number.", "Write digits only."),
    ("decimal", "This is no finite number.", "Write a number such as 0.7."),
    ("range", "The number is beyond 2^53.", "Map it as text if it is an id."),
    ("negative", "The number is below zero.", "Counts and amounts are zero or more."),
    ("ip", "This is no unambiguous IP address.", "Write 192.0.2.7 or 2001:db8::7."),
    ("country", "This is no ISO country code.", "Write two letters, such as DE."),
    ("email", "This is no e-mail address.", "Write name@example.org."),
    ("domain", "This is no domain.", "Write example.org."),
    ("asn", "This is no AS number.", "Write AS64500 or 64500."),
    ("bool", "This is neither true nor false.", "Write true or false."),
    ("json", "This is no JSON.", "Write valid JSON, or map the column as text."),
    ("names", "It names a column that there is not.", "Name columns of this kind of event."),
    ("enum", "The value is not in the list.", "Use a listed value, or map it."),
    ("check", "The value does not have the form that the mapping asks for.", "See the mapping."),
    ("too_long", "The value has over 131,072 characters.", "Shorten it at the source."),
    ("nul", "The value holds a NUL sign.", "Remove it at the source."),
    ("card_number", "An id is a card number.", "Use the payment provider's fingerprint."),
    ("columns", "The row has too few or too many fields.", "Quote fields that hold the delimiter."),
    ("quote", "A quoted field does not end where it should.", 'Double every quote within: "".'),
    ("encoding", "The row is not UTF-8.", "Write the file as UTF-8."),
    ("nul_byte", "The row holds a NUL byte.", "Remove it at the source."),
    ("line_too_long", "The row is over 1 MB.", "Shorten it at the source."),
    ("json_broken", "The line is no valid JSON.", "Write one JSON object a line (RFC 8259)."),
    ("json_shape", "The line is no JSON object.", 'Write one {"column": value} a line.'),
    ("json_depth", "The JSON is nested more than 64 deep.", "Flatten it at the source."),
    ("json_keys", "A JSON key occurs twice.", "Write every key once; which one counts is unclear."),
    ("json_wide", "The object has over 10,000 members.", "Write a list, or one row per member."),
    ("json_number", "NaN and Infinity are no JSON.", "Write null."),
    ("unknown_shape", "No mapping knows this record.", "Make one: workbench sources draft FILE."),
)

REASONS: Mapping[str, Reason] = MappingProxyType(
    {code: Reason(code=code, sentence=sentence, fix=fix) for code, sentence, fix in _ALL}
)


def shown(value: str) -> str:
    """SQL: a value, shortened and with invisible signs escaped."""
    sign = f"CASE WHEN regexp_full_match(c, {sql.text(_UNSHOWN)}) THEN "
    sign += "'\\u' || printf('%04x', unicode(c)) ELSE c END"
    signs = f"list_transform(string_split(left({value}, {SHOWN}), ''), lambda c: {sign})"
    return f"left(array_to_string({signs}, ''), {SHOWN})"


def problem(column: str, code: str, value: str) -> str:
    """SQL: what is wrong with a row, from the SQL of column name, reason code and shown value."""
    return f"{{'column': {column}, 'code': {code}, 'value': {value}}}"


def reason_table() -> str:
    """SQL: the registry as a relation (code, reason, fix)."""
    rows = ", ".join(
        f"({sql.texts((item.code, item.sentence, item.fix))})" for item in REASONS.values()
    )
    return f"(VALUES {rows}) AS reasons(code, reason, fix)"
