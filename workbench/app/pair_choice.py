"""Which two accounts are explained: typed in, swapped, or the next link of the first."""

from __future__ import annotations

import streamlit as st

from workbench.app import framing, session
from workbench.app.desk import Desk

__all__ = ["pair", "way_on"]

PARTNERS = 50  # strongest links that the list of partners offers


def _swap() -> None:
    one, other = st.session_state["explain_a"], st.session_state["explain_b"]
    st.session_state["explain_a"], st.session_state["explain_b"] = other, one


def _named(name: str) -> str:
    told = st.session_state.get(f"explain_{name}", st.query_params.get(name, ""))
    return str(told or "").strip().removeprefix("account:")


def way_on(desk: Desk, stand: session.Standing) -> None:
    """To the canvas, and to the next pair of the first account."""
    a = _named("a")
    if not a or not stand.run:
        return
    if st.button("Show on canvas", icon=":material/hub:"):
        session.go("explore", node=f"account:{a}")
    st.button(
        "Next pair",
        icon=":material/arrow_forward:",
        shortcut="Ctrl+Right",
        on_click=_next_pair,
        args=(desk,),
        help="The next weaker link of the first account",
    )


def _next_pair(desk: Desk) -> None:
    def step() -> str:
        shown, _ = desk.unrejected(_named("a"), desk.links(_named("a")))
        partners = shown["account"].astype(str).tolist()
        if not partners:
            return "The first account has no links."
        at = partners.index(_named("b")) + 1 if _named("b") in partners else 0
        st.session_state["explain_b"] = partners[at % len(partners)]
        return f"Pair {at % len(partners) + 1} of {len(partners)}, by bits."

    session.attempt(step)


def pair(desk: Desk) -> tuple[str, str]:
    """The two accounts, from the address or typed in; empty where one is not named."""
    for name in ("a", "b"):
        if f"explain_{name}" not in st.session_state:
            st.session_state[f"explain_{name}"] = st.query_params.get(name, "")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        a = st.text_input("First account", key="explain_a", width=260)
        st.button("", icon=":material/swap_horiz:", on_click=_swap, help="Swap the two")
        b = st.text_input("Second account", key="explain_b", width=260)
        if a:
            _partners(desk, a)
    a, b = (name.strip().removeprefix("account:") for name in (a or "", b or ""))
    if a and b:
        st.query_params.update({"a": a, "b": b})
    return a, b


def _take_partner() -> None:
    if st.session_state["explain_partner"]:
        st.session_state["explain_b"] = st.session_state["explain_partner"]
        st.session_state["explain_partner"] = None


def _partners(desk: Desk, a: str) -> None:
    """The strongest links of the first account, to go through them one by one."""
    with framing.errors():
        first = a.strip().removeprefix("account:")
        shown, hidden = desk.unrejected(first, desk.links(first))
        names = shown["account"].head(PARTNERS).tolist()
        rejected = f", {len(hidden)} rejected, hidden" if len(hidden) else ""
        if names:
            st.selectbox(
                "Strongest links of the first account",
                names,
                index=None,
                width=300,
                key="explain_partner",
                placeholder=f"{len(shown)} linked accounts{rejected}",
                on_change=_take_partner,
            )
