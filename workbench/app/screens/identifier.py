"""Identifier: who shares it, and what does that say?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from graph_models.errors import UsageError
from workbench import wording
from workbench.app import details, framing, profiling, safe, session, tables
from workbench.profiles.identifier import IdentifierProfile, hub_words


def page() -> None:
    """The whole page."""
    desk = session.open_desk()
    stand = session.standing(desk)
    node = st.query_params.get("node", "").strip()
    with framing.page_head(stand, "Identifier", "Who shares it, and what does that say?"):
        actions = st.container(horizontal=True, gap="xsmall", width="content")
    framing.alerts(stand)
    if framing.empty(stand):
        return
    node = profiling.ask("Identifier, as kind:value", "node", "ip:192.0.2.7")
    if not node:
        return
    kind = node.partition(":")[0]
    if kind in profiling.PAGES:
        profiling.open_node(node)
    try:
        with st.spinner("Looking it up"):
            found = desk.profile(node, after=st.query_params.get("after") or None)
    except UsageError as error:
        profiling.unknown(desk, node, error, kind)
        return
    if isinstance(found, IdentifierProfile):
        with actions:
            _actions(found)
        _shown(found)
        profiling.command("show", node)


def _actions(found: IdentifierProfile) -> None:
    if found.private:
        safe.caption("Private: it is no node, so the canvas cannot draw it.", width="content")
    elif st.button("Show on canvas", icon=":material/hub:"):
        session.go("explore", node=str(found.entity.node))


def _shown(found: IdentifierProfile) -> None:
    safe.text(str(found.entity.node))
    _strip(found)
    left, right = st.columns([1.76, 1], gap="small")
    with left:
        _users(found)
        _communities(found)
    with right:
        _card(found)
        _properties(found)


def _strip(found: IdentifierProfile) -> None:
    with st.container(border=True):
        used, worth, hub, seen = st.columns([1, 1.2, 1.2, 1.8])
        with used:
            safe.metric("Accounts", "{n}", n=found.users_total, note=_spread(found))
        with worth:
            safe.metric(
                "Sharing it says",
                "{bits} bits",
                bits=safe.Words(f"{found.worth.bits:.1f}"),
                note=f"of two with no other value; its kind at most {found.worth.cap:g}",
            )
        with hub:
            is_hub = found.entity.hub or found.users_total > found.worth.hub_at
            safe.metric(
                "Links",
                "{word}",
                word=safe.Words("context" if is_hub else "may link"),
                note=f"context above {found.worth.hub_at:,} accounts",
            )
        with seen:
            zone = session.zone()
            first, last = found.users["first"].min(), found.users["last"].max()
            safe.metric(
                "Seen, on this page of users",
                "{first} – {last}",
                first=safe.Words(_day(first, zone)),
                last=safe.Words(_day(last, zone)),
                note=f"shown in {zone}",
            )
    safe.caption("{words}", words=hub_words(found))


def _spread(found: IdentifierProfile) -> str:
    if found.private:
        return "private: nobody else used it"
    return f"{len(found.users)} of {found.users_total:,} on this page"


def _day(when: Any, zone: str) -> str:
    return "–" if when is None or pd.isna(when) else wording.day(pd.Timestamp(when), zone)


def _users(found: IdentifierProfile) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        safe.line("**Who used it**", width="content")
        framing.layer_badge("observed")
        safe.caption(
            "{shown} shown + {cut} on other pages = {total}",
            shown=len(found.users),
            cut=found.users_total - len(found.users),
            total=found.users_total,
        )
    zone = session.zone()
    users = found.users
    table = pd.DataFrame({
        "Account": users["account"],
        "Community": users["community"].replace("", "–"),
        "Tier": users["tier"].replace("", "–"),
        "Times": users["count"].astype("Int64"),
        "First": profiling.moments(users["first"], zone),
        "Last": profiling.moments(users["last"], zone),
    })  # fmt: skip
    nodes = [f"account:{name}" for name in users["account"]]
    profiling.opening(
        table,
        nodes,
        alt="Accounts that used it; select one to open its page",
        key="identifier_users",
    )
    with st.container(horizontal=True, gap="xsmall"):
        if st.query_params.get("after") and st.button("First page"):
            st.query_params.pop("after")
            st.rerun()
        if found.cursor and st.button("Next page", icon=":material/arrow_forward:"):
            st.query_params["after"] = found.cursor
            st.rerun()


def _communities(found: IdentifierProfile) -> None:
    if not found.communities:
        safe.caption("No account of this page is in a community.")
        return
    safe.line("**Communities among them**")
    table = pd.DataFrame(found.communities, columns=["Community", "Accounts on this page"])
    nodes = [f"community:{name}" for name, _ in found.communities]
    profiling.opening(
        table, nodes, alt="Communities of these accounts; select one to open its card",
        key="identifier_communities",
    )  # fmt: skip


def _card(found: IdentifierProfile) -> None:
    kind = found.kind
    with st.container(border=True, gap="xsmall"):
        safe.line("**{title}**", title=kind.title if kind else found.entity.node.kind)
        if kind is None:
            safe.line("A type of somebody else's table; nothing is known of it but its values.")
            return
        safe.line("{doc}", doc=kind.doc)
        safe.line("**What sharing it means**")
        safe.line("{words}", words=kind.means)
        safe.line("**How it misleads**")
        safe.line("{words}", words=kind.misleads)
        safe.caption("Why it is worth no more: {reason}", reason=found.worth.reason)


def _properties(found: IdentifierProfile) -> None:
    with st.container(border=True, gap="xsmall"):
        safe.line("**What is known of it**")
        tables.show(
            details.properties_table(found.entity),
            alt="Properties, background data with provider and date, and counts",
            most=12,
        )


if __name__ == "__main__":
    page()
