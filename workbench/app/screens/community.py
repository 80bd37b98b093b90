"""Community: why together, and how far does that carry?"""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from graph_models.errors import UsageError
from workbench import wording
from workbench.app import beside, community_card, framing, notes, profiling, safe, session
from workbench.app.desk import Desk
from workbench.export.tables import neutralised
from workbench.profiles.community import Card

PAGE = 50  # members of one page


def page() -> None:
    """The whole page."""
    desk = session.open_desk()
    stand = session.standing(desk)
    name = st.query_params.get("community", "").strip().removeprefix("community:")
    with framing.page_head(stand, "Community", "Why together, and how far does that carry?"):
        actions = st.container(horizontal=True, gap="xsmall", width="content")
    framing.alerts(stand)
    if framing.empty(stand):
        return
    name = profiling.ask("Community id", "community", "cm_…").removeprefix("community:")
    if not name:
        return
    try:
        with st.spinner("Reading the card"):
            card = desk.card(name)
    except UsageError as error:
        profiling.unknown(desk, name, error, "community")
        return
    with actions:
        _actions(card)
    _shown(desk, card, stand.run)


def _actions(card: Card) -> None:
    name = card.community.community
    if card.strongest and st.button("Explain the strongest pair", icon=":material/compare_arrows:"):
        session.go("explain", a=card.strongest[0], b=card.strongest[1])
    if st.button("Ask a play", icon=":material/quiz:"):
        session.go("plays", community=name)
    if st.button("Open in Explore", type="primary", icon=":material/hub:", shortcut="Ctrl+Enter"):
        session.go("explore", community=name)


def _shown(desk: Desk, card: Card, run: str) -> None:
    name = card.community.community
    safe.text(name)
    community_card.strip(card)
    left, right = st.columns([1.76, 1], gap="small")
    with left:
        community_card.together(card)
        community_card.ties(card)
        answer = beside.asked("work", name, run, partial(desk.work, name))
        beside.card("The exchanges of all members are being read", answer, community_card.worked)
        _members(desk, card)
    with right:
        community_card.innocent(card)
        community_card.lineage(card)
        community_card.unknown(card)
        with framing.errors():
            notes.panel(desk, [f"community:{name}"], key="community_notes")
    profiling.command("card", name)


def _members(desk: Desk, card: Card) -> None:
    name = card.community.community
    members = desk.members(name)
    pages = max(1, -(-len(members) // PAGE))
    at = min(int(st.session_state.get("community_page", 1)), pages)
    shown = members.iloc[(at - 1) * PAGE : at * PAGE]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        safe.line("**Members**", width="content")
        framing.layer_badge("inferred")
        safe.caption(
            "{shown} of {all}, and {cut} on other pages",
            shown=len(shown),
            all=len(members),
            cut=len(members) - len(shown),
            width="content",
        )
        st.space("stretch")
        st.download_button(
            "Members as CSV",
            data=partial(_csv, members),
            file_name=f"members-{name}.csv" if name.isidentifier() else "members.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    profiling.opening(
        _table(shown),
        [f"account:{account}" for account in shown["account"]],
        alt="Members by id; select one to open its page",
        key=f"community_members_{at}",
    )
    if pages > 1:
        st.pagination(pages, key="community_page")


def _table(shown: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Account": shown["account"],
        "Tier": shown["tier"],
        "Belongs to it": [wording.probability(one) for one in shown["member_confidence"]],
        "Share of its traffic": [f"{share:.0%}" for share in shown["share"]],
        "Cell": shown["cell"],
    })  # fmt: skip


def _csv(members: pd.DataFrame) -> bytes:
    """No value of it can become a formula in somebody's spreadsheet."""
    return neutralised(members).to_csv(index=False, lineterminator="\n").encode()


if __name__ == "__main__":
    page()
