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
    """When a rejected link comes back: what new evidence must weigh.

    ``own_names``: signals whose values we name ourselves, anew in every snapshot.
    """

    bits: float
    own_names: frozenset[str]
    reason: str


RETURN = Returning(
    bits=3.0,
    own_names=frozenset({"prompt_cluster"}),
    reason="Three bits make one controller eight times as likely as before, which moves most pairs "
    "by a word of ICD 203. What any two accounts may come to share (a browser, a carrier's "
    "network, a popular prompt) is worth less; a card, a device or a rare address is worth more. "
    "A prompt cluster that only got another name is no news.",
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
