"""Explain: why these two, or why not?"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import streamlit as st

from graph_models.text import inert
from workbench import wording
from workbench.app import (
    charts,
    evidence,
    framing,
    judging,
    pairing,
    safe,
    session,
    tables,
    waterfall,
)
from workbench.app.desk import Desk
from workbench.app.waterfall import Bar, Verdict

PARTNERS = 50  # strongest links that the list of partners offers


def page() -> None:
    """The whole page."""
    desk = session.open_desk()
    stand = session.standing(desk)
    with framing.page_head(stand, "Explain a pair", "Why may two accounts have one controller?"):
        _way_on(desk, stand)
    framing.alerts(stand)
    if framing.empty(stand):
        return
    a, b = _pair(desk)
    if not (a and b):
        safe.info("Choose two accounts: type their ids, or come from a selection in Explore.")
        return
    with framing.errors(), st.spinner("Comparing the two accounts"):
        told = _told(desk, stand.run, a, b)
        _explanation(desk, told)


def _told(desk: Desk, run: str, a: str, b: str) -> Mapping[str, Any]:
    """One pair is asked once per run and session; choosing a signal asks nothing again."""
    key = ("explained", run, a, b)
    if st.session_state.get("explained_key") != key:
        st.session_state["explained"] = desk.explain(a, b)
        st.session_state["explained_key"] = key
    found: Mapping[str, Any] = st.session_state["explained"]
    return found


# ---- which two


def _swap() -> None:
    one, other = st.session_state["explain_a"], st.session_state["explain_b"]
    st.session_state["explain_a"], st.session_state["explain_b"] = other, one


def _named(name: str) -> str:
    told = st.session_state.get(f"explain_{name}", st.query_params.get(name, ""))
    return str(told or "").strip().removeprefix("account:")


def _way_on(desk: Desk, stand: session.Standing) -> None:
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
        partners = desk.links(_named("a"))["account"].astype(str).tolist()
        if not partners:
            return "The first account has no links."
        at = partners.index(_named("b")) + 1 if _named("b") in partners else 0
        st.session_state["explain_b"] = partners[at % len(partners)]
        return f"Pair {at % len(partners) + 1} of {len(partners)}, by bits."

    session.attempt(step)


def _pair(desk: Desk) -> tuple[str, str]:
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
        links = desk.links(a.strip().removeprefix("account:"))
        names = links["account"].head(PARTNERS).tolist()
        if names:
            st.selectbox(
                "Strongest links of the first account",
                names,
                index=None,
                width=300,
                key="explain_partner",
                placeholder=f"{len(links)} linked accounts",
                on_change=_take_partner,
            )


# ---- the answer


def _explanation(desk: Desk, told: Mapping[str, Any]) -> None:
    judged = waterfall.verdict(told)
    _strip(told, judged)
    bars = waterfall.bars(told)
    left, right = st.columns([1.76, 1], gap="small")
    with left:
        pairing.not_linked(told)
        entry = _evidence(told, judged, bars)
        if entry:
            evidence.rows(desk, entry)
        pairing.context(told)
        pairing.compared(told)
    with right:
        judging.link_judgement(desk, told)
        if entry:
            evidence.card(entry)
        pairing.against(told)
        pairing.missing(told)
    st.code(inert(shlex.join(["workbench", "explain", str(told["a"]), str(told["b"])]), 400),
            language=None)  # fmt: skip


def _strip(told: Mapping[str, Any], judged: Verdict) -> None:
    with st.container(border=True):
        word, chance, summed, luck, place = st.columns([1.2, 0.9, 1.2, 1.2, 1.5])
        with word:
            safe.metric(
                "One controller",
                "{word}",
                word=safe.Words(wording.in_words(judged.probability)),
                note="by ICD 203",
            )
        with chance:
            safe.metric(
                "Probability",
                "{p}",
                p=safe.Words(wording.probability(judged.probability)),
                note=f"prior {wording.bits(judged.prior)} bits",
            )
        with summed:
            bits = safe.Words(wording.bits(judged.bits))
            note = f"{wording.bits(judged.favour)} for, {wording.bits(judged.against)} against"
            safe.metric("Evidence", "{bits} bits", bits=bits, note=note)
        with luck:
            p = wording.p_value(judged.chance_p)
            safe.metric(
                "By chance", "p {p}", p=safe.Words(p), note="pairs of the same degrees, shuffled"
            )
        with place:
            _place(told, judged)


def _place(told: Mapping[str, Any], judged: Verdict) -> None:
    """Linked or not, and in which communities the two are."""
    linked = bool(told.get("linked", judged.end >= 0))
    with st.container(gap="xxsmall"):
        safe.metric(
            "Link",
            "{word}",
            word=safe.Words("linked" if linked else "no link"),
            note=f"{-judged.prior:.1f} bits are needed",
        )
        stands = {name: _stand(told, name) for name in (str(told["a"]), str(told["b"]))}
        if len({*stands.values()}) == 1 and "communities" in told:
            safe.caption("both {stand}", stand=stands[str(told["a"])])
            return
        for account, stand in stands.items():
            if stand:
                safe.caption("{account}: {stand}", account=account, stand=stand)


def _stand(told: Mapping[str, Any], account: str) -> str:
    stand = (told.get("communities") or {}).get(account)
    if not stand:
        return ""
    if not stand.get("community"):
        return "in no community"
    return f"in {stand['community']}, {stand.get('tier') or '–'}"


def _evidence(
    told: Mapping[str, Any], judged: Verdict, bars: list[Bar]
) -> Mapping[str, Any] | None:
    """The waterfall and the list under it; the entry that is chosen, if there is any."""
    if not bars:
        safe.info(
            "No shared signal above chance. Nothing that was compared speaks for, or against, "
            "one controller."
        )
        return None
    _waterfall(told, judged)
    listed = waterfall.entries(told)
    chosen = _chosen(bars)
    entry = listed[_within(listed, bars[chosen])]
    with st.expander(safe.fill("All {n} entries with their rarity", n=len(listed))):
        evidence.every_entry(listed)
    return entry


def _waterfall(told: Mapping[str, Any], judged: Verdict) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown("**How the evidence adds up**")
            framing.layer_badge("inferred")
            st.space("stretch")
            safe.caption(
                "bits, log2 likelihood ratio · :blue[■] for · :orange[■] against", width="content"
            )
        event = st.altair_chart(
            charts.waterfall(waterfall.steps(told), session.theme()),
            width="stretch",
            on_select="rerun",
            selection_mode=["step"],
            key=f"waterfall_{told['a']}_{told['b']}",
            alt="Waterfall from the prior to all evidence; the list below holds the same",
        )
        _sum(told, judged)
    clicked = _clicked(event)
    if clicked >= 0:
        st.session_state["explain_signal"] = clicked


def _chosen(bars: list[Bar]) -> int:
    """The bar whose card and rows are shown: from a click on it, or from this list."""
    names = {place: f"{bar.name}  {wording.bits(bar.bits)}" for place, bar in enumerate(bars)}
    if st.session_state.get("explain_signal") not in names:
        st.session_state["explain_signal"] = 0
    chosen = st.selectbox(
        "Signal, or click a bar",
        list(names),
        format_func=lambda place: names[place],
        key="explain_signal",
    )
    return int(chosen or 0)


def _within(listed: list[dict[str, Any]], bar: Bar) -> int:
    """Which entry of a bar: of one that stands for several, the row that is selected."""
    if len(bar.places) == 1:
        return bar.places[0]
    rows = [listed[place] for place in bar.places]
    table = evidence.entry_table(rows)
    picked = tables.show(
        table,
        alt="The entries that this bar sums up; select one for its card",
        key=f"explain_within_{bar.name}",
        select="single-row",
        most=5,
    )
    return bar.places[picked[0] if picked else 0]


def _clicked(event: Any) -> int:
    points = event.selection.get("step", []) if event else []
    place = points[0].get("entry", -1) if points else -1
    # A click counts once: afterwards the list may choose another signal.
    if place == st.session_state.get("explain_clicked"):
        return -1
    st.session_state["explain_clicked"] = place
    return int(place)


def _sum(told: Mapping[str, Any], judged: Verdict) -> None:
    apart = waterfall.unsummed(told)
    if abs(apart) > 0.005:
        safe.warning(
            "The entries do not sum to the stated bits; they are {apart} bits apart.",
            apart=safe.Words(wording.bits(apart)),
        )
    safe.caption(
        "{prior} before any evidence {favour} for {against} against = {end} bits of log2 odds, "
        "probability {p}. The entries sum to {bits} bits.",
        prior=safe.Words(wording.bits(judged.prior)),
        favour=safe.Words(wording.bits(judged.favour)),
        against=safe.Words(wording.bits(judged.against)),
        end=safe.Words(wording.bits(judged.end)),
        p=safe.Words(wording.probability(judged.probability)),
        bits=safe.Words(wording.bits(judged.bits)),
    )


if __name__ == "__main__":
    page()
