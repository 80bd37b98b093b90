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
    r"\b(?:sk|pk|rk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9_-]{20,}",
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\bAIza[0-9A-Za-z_-]{35}",
    r"\bgh[pousr]_[A-Za-z0-9]{36,}",
    r"\bglpat-[A-Za-z0-9_-]{20,}",
    r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
)
_DIGITS = r"\d(?:[ -]?\d){12,18}"

SUSPECT = rf"{_DIGITS}|{'|'.join(_KEYS)}"
"""A pattern, in the words of both Python and RE2, of texts that ``mask`` should look at."""

_CARD_PATTERN = re.compile(_CARD)
_DIGITS_PATTERN = re.compile(rf"(?<![\d.]){_DIGITS}(?![\d])", re.ASCII)
_KEY_PATTERN = re.compile("|".join(_KEYS), re.ASCII)


def is_card(digits: str) -> bool:
    """True when digits (blanks and hyphens aside) are a card number."""
    bare = digits.replace(" ", "").replace("-", "")
    if not _CARD_PATTERN.fullmatch(bare):
        return False
    numbers = [int(sign) for sign in reversed(bare)]
    doubled = [sum(divmod(2 * number, 10)) for number in numbers[1::2]]
    return (sum(numbers[::2]) + sum(doubled)) % 10 == 0


def mask(text: str, counts: Counter[str]) -> str:
    """The text without card numbers and keys; ``counts`` grows by what was found."""

    def card(found: re.Match[str]) -> str:
        if not is_card(found.group()):
            return found.group()
        counts["card_numbers"] += 1
        return CARD_MARK

    def key(_found: re.Match[str]) -> str:
        counts["keys"] += 1
        return KEY_MARK

    return _DIGITS_PATTERN.sub(card, _KEY_PATTERN.sub(key, text))


def is_card_sql(value: str) -> str:
    """SQL: True when a whole value is a card number."""
    digit = f"CAST({value}[-i] AS INT)"
    weighed = f"CASE WHEN i % 2 = 1 THEN {digit} WHEN {digit} < 5 THEN 2 * {digit} "
    weighed += f"ELSE 2 * {digit} - 9 END"
    total = f"list_sum(list_transform(range(1, length({value}) + 1), lambda i: {weighed}))"
    return f"CASE WHEN regexp_full_match({value}, {sql.text(_CARD)}) THEN {total} % 10 = 0 END"
