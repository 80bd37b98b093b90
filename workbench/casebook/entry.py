"""One entry of the casebook: who said what on which subject, sealed to the entry before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["FIRST", "KINDS", "Draft", "Entry", "canonical", "digest_of"]

FIRST = "0" * 64
"""What the first entry names as the hash before it."""

# Every kind of entry, and what its body holds beside its words.
KINDS: Mapping[str, str] = {
    "person registered": "the public key that the name stands for from now on",
    "case opened": "title, focus, and the run that the case is pinned to",
    "case renamed": "the new title; the old one stays in the log",
    "case closed": "why, and the digest of what the case held then",
    "case reopened": "why",
    "judgement": "yes, no or unsure, the reason, and what was seen",
    "note": "the text, and what it cites if it cites anything",
    "retracted": "the number of an entry of one's own that one takes back, and why",
    "view kept": "the scene and the step of it that somebody wants to find again",
}


def canonical(value: Any) -> str:
    """The one way to write a value as JSON: sorted, without spaces, ASCII only."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )


def digest_of(value: Any) -> str:
    """SHA-256 over the canonical JSON of a value."""
    return hashlib.sha256(canonical(value).encode("ascii")).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is to be said; number, hashes and signature come with its place in the chain.

    ``case`` is empty for what concerns the whole casebook.
    """

    kind: str
    person: str
    body: Mapping[str, Any]
    case: str = ""
    subject: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"No entry is a {self.kind!r}; the kinds are {sorted(KINDS)}.")
        if not self.person:
            raise ValueError("Every entry has a person.")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry as it stands in the casebook; ``hash`` covers everything but the signature."""

    number: int
    case: str
    kind: str
    subject: str
    person: str
    at: str
    body: Mapping[str, Any]
    previous: str
    hash: str
    signature: str

    @classmethod
    def placed(cls, draft: Draft, *, number: int, previous: str, at: str) -> Entry:
        """A draft at its place in the chain, not yet signed."""
        body = json.loads(canonical(draft.body))
        entry = cls(
            number=number, case=draft.case, kind=draft.kind, subject=draft.subject,
            person=draft.person, at=at, body=body, previous=previous, hash="", signature="",
        )  # fmt: skip
        return entry.sealed("")

    def sealed(self, signature: str) -> Entry:
        """The entry with its own hash and a signature."""
        told = {**vars(self), "hash": self.sealing(), "signature": signature}
        return Entry(**told)

    def sealing(self) -> str:
        """The hash that an entry of this content and place has."""
        told = {name: value for name, value in vars(self).items() if name not in _SEALS}
        return digest_of(told)

    def as_json(self) -> dict[str, Any]:
        """Everything, as the log shows it."""
        return dict(vars(self))


_SEALS = frozenset({"hash", "signature"})
