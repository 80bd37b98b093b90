"""Account: what was seen of it, and with whom does it stand?"""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from graph_models.errors import UsageError
from workbench import wording
from workbench.app import (
    account_parts,
    beside,
    details,
    framing,
    notes,
    profiling,
    safe,
    session,
    tables,
)
from workbench.app.desk import Desk
from workbench.casebook.rules import WORDS
from workbench.profiles.account import AccountProfile


def page() -> None:
    """The whole page."""
    desk = session.open_desk()
    stand = session.standing(desk)
    name = st.query_params.get("account", "").strip().removeprefix("account:")
    with framing.page_head(stand, "Account", "What was seen of it, and with whom does it stand?"):
        if name:
            _actions(name)
    framing.alerts(stand)
    if framing.empty(stand):
        return
    name = profiling.ask("Account id", "account", "acct_…").removeprefix("account:")
    if not name:
        return
    try:
        found = desk.profile(f"account:{name}")
    except UsageError as error:
        profiling.unknown(desk, name, error, "account")
        return
    if isinstance(found, AccountProfile):
        _shown(desk, found, stand.run)
        profiling.command("show", f"account:{name}")


def _actions(name: str) -> None:
    if st.button("Show on canvas", icon=":material/hub:"):
        session.go("explore", node=f"account:{name}")
    if st.button("Explain a pair", icon=":material/compare_arrows:"):
        session.go("explain", a=name)


def _shown(desk: Desk, found: AccountProfile, run: str) -> None:
    safe.text(found.account)
    _strip(found)
    left, right = st.columns([1.76, 1], gap="small")
    with left:
        _hours(desk, found, run)
        _links(desk, found)
        _identifiers(desk, found, run)
        _loads(desk, found, run)
    with right:
        _properties(found)
        _mix(desk, found, run)
        _labels(desk, found, run)
        with framing.errors():
            notes.panel(desk, [f"account:{found.account}"], key="account_notes")


def _strip(found: AccountProfile) -> None:
    told = found.entity.properties
    with st.container(border=True):
        place, sure, traffic, shared = st.columns([1.5, 1, 1.3, 1.3])
        with place:
            if found.community:
                assessed = wording.ASSESSMENT_WORDS.get(found.assessed_as, found.assessed_as)
                safe.metric(
                    "Community",
                    "{community}",
                    community=found.community,
                    note=f"{told.get('tier') or '–'}; assessed as {assessed}",
                )
                if st.button("Open its card", type="tertiary", icon=":material/groups:"):
                    session.go("community", community=found.community)
            else:
                safe.metric("Community", "none", note="no link above the threshold holds it")
        with sure:
            confidence = told.get("member_confidence")
            said = "–" if confidence is None else wording.probability(float(confidence))
            safe.metric("Belongs to it", "{p}", p=safe.Words(said), note="calibrated on synthetic")
        with traffic:
            safe.metric("Exchanges", "{n}", n=int(told.get("exchanges") or 0), note=_span(told))
        with shared:
            safe.metric(
                "Identifiers",
                "{n} shared",
                n=found.identifiers_total,
                note=f"{found.private_total:,} more used by nobody else",
            )


def _span(told: Any) -> str:
    zone = session.zone()
    return (
        f"{wording.day(told.get('first_seen'), zone)} – {wording.day(told.get('last_seen'), zone)}"
    )


def _hours(desk: Desk, found: AccountProfile, run: str) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            safe.line("**When it is active**", width="content")
            framing.layer_badge("observed")
            safe.caption(
                "day by hour of day, {zone}", zone=safe.Words(session.zone()), width="content"
            )
        ask = partial(desk.rhythm, [found.account])
        beside.card(
            "The hours are being read",
            beside.asked("rhythm", found.account, run, ask),
            account_parts.raster,
        )


