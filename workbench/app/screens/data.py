"""Data: did every row arrive?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from graph_models.errors import WorkbenchError
from workbench import wording
from workbench.app import framing, row_sums, safe, session, tables, uploads
from workbench.app.desk import Desk
from workbench.app.session import Standing

STALE_NAMED = 5  # findings named in the message after a withdrawal; all are on the Case page


def page() -> None:
    """The whole page."""
    desk = session.open_desk()
    stand = session.standing(desk)
    with framing.page_head(stand, "Data", "Did every row arrive?"):
        analyse = st.button(
            "Analyse",
            icon=":material/play_arrow:",
            type="primary" if stand.state in ("loaded", "stale") else "secondary",
            disabled=stand.state == "empty",
            help="Load files first" if stand.state == "empty" else None,
        )
    framing.notices()
    if analyse or st.query_params.get("analyse") == "1":
        st.query_params.pop("analyse", None)
        _analyse(desk)
    _state(stand)
    packages = desk.packages()
    if stand.state != "empty":
        _equation(packages, desk.snapshots())
    _ingest(desk, open_=stand.state == "empty")
    if stand.state != "empty":
        chosen = _packages(desk, packages)
        left, right = st.columns([1.5, 1], gap="small")
        with left:
            _quarantine(desk, chosen)
        with right:
            _snapshots(desk)


def _state(stand: Standing) -> None:
    if stand.state == "loaded":
        safe.info(
            "{files} loaded and not yet analysed. Analyse now; readers wait for nothing.",
            files=safe.Words(wording.plural(stand.files, "file")),
        )
    elif stand.state == "stale":
        safe.warning(
            "The published run is older than the data. Readers still see the older run "
            "until you analyse again."
        )


def _equation(packages: pd.DataFrame, snapshots: pd.DataFrame) -> None:
    found = row_sums.total(packages, snapshots)
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="medium"):
        safe.metric("Rows read", "{n}", n=found.rows, width="content")
        if found.further:
            safe.line("**+**", width="content")
            safe.metric("Further events of the same rows", "{n}", n=found.further, width="content")
        safe.line("**=**", width="content")
        safe.metric("Loaded", "{n}", n=found.loaded, width="content")
        safe.line("**+**", width="content")
        safe.metric("Duplicate, already known", "{n}", n=found.duplicate, width="content")
        safe.line("**+**", width="content")
        safe.metric("Quarantined, with a reason", "{n}", n=found.quarantined, width="content")
        st.space("stretch")
        if not found.explained:
            safe.badge(
                "rows unaccounted for: run workbench doctor",
                color="orange",
                icon=":material/warning:",
            )
        else:
            safe.badge("every row accounted for", color="green", icon=":material/check:")


# ---- bringing data in


def _ingest(desk: Desk, *, open_: bool) -> None:
    with st.expander("Load files", expanded=open_, icon=":material/upload_file:"):
        by_path, by_upload = st.columns(2, gap="medium")
        with by_path:
            text = st.text_area(
                "Files or folders on this machine, one a line",
                key="data_paths",
                height=96,
                placeholder="logs/exchanges-2026-05.parquet",
            )
            paths = [
                Path(line.strip()).expanduser()
                for line in (text or "").splitlines()
                if line.strip()
            ]
            with st.container(horizontal=True, gap="xsmall"):
                load = st.button(
                    "Load paths", disabled=not paths, help=None if paths else "Name a path first"
                )
                check = st.button(
                    "Check first",
                    key="check_paths",
                    disabled=not paths,
                    help="What each file is, from a sample; nothing is loaded",
                )
            if load:
                _load(desk, paths)
        with by_upload:
            files = st.file_uploader(
                "Or upload: Parquet, CSV, JSONL, plain or .gz or .zst",
                accept_multiple_files=True,
                key="data_uploads",
            )
            if st.button(
                "Load uploads", disabled=not files, help=None if files else "Choose files first"
            ):
                with uploads.saved(files) as saved:
                    _load(desk, saved)
        if check:
            _check(desk, paths)


def _check(desk: Desk, paths: Sequence[Path]) -> None:
    """A row for each file and mapping that knows some of its records."""
    found = _with_status("Checking", lambda say: desk.detect(paths, progress=say))
    if found is None:
        return
    table = row_sums.checked_table(found)
    tables.show(table, alt="What each file is, and how much of a sample would load")
    safe.caption(
        "Shares of a sample. What a file lacks, and what that switches off: "
        "workbench sources explain FILE"
    )


def _load(desk: Desk, paths: Sequence[Path]) -> None:
    told = _with_status("Loading", lambda say: desk.ingest(paths, progress=say))
    if told is None:
        return
    report = told.as_json()
    session.say(
        f"{wording.number(report['rows'])} rows read = {wording.number(report['loaded'])} loaded + "
        f"{wording.number(report['duplicate'])} duplicate + "
        f"{wording.number(report['quarantined'])} quarantined"
    )
    refused = [f"{p['file']}: {p['reason']}" for p in report["packages"] if p["state"] == "refused"]
    if refused:
        session.complain(f"Refused as a whole: {' · '.join(refused[:5])}")
    st.rerun()


def _analyse(desk: Desk) -> None:
    told = _with_status("Analysing", lambda say: desk.analyse(progress=say))
    if told is not None:
        session.say(
            f"{wording.plural(told.communities, 'community', 'communities')} found in "
            f"{wording.plural(told.accounts, 'account')}, {told.seconds:.0f} s"
        )
        st.rerun()


def _with_status(label: str, work: Callable[[Callable[..., None]], Any]) -> Any:
    """Run a long job under a status line that names each step."""
    with st.status(safe.fill("{label} …", label=label), expanded=True) as status:
        bar = st.progress(0.0)

        def say(step: str, done: float | None = None) -> None:
            status.update(label=safe.fill("{label}: {step}", label=label, step=step))
            if done is not None:
                bar.progress(min(1.0, max(0.0, done)))

        try:
            told = work(say)
        except WorkbenchError as error:
            status.update(label=safe.fill("{label} stopped", label=label), state="error")
            safe.failure(error)
            return None
        status.update(label=safe.fill("{label}: done", label=label), state="complete")
        return told


# ---- what is there


def _packages(desk: Desk, packages: pd.DataFrame) -> str | None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Load packages**")
        framing.layer_badge("observed")
        safe.caption(
            "{n}, immutable; a load can be withdrawn as a whole",
            n=safe.Words(wording.plural(len(packages), "package")),
        )
        st.space("stretch")
        withdraw = st.container(
            horizontal=True, vertical_alignment="center", width="content", gap="small"
        )
    table = row_sums.packages_table(packages)
    rows = tables.show(
        table,
        alt="Load packages with their rows; the selected one can be withdrawn",
        select="single-row",
        key=f"packages_{len(table)}",
        columns={
            name: st.column_config.NumberColumn(width=95)
            for name in ("Rows read", "Accepted", "Quarantined")
        },
    )
    chosen = str(table["Load"].iloc[rows[0]]) if rows else None
    with withdraw:
        if chosen is None:
            safe.caption("select a package to withdraw it", width="content")
        if st.button("Withdraw load…", disabled=chosen is None):
            file = str(table["File"].iloc[rows[0]])
            _confirm_withdrawal(desk, chosen or "", file)
    return chosen


@st.dialog("Withdraw this load?")
def _confirm_withdrawal(desk: Desk, load_id: str, file: str) -> None:
    safe.text(file)
    safe.line(
        "A new snapshot is made without this load. Duplicates of its rows in other loads count "
        "again. The published run stays readable and is marked as stale."
    )
    with st.container(horizontal=True, gap="xsmall"):
        if st.button("Withdraw load", type="primary"):
            session.attempt(lambda: _withdrawn(desk.withdraw(load_id)))
            st.rerun()
        if st.button("Keep it"):
            st.rerun()


def _withdrawn(told: Mapping[str, Any]) -> str:
    stale = [str(one) for one in told["stale"]]
    words = ", ".join(stale[:STALE_NAMED]) + (" …" if len(stale) > STALE_NAMED else "")
    return f"Withdrawn: {told['withdrawn']}. Became stale: {len(stale)}" + (
        f" ({words}); see the Case page." if stale else "."
    )


def _quarantine(desk: Desk, load_id: str | None) -> None:
    rows = desk.quarantine(load_id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Quarantine**")
        safe.caption(
            "{n} · {scope}",
            n=safe.Words(wording.plural(len(rows), "row")),
            scope="the selected package" if load_id else "all packages",
        )
    if rows.empty:
        safe.caption(":green[:material/check:] No row was rejected.")
        return
    reasons = row_sums.quarantine_reasons(rows)
    picked = tables.show(
        reasons,
        alt="Why rows were rejected, the commonest reason first",
        select="single-row",
        most=6,
        key=f"reasons_{load_id}_{len(reasons)}",
        columns={"Rows": st.column_config.NumberColumn(width=70)},
    )
    if picked:
        rows = rows[rows["reason"] == reasons["Reason"].iloc[picked[0]]]
    shown = row_sums.quarantine_rows(rows.head(200))
    safe.caption(
        "{shown} shown + {cut} truncated = {total} rows",
        shown=len(shown),
        cut=len(rows) - len(shown),
        total=len(rows),
    )
    tables.show(shown, alt="Rejected rows: where, what was read, why not", most=7)


def _snapshots(desk: Desk) -> None:
    found = desk.snapshots()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Snapshots**")
        safe.caption("newest first")
    if found.empty:
        safe.caption("There is none yet.")
        return
    tables.show(
        row_sums.snapshots_table(found.head(50), session.zone()),
        alt="Snapshots, newest first; the one in use is marked",
        most=7,
    )
    if len(found) > 50:
        safe.caption("50 shown + {n} older ones truncated", n=len(found) - 50)


if __name__ == "__main__":
    page()
