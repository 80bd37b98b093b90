"""The cleaned text of a field as SQL: no blanks around it, NFC, and NULL where it says nothing."""

from __future__ import annotations

import re

from ingest import sql
from ingest.mapping.model import Field

__all__ = ["JUNK", "cleaned"]

# Texts that stand for "no value" in logs; they must never link two accounts.
JUNK = ("-", "n/a", "nil", "none", "null", "unknown", "undefined", "(null)", "<null>")
_BLANKS = "chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' '"
_EMPTY_IDS_IN = ("device", "instrument")  # classes
# Tokens that payment providers ship for tests: one "card" that everybody has.
_TEST_CARD = r"(?:tok|pm_card|btok|src)_(?:visa|mastercard|amex|discover|diners|jcb|unionpay)\w*"
_EMPTY_ID = r"[0\-:{}]+|f{4,}[f\-]*"  # nil UUIDs and their like


def cleaned(text: str, item: Field) -> str:
    """SQL of a text without blanks around it, NFC, and NULL where it stands for no value."""
    if item.cls == "content":
        return f"CASE WHEN {text} IN ({sql.texts(('', *item.skip))}) THEN NULL ELSE {text} END"
    normal = f"nfc_normalize({text})"
    # A pattern, because DuckDB makes a join of a long IN list; and trimming by a list of signs
    # costs four times the pattern that tells who needs it.
    careful = (
        f"CASE WHEN regexp_full_match({normal}, {sql.text(_junk(item))}) THEN NULL "
        f"WHEN regexp_matches({normal}, '^\\s|\\s$') THEN trim({normal}, {_BLANKS}) "
        f"ELSE {normal} END"
    )
    if item.cls in _EMPTY_IDS_IN:
        return careful
    # Nearly all values are longer than any junk, or begin otherwise, and have no blanks around
    # them: no pattern then.
    words = (*JUNK, *item.skip)
    longest = max(len(word.encode()) for word in words)
    begins = "".join(
        sorted({sign for word in words for sign in word[:1].lower() + word[:1].upper()})
    )
    other = f"NOT contains({sql.text(begins)}, left({text}, 1))"
    bare = f"ascii({text}) > 32 AND ascii(right({text}, 1)) > 32"
    plain = f"{bare} AND (strlen({text}) > {longest} OR {other})"
    return f"CASE WHEN {plain} THEN {normal} ELSE {careful} END"


def _junk(item: Field) -> str:
    """A pattern of the texts that stand for no value of a field."""
    words = [re.escape(skip) for skip in item.skip]
    if item.cls != "person":  # there are people called Null and None
        words += [re.escape(word) for word in JUNK]
    if item.cls in _EMPTY_IDS_IN:
        words.append(_EMPTY_ID)
    if item.cls == "instrument":
        words.append(_TEST_CARD)
    return rf"(?i)\s*(?:{'|'.join(words)})?\s*"
