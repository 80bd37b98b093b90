"""A search box and what it found: kind, counts and whose a private value is, in words."""

from __future__ import annotations

import streamlit as st

from graph_models.errors import UsageError
from graph_models.kinds import ACCOUNT, kind_named
from graph_models.stores.relations import COMMUNITY
from graph_models.text import inert
from workbench import wording
from workbench.app import framing, safe
from workbench.app.desk import Desk
from workbench.finding import CASE, MATCHES, Findings, Hit

__all__ = ["find", "label"]

LIMIT = 25
_TITLES = {ACCOUNT.name: "Account", COMMUNITY: "Community", CASE: "Case"}


def find(desk: Desk, key: str) -> str | None:
    """A search box and its results; returns the node to draw once one is chosen.

    For what one account alone used it is that account; for a case its focus.
    """
    text = st.text_input(
        "Find",
        key=key,
        placeholder="Find an account, address, card, case …",
        icon=":material/search:",
        label_visibility="collapsed",
    )
    if not text or not text.strip():
        return None
    with framing.errors():
        return _chosen(desk, desk.find(text.strip(), limit=LIMIT), key)
    return None


def _chosen(desk: Desk, found: Findings, key: str) -> str | None:
    _counts(found)
    if not found.hits:
        return None
    place = st.selectbox(
        "Found",
        range(found.shown),
        format_func=lambda at: label(found.hits[at]),
        index=None,
        key=f"{key}_found_{hash(found.text)}_{found.shown}",
        placeholder="Choose what to draw",
        label_visibility="collapsed",
    )
    return None if place is None else _draw(desk, found.hits[place])


def _draw(desk: Desk, hit: Hit) -> str | None:
    """The node to draw; whose a private value is may still have to be read."""
    if hit.node.kind == CASE:
        return str(hit.entity.properties.get("focus") or "") or None
    if hit.draw:
        return hit.draw
    told = {one.node: one.draw for one in desk.find(str(hit.node), limit=1).hits}
    if not told.get(hit.node):
        safe.caption("Nothing to draw: this value is not in the published run.")
    return told.get(hit.node) or None


def _counts(found: Findings) -> None:
    if not found.hits:
        safe.caption("Nothing known begins with that: no account, identifier, community or case.")
    elif found.truncated:
        safe.caption(
            "{shown} shown + {more} more = {total}; type more of it to see fewer.",
            shown=found.shown,
            more=found.truncated,
            total=found.total,
        )
    for words in found.unread:
        safe.caption("{words}", words=words)


def label(hit: Hit) -> str:
    """One line: the value, its kind, how many accounts, and why it was found."""
    kind = _TITLES.get(hit.node.kind) or _title(hit.node.kind)
    told = [kind, *_told(hit)]
    if hit.match not in ("exact", "prefix"):
        told.append(MATCHES[hit.match])
    return f"{inert(hit.node.value, 60)}  ·  {' · '.join(told)}"


def _title(kind: str) -> str:
    try:
        return kind_named(kind).title
    except UsageError:  # a kind of somebody else
        return kind.replace("_", " ")


def _told(hit: Hit) -> list[str]:
    if hit.node.kind == CASE:
        return [inert(str(hit.entity.properties.get("title", "")), 60)]
    if hit.private:
        whose = hit.draw.removeprefix(f"{ACCOUNT.name}:")
        return [f"private to {inert(whose, 40)}" if whose else "private to one account"]
    accounts = hit.entity.counts.get(ACCOUNT.name, 0)
    said = [wording.plural(accounts, "linked account" if hit.node.kind == ACCOUNT.name else
                           "account")] if accounts else []  # fmt: skip
    return [*said, *(["hub"] if hit.entity.hub else [])]
