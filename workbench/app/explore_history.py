"""The tree of steps, who made them and when; and what others did since they parted from here."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from workbench import wording
from workbench.app import safe, session, tables
from workbench.app.doing import Work
from workbench.scenes.history import Entry, History
from workbench.scenes.merging import Branch

__all__ = ["history_table", "people", "steps"]

NOBODY = "nobody"


def steps(work: Work, history: History) -> None:
    """Every step with its branch; selecting one goes there and loses nothing."""
    safe.caption("Kept after reload. Select a step to go to it; nothing is lost.")
    entries = history.entries[::-1]
    picked = tables.show(
        history_table(history, session.zone()),
        alt="All steps of this scene, the newest first, with the branch each is on",
        key=f"steps_{work.name}_{history.head}_{len(entries)}",
        select="single-row",
        most=11,
        columns={
            "": st.column_config.TextColumn(width=44),
            "Step": st.column_config.TextColumn(width=190),
            "Who": st.column_config.TextColumn(width=70),
        },
    )
    if picked and entries[picked[0]].number != history.head:
        number = entries[picked[0]].number
        work.act(lambda: work.scene.go(number))
        st.rerun(scope="fragment")


def history_table(history: History, zone: str) -> pd.DataFrame:
    """The tree as rows, newest first: a mark and an indent tell the branch."""
    on_path = {entry.number for entry in history.path()}
    depth = _depths(history)
    heads: dict[int, list[str]] = {}
    for by, number in history.heads.items():
        heads.setdefault(number, []).append(by or NOBODY)
    return pd.DataFrame(
        [
            {
                "": "\u2003" * depth[e.number] + _mark(e, history, on_path),
                "Step": _label(e),
                "Who": e.by or "–",
                "At": _clock(e.at, zone),
                "Here": ", ".join(heads.get(e.number, ())),
            }
            for e in history.entries[::-1]
        ],
        columns=["", "Step", "Who", "At", "Here"],
    )


def _mark(entry: Entry, history: History, on_path: set[int]) -> str:
    if entry.number == history.head:
        return "●"
    return "○" if entry.number in on_path else "╌"


def _label(entry: Entry) -> str:
    return f"{entry.label} (from step {entry.origin})" if entry.origin else entry.label


def _depths(history: History) -> dict[int, int]:
    """How far a step is from the first branch: the first child goes straight on, others indent."""
    depth: dict[int, int] = {}
    seen: set[int] = set()
    for entry in history.entries:
        at = depth.get(entry.parent, 0)
        depth[entry.number] = min(4, at + (entry.parent in seen))
        seen.add(entry.parent)
    return depth


def _clock(at: str, zone: str) -> str:
    return f"{wording.local(datetime.fromisoformat(at), zone):%d %b %H:%M}".lstrip("0")


def people(work: Work, history: History) -> None:
    """Others whose steps are not on this path, what each did, conflicts, and how to merge."""
    branches = work.scene.diverged()
    if not branches:
        others = [by or NOBODY for by in history.heads if by != history.by]
        if others:
            safe.caption("Nobody did anything here that you do not have.")
        else:
            safe.caption("You are alone in this scene. A link brings others here; see Link above.")
        return
    for branch in branches:
        with st.container(border=True):
            _branch(work, branch)


def _branch(work: Work, branch: Branch) -> None:
    told = work.scene.compare(branch.by)
    who = branch.by or NOBODY
    safe.line(
        "**{who}** · {theirs} since step {common}; you: {mine}",
        who=who,
        theirs=safe.Words(wording.plural(len(told.theirs), "step")),
        common=told.common,
        mine=safe.Words(wording.plural(len(told.mine), "step")),
    )
    rows = [("you", e.number, e.label) for e in told.mine]
    rows += [(who, e.number, e.label) for e in told.theirs]
    tables.show(
        pd.DataFrame(rows, columns=["Who", "Step", "What"]).astype({"Step": "str"}),
        alt="What each did since the last common step",
        most=6,
    )
    if told.conflicts:
        safe.line("Both changed")
        tables.show(
            pd.DataFrame([(c.node, c.what) for c in told.conflicts], columns=["Node", "How"]),
            alt="What both changed",
            most=5,
        )
        safe.caption("Merging repeats their steps after yours: on these nodes theirs come last.")
    st.button(
        "Go on from there" if branch.only_ahead else "Merge after my steps",
        key=f"merge_{work.name}_{branch.by}_{branch.head}",
        on_click=lambda: work.act(lambda: work.scene.merge(branch.by)),
    )
