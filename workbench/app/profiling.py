"""What the pages about one thing have in common: head, near names, the command, times."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from graph_models.errors import UsageError
from graph_models.nodes import NodeRef
from graph_models.text import inert
from workbench import wording
from workbench.app import framing, safe, session, tables
from workbench.app.desk import Desk

__all__ = ["PAGES", "ask", "command", "moments", "open_node", "opening", "unknown"]

PAGES = {"account": "account", "community": "community"}  # every other kind: identifier
NEAR = 12


def open_node(node: str) -> None:
    """Open the page of a node."""
    kind, _, value = node.partition(":")
    page = PAGES.get(kind, "identifier")
    session.go(page, **{page: value} if page in PAGES else {"node": node})


def ask(title: str, parameter: str, example: str) -> str:
    """Which one: from the address, or typed in; empty when neither says."""
    given = st.query_params.get(parameter, "").strip()
    if given:
        return given
    label = safe.fill("{title}", title=safe.Words(title))
    typed = st.text_input(label, key=f"ask_{parameter}", placeholder=example, width=420)
    if typed and typed.strip():
        st.query_params[parameter] = typed.strip()
        st.rerun()
    safe.info("Name one: type it here, or come from any table or the canvas.")
    return ""


def unknown(desk: Desk, text: str, error: UsageError, kind: str) -> None:
    """Nothing has that name: what happened, and the nearest names as a way on."""
    safe.failure(error)
    bare = text.partition(":")[2] or text
    near: list[str] = []
    for length in (len(bare), max(3, len(bare) // 2), 3):
        with framing.errors():
            found = desk.search(f"{kind}:{bare[:length]}", limit=NEAR) if bare[:length] else []
            near = [str(entity.node) for entity in found]
        if near:
            break
    if not near:
        safe.caption("No name begins alike. Look it up: `workbench search TEXT`")
        return
    safe.line("**Names that begin alike**")
    picked = tables.show(
        pd.DataFrame({"Name": near}), alt="Names that begin alike; select one to open it",
        key="near_names", select="single-row",
    )  # fmt: skip
    if picked:
        open_node(near[picked[0]])


def opening(table: pd.DataFrame, nodes: Sequence[str], *, alt: str, key: str) -> None:
    """A table whose selected row opens the page of its node.

    Args:
        table: What to show, a row a node.
        nodes: The node of each row.
        alt: The finding in a sentence of our own.
        key: Of the table.
    """
    picked = tables.show(table, alt=alt, key=key, select="single-row")
    if picked:
        open_node(nodes[picked[0]])


def command(*words: str) -> None:
    """The command that does the same in a terminal."""
    safe.caption("The same in a terminal:")
    st.code(inert(shlex.join(["workbench", *words]), 400), language=None)


def moments(times: pd.Series, zone: str) -> list[str]:
    """A column of times in words."""
    return [
        wording.moment(None if pd.isna(when) else pd.Timestamp(when).to_pydatetime(), zone)
        for when in times
    ]


def node_of(kind: str, value: str) -> NodeRef:
    """A node from an address, whose kind may stand before it."""
    return NodeRef(kind, value.removeprefix(f"{kind}:"))
