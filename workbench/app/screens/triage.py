"""Triage: which community next?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from graph_models.inference import Community, Reason
from graph_models.stores.triage import PAGE, Asked, Triage
from workbench import wording
from workbench.app import framing, look, packs, ranking, safe, session
from workbench.app.desk import Desk
from workbench.app.session import Standing

REASONS_SHOWN = 6


def page() -> None:
    """The whole page."""
    desk = session.open_desk()
    stand = session.standing(desk)
    with framing.page_head(stand, "Triage", "Communities by how much a closer look would change"):
        pass
    framing.alerts(stand)
    if framing.empty(stand):
        return
    listed = _listed(desk)
    with st.container(border=True):
        _metrics(stand, listed)
    if not listed.total:
        safe.info(
            "No community was found in this run. That is a result: nothing links accounts "
            "beyond chance."
        )
        return
    _filters(listed)
    chosen = _table(listed)
    if chosen is not None:
        _preview(desk, chosen)


def _metrics(stand: Standing, listed: Triage) -> None:
    accounts = int(stand.about.get("nodes", {}).get("account", 0))
    low, high = listed.campaign
    campaigns, undecided = (listed.tally.get(name, 0) for name in ("campaign", "undecided"))
    places = st.columns(5)
    with places[0]:
        safe.metric("Accounts in snapshot", "{n}", n=accounts)
    with places[1]:
        share = wording.percent(listed.accounts, accounts)
        safe.metric("In communities", "{n}", n=listed.accounts, note=f"{share} of accounts")
    with places[2]:
        safe.metric("Communities", "{n}", n=listed.total, note="two or more accounts")
    with places[3]:
        note = f"{wording.span(low, high)} accounts"
        safe.metric("Assessed as campaign", "{n}", n=campaigns, note=note)
    with places[4]:
        safe.metric("Undecided", "{n}", n=undecided, note="below 0.80, or low confidence")


def _listed(desk: Desk) -> Triage:
    """The page that the filters below ask for; the first one where that page is no more."""
    asked = Asked(
        classes=tuple(st.session_state.get("triage_classes") or ()),
        text=str(st.session_state.get("triage_search") or ""),
        start=PAGE * (max(1, int(st.session_state.get("triage_page") or 1)) - 1),
        limit=PAGE,
    )
    listed = desk.triage(asked)
    return listed if listed.shown or not asked.start else desk.triage(replace(asked, start=0))


def _filters(listed: Triage) -> None:
    counts = listed.tally
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.pills(
            "Assessment",
            list(counts),
            selection_mode="multi",
            format_func=lambda name: f"{wording.ASSESSMENT_WORDS[name]}  {counts[name]}",
            label_visibility="collapsed",
            key="triage_classes",
        )
        st.space("stretch")
        st.text_input(
            "Search",
            placeholder="Community or account",
            icon=":material/search:",
            label_visibility="collapsed",
            width=240,
            key="triage_search",
        )
    safe.caption(
        "{shown} shown + {hidden} hidden by filter + {truncated} on other pages = {total}",
        shown=len(listed.shown),
        hidden=listed.hidden,
        truncated=listed.truncated,
        total=listed.total,
    )


def _clear() -> None:
    st.session_state["triage_classes"] = []
    st.session_state["triage_search"] = ""
    st.session_state["triage_page"] = 1


def _table(listed: Triage) -> Community | None:
    if not listed.shown:
        with st.container(border=True, horizontal_alignment="center"):
            safe.line("No community passes these filters. {n} exist.", n=listed.total)
            st.button("Clear filters", on_click=_clear)
        return None
    theme = session.theme()
    shown = safe.frame(ranking.table(listed.shown, theme, session.zone()), pictures=("Assessment",))
    fails = f"color: {theme.against}"
    styled = shown.style.map(
        lambda text: fails if str(text).startswith("fails") else "", subset=["Robustness"]
    ).format(_figures())
    event = st.dataframe(
        styled,
        hide_index=True,
        row_height=look.ROW,
        on_select="rerun",
        selection_mode="single-row-required",
        key=f"triage_table_{listed.total}_{listed.passing}",
        height=look.table_height(len(shown)),
        column_config=_columns(),
        alt="Communities in the order of triage; the selected one is shown below",
    )
    pages = ranking.pages(listed)
    if pages > 1:
        st.pagination(pages, key="triage_page")
    rows = event.selection.rows if event else []
    return listed.shown[rows[0] if rows and rows[0] < len(listed.shown) else 0]


def _figures() -> dict[Any, Any]:
    return {"Exchanges": wording.figure} | dict.fromkeys(
        ("Core", "Probable", "Possible"), wording.number
    )


def _columns() -> dict[str, Any]:
    numbers = {
        name: st.column_config.NumberColumn(width=68, help=help_)
        for name, help_ in (
            ("Core", "Members that stand whatever single signal is lost"),
            ("Probable", "Further members to whom the assessment applies"),
            ("Possible", "Linked, not counted as members"),
        )
    }
    return {
        **numbers,
        "Community": st.column_config.TextColumn(width=125),
        "Exchanges": st.column_config.NumberColumn(width=85),
        "Assessment": st.column_config.ImageColumn(
            width=118,
            help="Dark to light: campaign, reseller, organisation, household, shared network, "
            "event; hatched: unexplained",
        ),
        "Leading": st.column_config.TextColumn(width=195),
        "Top reason": st.column_config.TextColumn(width=285),
        "Robustness": st.column_config.TextColumn(width=145),
        "Last seen": st.column_config.TextColumn(width=90),
    }


def _preview(desk: Desk, item: Community) -> None:
    with st.container(border=True):
        assessment, reasons, without, actions = st.columns([2.1, 3.8, 2.1, 2.1], gap="medium")
        with assessment, st.container(gap="xsmall"):
            _assessment(item)
        with reasons, st.container(gap="xsmall"):
            st.markdown("**Why these accounts are together**")
            _reasons(desk, item)
        with without, st.container(gap="xxsmall"):
            st.markdown("**Does it hold without one signal?**")
            _leave_one_out(item)
        with actions:
            _actions(desk, item)


def _assessment(item: Community) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        safe.line("**{name}**", name=item.community)
        framing.layer_badge("inferred")
    chances = item.assessment.probabilities
    said = ", ".join(
        f"{wording.ASSESSMENT_WORDS[name]} {wording.probability(chances[name])}" for name in chances
    )
    bar = look.assessment_bar(chances, session.theme(), width=260)
    st.image(bar, width=260, alt=safe.fill("{said}", said=safe.Words(said)))
    ranked = sorted(chances, key=lambda name: -chances[name])
    word = safe.Words(wording.in_words(chances[ranked[0]]))
    chance = safe.Words(wording.probability(chances[ranked[0]]))
    top = safe.Words(wording.ASSESSMENT_WORDS[ranked[0]])
    if item.assessment.assessed_as == "undecided":
        safe.line(
            "**Undecided.** Leading: {top}, {word} ({chance}).", top=top, word=word, chance=chance
        )
    else:
        safe.line("Assessed as **{top}**, {word} ({chance}).", top=top, word=word, chance=chance)
    others = " · ".join(
        f"{wording.ASSESSMENT_WORDS[name]} {wording.probability(chances[name])}"
        for name in ranked[1:4]
    )
    safe.caption("{others}", others=safe.Words(others))
    safe.caption(
        "Confidence {confidence} · held together {held} · by chance p {p}",
        confidence=safe.Words(item.assessment.confidence),
        held=float(item.held_together),
        p=safe.Words(wording.p_value(item.chance_p)),
    )


def _reasons(desk: Desk, item: Community) -> None:
    reasons = ranking.reasons(item)
    with st.container(gap="xxsmall"):
        for reason in reasons[:REASONS_SHOWN]:
            _reason(reason)
    with st.container(horizontal=True, gap="xsmall"):
        if len(reasons) > REASONS_SHOWN:
            with st.popover(safe.fill("All {n} reasons", n=len(reasons)), type="tertiary"):
                for reason in reasons:
                    _reason(reason, family=True)
        readings = item.assessment.innocent_explanations
        if readings:
            with st.popover(safe.fill("{n} innocent readings", n=len(readings)), type="tertiary"):
                for text in readings:
                    safe.line("{text}", text=text)
        _line(desk, item)


def _line(desk: Desk, item: Community) -> None:
    """What became of it from run to run, where an earlier run knew it."""
    told = desk.story(item.community)
    if told["step"].nunique() < 2:
        return
    line = told["line"].iloc[0]
    with st.popover(safe.fill("{n} runs of {line}", n=len(told), line=line), type="tertiary"):
        for row in told.itertuples():
            safe.line("{day} · {event}: {reason}", day=str(row.at)[:10], event=row.event,
                      reason=row.reason)  # fmt: skip


def _reason(reason: Reason, *, family: bool = False) -> None:
    """One reason with its bits; what speaks against stands in its own colour, and says so."""
    safe.line(
        ":orange[{bits} · Against: {text}{words}]" if reason.bits < 0 else "{bits} · {text}{words}",
        bits=safe.Words(wording.bits(reason.bits)),
        text=reason.text,
        words=safe.Words(f" · {reason.family}" if family else ""),
    )


def _leave_one_out(item: Community) -> None:
    for family, holds in ranking.leave_one_out(item):
        safe.line(
            ":green[:material/check:] without {family}: holds"
            if holds
            else ":orange[:material/close: without {family}: falls apart]",
            family=safe.Words(family),
        )
    if not ranking.leave_one_out(item):
        safe.caption("No leave-one-out figures in this run.")


def _actions(desk: Desk, item: Community) -> None:
    if st.button("Open in Explore", type="primary", width="stretch", shortcut="Ctrl+Enter"):
        session.go("explore", community=item.community)
    if st.button("Explain a pair", width="stretch"):
        a, b = _strongest_pair(desk, item.community)
        session.go("explain", a=a, b=b)
    st.download_button(
        "Download evidence pack",
        data=partial(packs.pack_zip, desk, item.community),
        file_name=f"evidence-{item.community}.zip",
        mime="application/zip",
        width="stretch",
        on_click="ignore",
    )


def _strongest_pair(desk: Desk, community: str) -> tuple[str, str]:
    """The surest member and the member most strongly linked to it."""
    members = desk.members(community)
    ranked = members.sort_values(["member_confidence", "account"], ascending=[False, True])
    first = str(ranked["account"].iloc[0])
    links, _ = desk.unrejected(first, desk.links(first))
    inside = links[links["account"].isin(members["account"])]
    return first, str(inside["account"].iloc[0]) if len(inside) else str(ranked["account"].iloc[-1])


if __name__ == "__main__":
    page()
