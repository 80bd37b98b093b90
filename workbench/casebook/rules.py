"""Every limit and rule of the casebook, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["APPEND", "RETURN", "VERDICTS", "WORDS", "WRITING", "Returning"]

YES, NO, UNSURE = VERDICTS = ("yes", "no", "unsure")

# What a state is called where people read it.
WORDS = {
    "open": "not judged",
    "confirmed": "confirmed",
    "rejected": "rejected",
    "unsure": "unsure",
    "disputed": "disputed",
    "back": "back with new evidence",
    "stale": "stale",
}


@dataclass(frozen=True, kw_only=True)
class Appending:
    """How often an entry looks for its place."""

    tries: int
    reason: str


APPEND = Appending(
    tries=500,
    reason="Each lost race is somebody else's entry, so hundreds in a row mean a fault, not a "
    "crowd.",
)


@dataclass(frozen=True, kw_only=True)
class Returning:
    """When a rejected link comes back: what new evidence must weigh."""

    bits: float
    reason: str


RETURN = Returning(
    bits=3.0,
    reason="Three bits make one controller eight times as likely as before. A value that a twelfth "
    "of a neighbourhood shares (a browser, a carrier's network) stays below it, so a "
    "rejected link is not brought back by what every two accounts may come to share; a card, a "
    "device or a rare prompt is worth three bits alone.",
)


@dataclass(frozen=True, kw_only=True)
class Writing:
    """How long what people write may be, in characters."""

    name: int
    title: int
    because: int
    text: int
    reason: str


WRITING = Writing(
    name=60,
    title=200,
    because=4_000,
    text=20_000,
    reason="A name and a title stand in one line; a reason is read beside the evidence; a note is "
    "a note. Whoever needs more attaches a document to the case's folder.",
)
