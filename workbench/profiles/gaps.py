"""Days on which one kind of log is silent while others speak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

__all__ = ["gaps_in"]


def gaps_in(days: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Days within the span of all logs on which one kind of event has no row, in words.

    Args:
        days: By event kind, the days that hold rows (YYYY-MM-DD).
    """
    known = sorted({day for some in days.values() for day in some})
    if not known:
        return {}
    first, last = date.fromisoformat(known[0]), date.fromisoformat(known[-1])
    whole = [first + timedelta(n) for n in range((last - first).days + 1)]
    found = {}
    for event, some in sorted(days.items()):
        there = {date.fromisoformat(day) for day in some}
        spans = tuple(_spans([day for day in whole if day not in there]))
        if some and spans:
            found[event] = spans
    return found


def _spans(missing: Sequence[date]) -> Iterator[str]:
    begin = 0
    for at in range(1, len(missing) + 1):
        if at < len(missing) and missing[at] - missing[at - 1] == timedelta(1):
            continue
        yield _span(missing[begin], missing[at - 1])
        begin = at


def _span(first: date, last: date) -> str:
    if first == last:
        return f"{first.day} {first:%b %Y}"
    return f"{first.day} {first:%b} to {last.day} {last:%b %Y}"
