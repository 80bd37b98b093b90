"""What must never be stored, wherever it stands: card numbers and raw keys, found and masked.

A card number has an issuer's prefix, the length that goes with it, and a right check digit (Luhn),
so that order numbers and telephone numbers stay what they are.
"""

from __future__ import annotations

import re
from collections import Counter

from ingest import sql

__all__ = ["SUSPECT", "is_card", "is_card_sql", "mask"]

CARD_MARK = "[card number]"
KEY_MARK = "[key]"
HIDDEN_MARK = "[password]"

# ISO/IEC 7812 prefixes with the lengths that are issued: Visa, Mastercard, Amex, Diners, Discover,
# JCB, UnionPay. Rarer pairs would take every tenth numeric id for a card.
_ISSUED = (
    r"4\d{12}(?:\d{3}){0,2}",
    r"5[1-5]\d{14}",
    r"2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}",
    r"3[47]\d{13}",
    r"3(?:0[0-5]|[68]\d)\d{11}",
    r"6(?:011|4[4-9]\d|5\d\d)\d{12}",
    r"35(?:2[89]|[3-8]\d)\d{12}",
    r"62\d{14}(?:\d{3})?",
)
_CARD = "|".join(_ISSUED)
# Raw secrets by the prefixes that their makers gave them so that they can be found.
_KEYS = (
    r"\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{20,}",
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\bAIza[0-9A-Za-z_-]{35}",
    r"\bgh[pousr]_[A-Za-z0-9]{36,}",
    r"\bglpat-[A-Za-z0-9_-]{20,}",
    r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    r"\bhf_[A-Za-z0-9]{30,}",
    r"\b(?i:bearer)\s+[A-Za-z0-9._~+/=-]{20,}",
    r"://[^\s:/@]+:[^\s:/@]+@",
)
# The word, and a value that no sentence has there: six signs or more, a digit among them.
_SAID = r"(?i:passwor[dt]|passwd|passphrase|pwd)[\"']?\s*[:=]\s*[\"']?[^\s\"',;]{6,}"
# What people put between groups of digits; digits of wide fonts are digits.
_GAP = "[ .\u00a0\u2009\u2010-\u2013\u202f-]"
_DIGIT = "[0-9\uff10-\uff19]"
_RUN = f"{_DIGIT}(?:{_GAP}?{_DIGIT}){{12,}}"

SUSPECT = "|".join((_RUN, *_KEYS, _SAID))
"""A pattern, in the words of both Python and RE2, of texts that ``mask`` should look at."""

_CARD_PATTERN = re.compile(_CARD, re.ASCII)
# Digests and UUIDs hold runs of digits by chance; gateways name keys and requests by them.
_OPAQUE = (
    r"\b(?=[0-9]*[a-f])(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})\b"
    r"|\b(?=[0-9-]*[a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
)
_RUN_PATTERN = re.compile(f"(?P<opaque>{_OPAQUE})|{_RUN}")
_GROUP_PATTERN = re.compile(f"{_DIGIT}+")
_KEY_PATTERN = re.compile("|".join(_KEYS), re.ASCII)
_SAID_PATTERN = re.compile(_SAID, re.ASCII)
_DECIMAL = re.compile(r"\d+\.\d+", re.ASCII)
_SHORTEST_CARD, _LONGEST_CARD = 13, 19
_WIDE_DIGITS = {0xFF10 + digit: str(digit) for digit in range(10)}
# Cards are printed in groups of three digits and more. A run of smaller ones is a list of numbers,
# of which every tenth or so would pass for a card, unless the card is all of it.
_SMALLEST_GROUP, _MOST_GROUPS = 3, 6


def is_card(digits: str) -> bool:
    """True when digits (blanks and hyphens aside) are a card number."""
    bare = digits.replace(" ", "").replace("-", "")
    if not _CARD_PATTERN.fullmatch(bare):
        return False
    numbers = [int(sign) for sign in reversed(bare)]
    doubled = [sum(divmod(2 * number, 10)) for number in numbers[1::2]]
    return (sum(numbers[::2]) + sum(doubled)) % 10 == 0


def _cards_in(run: str) -> list[tuple[int, int]]:
    """Where in a run of digit groups card numbers stand; each is made of whole groups.

    A date or an amount may follow a number, so every group can begin one and every later one end
    it.
    """
    groups = [
        (found.start(), found.end(), found.group().translate(_WIDE_DIGITS))
        for found in _GROUP_PATTERN.finditer(run)
    ]
    if is_card("".join(text for _, _, text in groups)):
        return [(0, len(run))]
    places, first = [], 0
    while first < len(groups):
        size = _card_groups([text for _, _, text in groups[first : first + _MOST_GROUPS]])
        if size:
            places.append((groups[first][0], groups[first + size - 1][1]))
        first += size or 1
    return places


def _card_groups(groups: list[str]) -> int:
    """How many of the groups, from the first on, make a card number; 0 for none."""
    number = ""
    for count, group in enumerate(groups, 1):
        number += group
        if len(group) < _SMALLEST_GROUP or len(number) > _LONGEST_CARD:
            return 0
        if len(number) >= _SHORTEST_CARD and is_card(number):
            return count
    return 0


def mask(text: str, counts: Counter[str]) -> str:
    """The text without card numbers, keys and passwords; ``counts`` grows by what was found."""

    def cards(found: re.Match[str]) -> str:
        run, done, kept = found.group(), 0, []
        if found["opaque"] or _DECIMAL.fullmatch(run):
            return run
        for start, end in _cards_in(run):
            counts["card_numbers"] += 1
            kept += [run[done:start], CARD_MARK]
            done = end
        return "".join([*kept, run[done:]])

    def key(found: re.Match[str]) -> str:
        counts["keys"] += 1
        return f"://{KEY_MARK}@" if found.group().startswith("://") else KEY_MARK

    def password(found: re.Match[str]) -> str:
        word, sign, value = re.split("([:=])", found.group(), maxsplit=1)
        if not any(map(str.isdigit, value)):
            return found.group()
        counts["passwords"] += 1
        return f"{word}{sign} {HIDDEN_MARK}"

    text = _KEY_PATTERN.sub(key, text)
    return _RUN_PATTERN.sub(cards, _SAID_PATTERN.sub(password, text))


def is_card_sql(value: str) -> str:
    """SQL: True when a whole value, blanks and hyphens aside, is a card number."""
    digit = "CAST(n[-i] AS INT)"
    weighed = f"CASE WHEN i % 2 = 1 THEN {digit} WHEN {digit} < 5 THEN 2 * {digit} "
    weighed += f"ELSE 2 * {digit} - 9 END"
    total = f"list_sum(list_transform(range(1, length(n) + 1), lambda i: {weighed}))"
    fits = f"CASE WHEN regexp_full_match(n, {sql.text(_CARD)}) THEN {total} % 10 = 0 END"
    return f"list_transform([replace(replace({value}, ' ', ''), '-', '')], lambda n: {fits})[1]"
