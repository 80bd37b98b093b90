"""What values look like: shapes by which a draft guesses columns whose names say nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any

import orjson

from ingest.protection.leaks import is_card

__all__ = ["CARD", "LOOKS", "as_object", "look_of", "time_formats"]

CARD = "card"
# Epochs between 2015 and 2100, by what they count.
_EPOCHS = (("epoch_s", 10, 1), ("epoch_ms", 13, 10**3), ("epoch_us", 16, 10**6),
           ("epoch_ns", 19, 10**9))  # fmt: skip
_BEGIN, _END = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2015, 2100))
_ISO = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|z|[+-]\d\d(?::?\d\d)?| UTC)?"
)
_PATTERNS = {
    "ja4": r"[tqd](1[0-3]|s[23]|d[123]|00)[di]\d{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}",
    "hex32": r"[0-9a-fA-F]{32}",
    "uuid": r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "customer": r"(cus|acct|usr|user|cust)_\w+",
    "charge": r"(ch|pi|py|pay|txn)_\w+",
    "request": r"(req|chatcmpl|msg|resp|gen|evt)[_-]\S+",
    "email": r"[^\s@]+@[^\s@]+\.[^\s@]+",
    "user_agent": r"Mozilla/5\.0 .+|(?=.*\d)[A-Za-z][\w.+-]*/[\w.+-]+([ /(].*)?",
    "number": r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?",
    "country": r"[A-Z]{2}",
    "currency": r"[A-Za-z]{3}",
}
_COMPILED = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}


def _is_ip(text: str) -> bool:
    try:
        ip_address(text.split(",")[0].strip())
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    return bool(_format_of(text))


def _is_messages(text: str) -> bool:
    found = as_object(text)
    turns = found.get("messages") if isinstance(found, dict) else found
    return isinstance(turns, list) and any(isinstance(t, dict) and "role" in t for t in turns[:3])


def _is_card(text: str) -> bool:
    return text.replace(" ", "").replace("-", "").isdecimal() and is_card(text)


def _fits(name: str) -> Callable[[str], bool]:
    return lambda text: _COMPILED[name].fullmatch(text) is not None


# In the order in which they are tried: the first that fits most values is the look of a column.
LOOKS: MappingProxyType[str, Callable[[str], bool]] = MappingProxyType(
    {
        CARD: _is_card,
        "messages": _is_messages,
        "ip": _is_ip,
        "time": _is_time,
        "ja4": _fits("ja4"),
        "hex32": _fits("hex32"),
        "uuid": _fits("uuid"),
        "customer": _fits("customer"),
        "charge": _fits("charge"),
        "request": _fits("request"),
        "email": _fits("email"),
        "number": _fits("number"),
        "user_agent": _fits("user_agent"),
        "country": _fits("country"),
        "currency": _fits("currency"),
    }
)
MOST = 0.8  # share of the values that must look alike; logs hold odd values


def look_of(values: Sequence[str]) -> str:
    """The look that most of the values have; empty when they have none in common."""
    for name, fits in LOOKS.items():
        if values and sum(map(fits, values)) >= MOST * len(values):
            return name
    return ""


def _format_of(text: str) -> str:
    found = _ISO.fullmatch(text)
    if found is not None:
        return "iso" if found[1] else "local"
    whole = text.split(".")[0]
    if not whole.isdecimal():
        return ""
    for name, size, unit in _EPOCHS:
        if len(whole) == size and _BEGIN <= int(whole) // unit < _END:
            return name
    return ""


def time_formats(values: Sequence[str]) -> list[str]:
    """The time formats that occur, the most frequent first; ``local`` is ISO without a zone."""
    return [name for name, _ in Counter(filter(None, map(_format_of, values))).most_common()]


def as_object(value: Any) -> Any:
    """An object or list, also one that stands as JSON in a text; None for everything else."""
    if isinstance(value, dict | list):
        return value
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return None
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict | list) else None
