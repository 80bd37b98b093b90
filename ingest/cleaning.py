"""The cleaned text of a field as SQL: no blanks around it, NFC, and NULL where it says nothing."""

from __future__ import annotations

import re

from ingest import sql
from ingest.mapping import Field

__all__ = ["JUNK", "cleaned"]

# Texts that stand for "no value" in logs; they must never link two accounts.
JUNK = ("-", "n/a", "nil", "none", "null", "unknown", "undefined", "(null)", "<null>")
_BLANKS = "chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' '"
_EMPTY_ID = r"[0\-:{}]+|f{4,}[f\-]*"  # nil UUIDs and their like


def cleaned(text: str, item: Field) -> str:
    """SQL of a text without blanks around it, NFC, and NULL where it stands for no value."""
    if item.cls == "content":
        return f"CASE WHEN {text} IN ({sql.texts(('', *item.skip))}) THEN NULL ELSE {text} END"
    normal = f"nfc_normalize({text})"
    # A pattern, because DuckDB makes a join of a long IN list; and trimming by a list of signs
    # costs four times the pattern that tells who needs it.
    return (
        f"CASE WHEN regexp_full_match({normal}, {sql.text(_junk(item))}) THEN NULL "
        f"WHEN regexp_matches({normal}, '^\\s|\\s$') THEN trim({normal}, {_BLANKS}) "
        f"ELSE {normal} END"
    )


def _junk(item: Field) -> str:
    """A pattern of the texts that stand for no value of a field."""
    words = [re.escape(skip) for skip in item.skip]
    if item.cls != "person":  # there are people called Null and None
        words += [re.escape(word) for word in JUNK]
    if item.cls in ("device", "instrument"):
        words.append(_EMPTY_ID)
    return rf"(?i)\s*(?:{'|'.join(words)})?\s*"
