"""What notes and judgements are about, as strings: ``account:x``, ``link:a|b``, ``case:case_…``."""

from __future__ import annotations

from graph_models.errors import UsageError
from graph_models.nodes import NodeRef

__all__ = ["CASE", "COMMUNITY", "LINK", "SCENE", "checked", "kind_of", "link", "pair_of"]

LINK, COMMUNITY, CASE, SCENE = "link", "community", "case", "scene"
_LONGEST = 1_000


def link(a: str, b: str) -> str:
    """The subject of a pair of accounts, whichever is named first."""
    a, b = sorted(name.strip().removeprefix("account:") for name in (a, b))
    return checked(f"{LINK}:{a}|{b}")


def pair_of(subject: str) -> tuple[str, str] | None:
    """The two accounts of a link; None for any other subject.

    Raises:
        UsageError: An id itself holds the sign between the two.
    """
    if kind_of(subject) != LINK:
        return None
    named = subject.removeprefix(f"{LINK}:").split("|")
    if len(named) != 2 or not all(named):
        raise UsageError(
            f"{subject!r} does not name two accounts.", fix="Write link:ACCOUNT|ACCOUNT"
        )
    a, b = sorted(named)
    return a, b


def kind_of(subject: str) -> str:
    """What kind of thing a subject is."""
    return NodeRef.parse(subject).kind


def checked(subject: str) -> str:
    """The subject as the casebook keeps it; a link has its accounts in order.

    Raises:
        UsageError: It names nothing, or cannot be written down.
    """
    subject = subject.strip()
    NodeRef.parse(subject)
    if len(subject) > _LONGEST or "\x00" in subject or not _writable(subject):
        raise UsageError(
            "That subject cannot be written down.",
            fix=f"Name it as kind:value, at most {_LONGEST} characters.",
        )
    if kind_of(subject) != LINK:
        return subject
    named = sorted(subject.removeprefix(f"{LINK}:").split("|"))
    if len(named) < 2 or not all(named) or len(set(named)) < len(named):
        raise UsageError("A link has two different accounts.", fix="Write link:ACCOUNT|ACCOUNT")
    # An id that itself holds the sign keeps its place: it cannot be told apart.
    return f"{LINK}:{'|'.join(named)}" if len(named) == 2 else subject


def _writable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
