"""Plays: which named question, about whom, and what is the answer?"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from graph_models.text import inert
from workbench import wording
from workbench.app import framing, safe, session, tables
from workbench.app.desk import Desk
from workbench.plays.play import Answer, Parameter, Play

CARDS_IN_A_ROW = 4
MOST_DRAWN = 25  # rows; more at once is no picture that anybody reads
_WIDE = ("node", "community", "model", "moment")
_RUN = "run"


def page() -> None:
    """The whole page."""
    desk = session.open_desk()
    stand = session.standing(desk)
    with framing.page_head(stand, "Plays", "Named questions that end within a budget"):
        pass
    framing.alerts(stand)
    framing.notices()
    if framing.empty(stand):
        return
    known = {play.name: play for play in desk.plays()}
    asked = st.query_params.get("play", "")
    play = known.get(asked)
    if asked and play is None:
        safe.warning("There is no play {name}. Choose one of these.", name=asked)
    if play is None:
        _cards(known)
        return
    _choice(known, play)
    _form(play)
    if st.query_params.get(_RUN) == "1":
        with framing.errors():
            _answered(play, _answer(desk, stand.run, play))


def _cards(known: Mapping[str, Play]) -> None:
    """All plays, each with its question."""
    plays = list(known.values())
    for start in range(0, len(plays), CARDS_IN_A_ROW):
        places = st.columns(CARDS_IN_A_ROW)
        for place, play in zip(places, plays[start : start + CARDS_IN_A_ROW], strict=False):
            with place, st.container(border=True, height=200, gap="xsmall"):
                safe.line("**{title}**", title=safe.Words(play.title))
                safe.caption("{question}", question=safe.Words(play.question))
                st.space("stretch")
                if st.button("Ask this", key=f"play_{play.name}", width="stretch"):
                    _open(play.name)


def _open(name: str) -> None:
    """Choose a play; what another page asked about stays in the address."""
    st.query_params["play"] = name
    st.query_params.pop(_RUN, None)
    st.rerun()


def _choice(known: Mapping[str, Play], play: Play) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        names = list(known)
        other = st.selectbox(
            "Play",
            names,
            index=names.index(play.name),
            format_func=lambda name: known[name].title,
            key=f"play_choice_{play.name}",
            width=300,
        )
        safe.line("{question}", question=safe.Words(play.question))
        st.space("stretch")
        if st.button("All plays"):
            st.query_params.pop("play", None)
            st.query_params.pop(_RUN, None)
            st.rerun()
    if other != play.name:
        _open(other)


# ---- the parameters


def _form(play: Play) -> None:
    with st.form(key=f"play_form_{play.name}"):
        given = {}
        rows = [play.parameters[at : at + 4] for at in range(0, len(play.parameters), 4)]
        for row in rows:
            for place, parameter in zip(st.columns(4), row, strict=False):
                with place:
                    given[parameter.name] = _input(play, parameter)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            asked = st.form_submit_button("Ask", type="primary", icon=":material/play_arrow:")
            budget = play.budget
            safe.caption(
                "Ends by itself after {seconds} s or {rows} rows and says how far it came. {reads}",
                seconds=safe.Words(f"{budget.seconds:g}"),
                rows=budget.rows,
                reads=safe.Words(play.reads),
            )
    if asked:
        for name, value in given.items():
            if value in ("", None):
                st.query_params.pop(name, None)
            else:
                st.query_params[name] = str(value)
        st.query_params[_RUN] = "1"
        st.rerun()


def _input(play: Play, parameter: Parameter) -> Any:
    """One field, filled from the address, else with the default."""
    told = st.query_params.get(parameter.name, "")
    label = parameter.name.replace("_", " ").capitalize() + (" *" if parameter.required else "")
    key = f"play_{play.name}_{parameter.name}_{hash(told)}"
    if parameter.choices:
        choices = [*([""] if parameter.default == "" else []), *parameter.choices]
        chosen = told if told in choices else str(parameter.default)
        return st.selectbox(
            safe.fill("{label}", label=safe.Words(label)),
            choices,
            index=choices.index(chosen),
            format_func=lambda name: name.replace("_", " ") or "any",
            help=safe.fill("{doc}", doc=safe.Words(parameter.doc)),
            key=key,
        )
    default = "" if parameter.default in (None, "") else f"{parameter.default:g}"
    return st.text_input(
        safe.fill("{label}", label=safe.Words(label)),
        value=told or default,
        help=safe.fill("{doc}", doc=safe.Words(parameter.doc)),
        placeholder="required" if parameter.required else "any",
        key=key,
    )


def _given(play: Play) -> dict[str, str]:
    """What the address says of the play's parameters."""
    told = {one.name: st.query_params.get(one.name, "") for one in play.parameters}
    return {name: value for name, value in told.items() if value}


# ---- the answer


def _answer(desk: Desk, run: str, play: Play) -> Answer:
    """One question is asked once per run and session; selecting rows asks nothing again."""
    given = _given(play)
    key = ("played", run, play.name, tuple(sorted(given.items())))
    if st.session_state.get("played_key") != key:
        bar = st.progress(0.0, safe.fill("Asking: {title}", title=safe.Words(play.title)))
        try:
            st.session_state["played"] = desk.play(play.name, progress=bar.progress, **given)
            st.session_state["played_key"] = key
        finally:
            bar.empty()
    answer: Answer = st.session_state["played"]
    return answer