def _links(desk: Desk, found: AccountProfile) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        safe.line("**Strongest links**", width="content")
        framing.layer_badge("inferred")
        safe.caption(
            "{shown} shown + {cut} truncated = {total}",
            shown=len(found.links),
            cut=found.links_total - len(found.links),
            total=found.links_total,
        )
    if found.links.empty:
        safe.caption("No link. Name any other account on Explain to see why not.")
        return
    states = {partner: one.state for partner, one in desk.judged_links(found.account).items()}
    table = pd.DataFrame({
        "Account": found.links["account"],
        "Bits": found.links["bits"].astype("float64"),
        "Most by": found.links["strongest"],
        "Judged": [WORDS.get(states.get(name, ""), "–") for name in found.links["account"]],
    })  # fmt: skip
    picked = tables.show(
        table, alt="Links of this account; select one to see why", key="account_links",
        select="single-row", columns={"Bits": st.column_config.NumberColumn(format="%.1f")},
    )  # fmt: skip
    if picked:
        session.go("explain", a=found.account, b=str(found.links["account"].iloc[picked[0]]))


def _identifiers(desk: Desk, found: AccountProfile, run: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        safe.line("**Identifiers, the rarest first**", width="content")
        framing.layer_badge("observed")
        safe.caption(
            "{shown} shown + {private} private + {cut} truncated = {total}",
            shown=len(found.identifiers),
            private=found.private_total,
            cut=found.identifiers_total - len(found.identifiers),
            total=found.identifiers_total + found.private_total,
        )
    zone, used = session.zone(), found.identifiers
    kinds = ["all", *sorted(used["kind"].unique())]
    kind = st.selectbox("Kind", kinds, key="account_kind", width=220) or "all"
    shown = used if kind == "all" else used[used["kind"] == kind]
    table = pd.DataFrame({
        "Kind": shown["kind"],
        "Value": shown["value"],
        "Accounts": shown["accounts"].astype("Int64"),
        "Links": ["context" if hub else "may link" for hub in shown["hub"]],
        "Times": shown["count"].astype("Int64"),
        "First": profiling.moments(shown["first"], zone),
        "Last": profiling.moments(shown["last"], zone),
    })  # fmt: skip
    nodes = [f"{one}:{value}" for one, value in zip(shown["kind"], shown["value"], strict=True)]
    profiling.opening(
        table, nodes, alt="Identifiers of this account; select one to open its page",
        key=f"account_identifiers_{kind}",
    )  # fmt: skip
    if found.private_total and st.toggle("Read the private ones from the rows", key="account_own"):
        answer = beside.asked("uses", found.account, run, partial(desk.uses, found.account))
        beside.card("The rows are being read", answer, partial(account_parts.private, used))


def _loads(desk: Desk, found: AccountProfile, run: str) -> None:
    safe.line("**Source rows by file**")
    answer = beside.asked("loads", found.account, run, partial(desk.loads_of, found.account))
    beside.card("The rows are being counted", answer, account_parts.by_file)


def _properties(found: AccountProfile) -> None:
    with st.container(border=True, gap="xsmall"):
        safe.line("**What the files say of it**")
        tables.show(
            details.properties_table(found.entity, zone=session.zone()),
            alt="Properties of the account, and its identifiers by kind",
            most=16,
        )


def _mix(desk: Desk, found: AccountProfile, run: str) -> None:
    with st.container(border=True, gap="xsmall"):
        safe.line("**Models and capabilities**")
        answer = beside.asked("mix", found.account, run, partial(desk.mix, found.account))
        beside.card("The exchanges are being counted", answer, account_parts.mixed)


def _labels(desk: Desk, found: AccountProfile, run: str) -> None:
    with st.container(border=True, gap="xsmall"):
        safe.line("**Closures and labels**")
        told = found.entity.properties
        if told.get("closed_at"):
            safe.line(
                "Closed on {when}: {why}",
                when=safe.Words(wording.moment(told["closed_at"], session.zone())),
                why=str(told.get("close_reason") or "no reason given"),
            )
        answer = beside.asked("labels", found.account, run, partial(desk.labels, found.account))
        beside.card("Labels are being read", answer, account_parts.labelled)


if __name__ == "__main__":
    page()
