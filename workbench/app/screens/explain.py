"""Explain: why these two?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from workbench import wording
from workbench.app import charts, framing, safe, session, waterfall
from workbench.app.desk import Desk
from workbench.app.waterfall import Verdict


def page() -> None:
    """The whole page."""
    desk = session.open_desk()
    stand = session.standing(desk)
    with framing.page_head(stand, "Explain a pair", "Why may two accounts have one controller?"):
        pass
    framing.alerts(stand)
    if framing.empty(stand):
        return
    a, b = _pair(desk)
    if not (a and b):
        safe.info("Choose two accounts: type their ids, or come from a selection in Explore.")
        return
    with framing.errors(), st.spinner("Comparing the two accounts"):
        told = _told(desk, stand.run, a, b)
        _explanation(told)


def _told(desk: Desk, run: str, a: str, b: str) -> Mapping[str, Any]:
    """One pair is asked once per run and session; choosing a signal asks nothing again."""
    key = ("explained", run, a, b)
    if st.session_state.get("explained_key") != key:
        st.session_state["explained"] = desk.explain(a, b)
        st.session_state["explained_key"] = key
    found: Mapping[str, Any] = st.session_state["explained"]
    return found


def _swap() -> None:
    one, other = st.session_state["explain_a"], st.session_state["explain_b"]
    st.session_state["explain_a"], st.session_state["explain_b"] = other, one


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
        names = links["account"].head(50).tolist()
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


def _explanation(told: Mapping[str, Any]) -> None:
    judged = waterfall.verdict(told)
    _strip(judged)
    listed = waterfall.entries(told)
    if not listed:
        safe.info(
            "No shared signal above chance. Nothing that was compared speaks for, or against, "
            "one controller."
        )
        return
    left, right = st.columns([1.76, 1], gap="small")
    with left:
        _waterfall(told, judged)
    with right:
        entry = listed[_chosen(told)]
        _card(entry)
        _against(listed)
    _rows(entry)


def _strip(judged: Verdict) -> None:
    with st.container(border=True):
        word, chance, evidence, luck = st.columns([1.3, 1, 1.3, 1.3])
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
        with evidence:
            bits = safe.Words(wording.bits(judged.bits))
            note = f"{wording.bits(judged.favour)} for, {wording.bits(judged.against)} against"
            safe.metric("Evidence", "{bits} bits", bits=bits, note=note)
        with luck:
            p = wording.p_value(judged.chance_p)
            safe.metric(
                "By chance", "p {p}", p=safe.Words(p), note="pairs of the same degrees, shuffled"
            )


def _waterfall(told: Mapping[str, Any], judged: Verdict) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown("**How the evidence adds up**")
            framing.layer_badge("inferred")
            st.space("stretch")
            safe.caption(
                "bits, log2 likelihood ratio · :blue[■] for · :orange[■] against", width="content"
            )
        steps = waterfall.steps(told)
        event = st.altair_chart(
            charts.waterfall(steps, session.theme()),
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


def _chosen(told: Mapping[str, Any]) -> int:
    """The signal whose card and rows are shown: from a click on its bar, or from this list."""
    steps = [step for step in waterfall.steps(told) if step.entry >= 0]
    names = {step.entry: f"{step.name}  {wording.bits(step.bits)}" for step in steps}
    if st.session_state.get("explain_signal") not in names:
        st.session_state["explain_signal"] = 0
    chosen = st.selectbox(
        "Signal, or click a bar",
        list(names),
        format_func=lambda place: names[place],
        key="explain_signal",
    )
    return int(chosen or 0)


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


def _card(entry: Mapping[str, Any]) -> None:
    with st.container(border=True, gap="xsmall"):
        against = entry["bits"] < 0
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            safe.line("**{name}**", name=waterfall.name_of(entry))
            st.space("stretch")
            safe.badge(
                "{bits} bits",
                bits=safe.Words(wording.bits(entry["bits"])),
                color="orange" if against else "blue",
            )
        safe.caption("Family: {family}", family=str(entry.get("family") or "–"))
        for title, field in (("What this means", "why"), ("How it misleads", "misleads")):
            safe.line("**{title}**", title=safe.Words(title))
            safe.line("{words}", words=str(entry.get(field) or "Nothing is recorded."))


def _rows(entry: Mapping[str, Any]) -> None:
    rows = pd.DataFrame(list(entry.get("rows") or []), columns=["file", "row"])
    total = int(entry.get("rows_total") or len(rows))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Source rows**")
        framing.layer_badge("observed")
        safe.caption(
            "{shown} shown + {cut} truncated = {total}",
            shown=len(rows),
            cut=max(0, total - len(rows)),
            total=max(total, len(rows)),
        )
    if rows.empty:
        safe.caption("This entry is computed from counts, or is a cap on others: it cites no row.")
        return
    shown = safe.frame(rows.rename(columns={"file": "File", "row": "Row"}))
    st.dataframe(shown, hide_index=True, row_height=29, height=min(len(shown), 8) * 29 + 36)


def _against(listed: list[dict[str, Any]]) -> None:
    with st.container(border=True):
        st.markdown("**Against this link**")
        found = [entry for entry in listed if entry["bits"] < 0]
        if not found:
            safe.caption("Looked for, not found: nothing that was compared speaks against it.")
            return
        rows = pd.DataFrame(
            {
                "Reason": [waterfall.name_of(entry) for entry in found],
                "Bits": [wording.bits(entry["bits"]) for entry in found],
            }
        )
        st.dataframe(
            safe.frame(rows),
            hide_index=True,
            row_height=29,
            height=min(len(rows), 6) * 29 + 36,
            column_config={"Bits": st.column_config.TextColumn(width=60)},
        )


if __name__ == "__main__":
    page()