def _answered(play: Play, answer: Answer) -> None:
    left, right = st.columns([3, 1], gap="medium")
    with left:
        _counts(answer)
        _rows(answer)
    with right:
        with st.container(border=True, gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                safe.line("**What was counted**", width="content")
                framing.layer_badge("observed")
            for words in answer.told:
                safe.caption("{words}", words=words)
            safe.caption(
                "{asked} questions, {read} rows read in {seconds} s.",
                asked=answer.asked,
                read=answer.read,
                seconds=safe.Words(f"{answer.seconds:.1f}"),
            )
        with st.container(border=True, gap="xsmall"):
            safe.line("**How it misleads**")
            safe.caption("{words}", words=safe.Words(play.misleads))
        with st.container(border=True, gap="xsmall"):
            safe.line("**The same in a terminal**")
            st.code(command(answer), language=None, wrap_lines=True)


def _counts(answer: Answer) -> None:
    """The sum, and how far it looked: too many never looks like none."""
    because = ", ".join(f"{wording.number(n)} {why}" for why, n in answer.because.items())
    with st.container(gap="xxsmall"):
        safe.caption(
            "{shown} shown + {hidden} hidden + {truncated} beyond the limit = {total}{because}",
            shown=answer.shown,
            hidden=answer.hidden,
            truncated=answer.truncated,
            total=answer.total,
            because=safe.Words(safe.fill(" · hidden: {why}", why=because) if because else ""),
        )
        if answer.whole:
            said = safe.Words(answer.unit)
            safe.caption("Looked at all {of} {unit}.", of=answer.of, unit=said)
    if not answer.whole:
        safe.warning(
            "Looked at {looked} of {of} {unit}; nothing beyond was looked at, because {ended} "
            "were used up. Ask about a community or one identifier to see the rest.",
            looked=answer.looked,
            of=answer.of,
            unit=safe.Words(answer.unit),
            ended=safe.Words(answer.ended),
        )


def _rows(answer: Answer) -> None:
    if not answer.shown:
        if answer.whole:
            safe.info("Nobody and nothing fits. All of it was looked at, so that is a result.")
        return
    actions = st.container(horizontal=True, vertical_alignment="center", gap="small")
    shown = readable(answer.rows)
    chosen = tables.show(
        shown,
        alt=answer.counted,
        key=f"played_{hash((answer.play, *sorted(answer.arguments.items())))}",
        select="multi-row",
        most=14,
        columns=_columns(shown),
    )
    nodes = _nodes(answer, chosen)
    with actions:
        st.button(
            "Draw in Explore",
            disabled=not nodes,
            help="Select rows first" if not nodes else None,
            on_click=lambda: _keep(nodes),
        )
        safe.caption("{n} of {all} rows selected", width="content", n=len(chosen), all=answer.shown)
        if len(chosen) > MOST_DRAWN:
            safe.caption("The first {n} are drawn.", width="content", n=MOST_DRAWN)
    if st.session_state.pop("play_draws", None):
        _draw(nodes)


def _columns(shown: pd.DataFrame) -> dict[str, Any]:
    """Two decimals for shares, one for bits and hours."""
    floats = [str(name) for name in shown if pd.api.types.is_float_dtype(shown[name].dtype)]
    return {
        name: st.column_config.NumberColumn(format="%.2f" if "hare" in name else "%.1f")
        for name in floats
    }


def _keep(nodes: tuple[str, ...]) -> None:
    st.session_state["play_draws"] = nodes


def _draw(nodes: tuple[str, ...]) -> None:
    """Open the first node's scene with the others beside it."""
    with framing.errors():
        scene = session.open_desk().open_scene(nodes[0], by=session.who(), case=session.case())
        drawn = scene.log.history().scene().nodes
        for name in nodes[1:]:
            if name not in drawn:
                scene.add(name)
        session.go("explore", node=nodes[0])


def _nodes(answer: Answer, chosen: list[int]) -> tuple[str, ...]:
    """The nodes that the chosen rows name, row by row."""
    rows = answer.rows.iloc[chosen[:MOST_DRAWN]][list(answer.node_columns)]
    return tuple(dict.fromkeys(str(cell) for row in rows.to_numpy() for cell in row if cell))


def readable(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with words for headings and times in the zone that is shown."""
    zone = session.zone()
    table = rows.copy()
    for name in table.columns:
        if pd.api.types.is_datetime64_any_dtype(table[name].dtype):
            table[name] = [wording.moment(when, zone) for when in table[name]]
    return table.rename(columns=lambda name: str(name).replace("_", " ").capitalize())


def command(answer: Answer) -> str:
    """The command that asks the same; text of a log is quoted for a shell and inert."""
    words = ["workbench", "play", answer.play]
    for name, value in answer.arguments.items():
        if value != "":
            words += [
                f"--{name}",
                shlex.quote(f"{value:g}" if isinstance(value, float) else str(value)),
            ]
    return inert(" ".join(words), 1000)


if __name__ == "__main__":
    page()
