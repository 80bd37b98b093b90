"""What stands about a subject: people's words, and what the data has done to them since.

Pure: words come from the casebook, evidence from ``explain``, loads from the workspace.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.casebook.book import Judgement
from workbench.casebook.rules import NO, RETURN, WORDS, YES

__all__ = ["Fresh", "Review", "agreed", "fresh_evidence", "key_of", "review"]

_SAYS = {YES: "confirmed", NO: "rejected"}


@dataclass(frozen=True, kw_only=True)
class Fresh:
    """A piece of evidence for one controller that nobody who rejected the link had seen."""

    signal: str
    identifier: str
    family: str
    bits: float


@dataclass(frozen=True, kw_only=True)
class Review:
    """Where a subject stands: one of ``rules.WORDS``, and the words of all who judged it.

    ``hidden``: everybody who judged it said no and nothing new has come, so nothing suggests it
    again. ``fresh`` are the new pieces of evidence, ``fresh_bits`` what they add after caps.
    ``stale``: why what was seen is no longer there.
    """

    subject: str
    state: str
    said: str = "open"
    standing: tuple[Judgement, ...] = ()
    fresh: tuple[Fresh, ...] = ()
    fresh_bits: float = 0.0
    stale: tuple[str, ...] = ()

    @property
    def hidden(self) -> bool:
        """Whether lists and the canvas leave it out (with a count)."""
        return self.said == "rejected" and self.state != "back"

    @property
    def words(self) -> str:
        """The state as people read it."""
        return WORDS[self.state]

    @property
    def people(self) -> tuple[str, ...]:
        """Who judged it."""
        return tuple(word.person for word in self.standing)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "subject": self.subject, "state": self.state, "said": self.said,
            "hidden": self.hidden, "stale": list(self.stale),
            "fresh": [vars(item) for item in self.fresh], "fresh_bits": self.fresh_bits,
            "standing": [_brief(word) for word in self.standing],
        }  # fmt: skip


def agreed(verdicts: Collection[str]) -> str:
    """What people say together; where they differ it is disputed, and both opinions stay."""
    said = set(verdicts)
    if not said:
        return "open"
    return _SAYS.get(said.pop(), "unsure") if len(said) == 1 else "disputed"


def review(
    subject: str,
    standing: Sequence[Judgement],
    *,
    now: Mapping[str, Any] | None = None,
    gone: Mapping[str, str] | None = None,
) -> Review:
    """Where a subject stands.

    Args:
        subject: What was judged.
        standing: The latest word of each person.
        now: What ``explain`` says of the pair now; None where nothing can have come.
        gone: Loads that are no longer in the snapshot, each with why.
    """
    said = agreed([word.verdict for word in standing])
    stale = _stale(standing, gone or {})
    fresh: tuple[Fresh, ...] = ()
    bits = 0.0
    if said == "rejected" and now is not None:
        fresh, bits = fresh_evidence([word.seen for word in standing], now)
    back = bits >= RETURN.bits
    state = "back" if back else "stale" if stale else said
    return Review(
        subject=subject, state=state, said=said, standing=tuple(standing),
        fresh=fresh if back else (), fresh_bits=round(bits, 3) if back else 0.0, stale=stale,
    )  # fmt: skip


def key_of(entry: Mapping[str, Any]) -> tuple[str, str]:
    """What makes a piece of evidence the same one: its signal, and which value it is about.

    A value that was context and now links, or the other way round, is no new fact.
    """
    signal = str(entry["signal"]).removeprefix("shared ").removeprefix("context ")
    return signal, str(entry.get("identifier") or entry.get("value") or "")


def fresh_evidence(
    seen: Iterable[Mapping[str, Any]], now: Mapping[str, Any]
) -> tuple[tuple[Fresh, ...], float]:
    """Evidence for one controller that was in none of what was seen, and what it adds.

    More bits on an entry that was there (its value became rarer) are not counted; caps that grew
    are taken off, and so are values of our own naming that only changed their name.
    """
    before = [list(one.get("evidence", ())) for one in seen]
    known = {key_of(entry) for one in before for entry in one}
    entries = [*now["signals"], *now["against"]]
    fresh = tuple(
        _fresh(entry) for entry in entries if entry["bits"] > 0 and key_of(entry) not in known
    )
    renamed, capped = _renamed(before, entries), _capped(entries)
    capped_then = [_capped(one) for one in before]
    total = 0.0
    for family in sorted({item.family for item in fresh}):
        new = sum(item.bits for item in fresh if item.family == family)
        grown = capped[family] - max((one[family] for one in capped_then), default=0.0)
        total += max(0.0, new - max(0.0, grown) - renamed[family])
    return fresh, total


def _fresh(entry: Mapping[str, Any]) -> Fresh:
    return Fresh(
        signal=str(entry["signal"]),
        identifier=str(entry.get("identifier") or entry.get("value") or ""),
        family=str(entry["family"]),
        bits=float(entry["bits"]),
    )


def _capped(entries: Iterable[Mapping[str, Any]]) -> defaultdict[str, float]:
    """By family: bits taken off because its signals are not independent."""
    found: defaultdict[str, float] = defaultdict(float)
    for entry in entries:
        if str(entry["signal"]).startswith("overlap within "):
            found[str(entry["family"])] -= entry["bits"]
    return found


def _renamed(
    before: Sequence[Sequence[Mapping[str, Any]]], entries: Sequence[Mapping[str, Any]]
) -> defaultdict[str, float]:
    """By family: bits of values of our own naming that were seen and are gone."""
    there = {key_of(entry) for entry in entries}
    lost = {
        key_of(entry): (str(entry["family"]), float(entry["bits"]))
        for one in before
        for entry in one
        if key_of(entry)[0] in RETURN.own_names and key_of(entry) not in there
    }
    found: defaultdict[str, float] = defaultdict(float)
    for family, bits in lost.values():
        found[family] += max(0.0, bits)
    return found


def _stale(standing: Iterable[Judgement], gone: Mapping[str, str]) -> tuple[str, ...]:
    found = {load: gone[load] for word in standing for load in word.loads if load in gone}
    return tuple(f"load {load} {why}" for load, why in sorted(found.items()))


def _brief(word: Judgement) -> dict[str, Any]:
    names = ("number", "case", "person", "at", "verdict", "because")
    told = {name: getattr(word, name) for name in names}
    seen = {name: word.seen.get(name) for name in ("snapshot", "run", "bits", "probability")}
    return {**told, "seen": seen, "loads": list(word.loads)}
