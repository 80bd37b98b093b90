"""Below the canvas: exchanges by day or hour of what is drawn, what happened then, and the raster.

The rows are read beside the page by one thread, the canvas never waits; what was read is kept by
account, so an expansion reads only what came in.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from graph_models.errors import WorkbenchError
from workbench import wording
from workbench.app import framing, rhythm_charts, safe, session, tables
from workbench.app.desk import Desk
from workbench.app.doing import Work
from workbench.scenes.filters import visible
from workbench.scenes.gesture import Gesture
from workbench.scenes.model import Filters
from workbench.scenes.scene import Scene

__all__ = ["Rhythms", "card"]

POLL_SECONDS = 1.0
WAIT_SECONDS = 1.5  # the canvas is drawn already; waiting here saves a whole run of the page
STEP_SECONDS = 0.05
MOST_ACCOUNTS = 500  # as many as the library reads at once
MOST_KEPT = 3_000  # accounts whose hours are remembered, some kB each
MOST_ROWS = 60  # rows of a raster that an eye still tells apart


class Rhythms:
    """Hours of accounts, read once each by one thread beside the pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._lock = desk, threading.Lock()
        self._known: OrderedDict[str, pd.DataFrame] = OrderedDict()
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rhythm")
        self._waiting: dict[tuple[str, ...], Future[None]] = {}
        self.calendar: Future[pd.DataFrame] = self._reader.submit(desk.calendar)

    def of(self, accounts: Sequence[str]) -> pd.DataFrame | None:
        """Columns account, hour, exchanges; None while they are being read."""
        with self._lock:
            missing = tuple(name for name in accounts if name not in self._known)
            if missing and missing not in self._waiting:
                self._waiting[missing] = self._reader.submit(self._read, missing)
            if missing:
                done = self._waiting[missing]
                if done.done():
                    self._waiting.pop(missing)
                    done.result()
                return None
            parts = [self._known[name] for name in accounts]
            for name in accounts:
                self._known.move_to_end(name)
        return pd.concat(parts, ignore_index=True) if parts else None

    def _read(self, names: tuple[str, ...]) -> None:
        table = self._desk.rhythm(names)
        found = dict(iter(table.groupby("account", sort=False)))
        nothing = table.iloc[:0]
        with self._lock:
            for name in names:
                self._known[name] = found.get(name, nothing)
            while len(self._known) > MOST_KEPT:
                self._known.popitem(last=False)


@st.cache_resource(max_entries=2)
def _rhythms(_desk: Desk, run: str) -> Rhythms:  # noqa: ARG001 – the run is the key
    return Rhythms(_desk)


def card(desk: Desk, run: str, work: Work, picked: Sequence[str]) -> None:
    """The card; it asks again by itself until the rows were read."""
    scene = work.scene.history().scene()
    accounts = _accounts(scene)
    if not accounts:
        return
    read = _rhythms(desk, run)
    with st.container(border=True, gap="xsmall"):
        if _ready(read, accounts[:MOST_ACCOUNTS], WAIT_SECONDS):
            st.fragment(_shown)(read, work, scene, tuple(picked))
        else:
            st.fragment(_await, run_every=POLL_SECONDS)(read, accounts[:MOST_ACCOUNTS])


def _accounts(scene: Scene) -> list[str]:
    nodes, _ = visible(scene)
    return sorted(node.id.removeprefix("account:") for node in nodes if node.kind == "account")


def _ready(read: Rhythms, accounts: Sequence[str], seconds: float = 0.0) -> bool:
    """Whether the rows are read, after waiting a little for them."""
    until = time.monotonic() + seconds
    try:
        while read.of(accounts) is None or not read.calendar.done():
            if time.monotonic() >= until:
                return False
            st.session_state.get("timeline_view")  # lets Streamlit end this run for a newer gesture
            time.sleep(STEP_SECONDS)
    except WorkbenchError:
        pass  # the card itself then says what is wrong
    return True


def _await(read: Rhythms, accounts: Sequence[str]) -> None:
    safe.caption("Exchanges by day: the rows are being read …")
    if _ready(read, accounts):
        st.rerun()


def _shown(read: Rhythms, work: Work, scene: Scene, picked: tuple[str, ...]) -> None:
    drawn = _accounts(scene)
    accounts = drawn[:MOST_ACCOUNTS]
    with framing.errors():
        hours = read.of(accounts)
        if hours is None:
            return
        chosen = [p.removeprefix("account:") for p in picked if p.startswith("account:")]
        chosen = [name for name in chosen if name in set(accounts)]
        view = _head(hours, (len(drawn), len(accounts)), chosen)
        if hours.empty:
            safe.caption("No exchange of these accounts was loaded.")
        elif view == "Raster":
            _raster(hours, chosen or accounts, read.calendar.result())
        else:
            _bars(work, scene, (hours, read.calendar.result()), chosen, view)


def _head(hours: pd.DataFrame, counts: tuple[int, int], chosen: Sequence[str]) -> str:
    drawn, read = counts
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Exchanges**", width="content")
        framing.layer_badge("observed")
        view = st.segmented_control(
            "View",
            ["Days", "Hours", "Raster"],
            default="Days",
            required=True,
            label_visibility="collapsed",
            key="timeline_view",
        )
        st.space("stretch")
        of = f"{wording.number(read)} of {wording.plural(drawn, 'account')}"
        safe.caption(
            "{who}{picked} · {total} exchanges",
            who=safe.Words(of if read < drawn else wording.plural(drawn, "account")),
            picked=safe.Words(f", {wording.number(len(chosen))} selected" if chosen else ""),
            total=int(hours["exchanges"].sum()),
            width="content",
        )
    return str(view)


def _bars(
    work: Work,
    scene: Scene,
    read: tuple[pd.DataFrame, pd.DataFrame],
    chosen: Sequence[str],
    view: str,
) -> None:
    hours, calendar = read
    table = rhythm_charts.spans(hours, chosen, hourly=view == "Hours")
    event = st.altair_chart(
        rhythm_charts.bars(table, calendar, session.theme(), zone=session.zone()),
        width="stretch",
        key=f"timeline_{work.name}_{view}",
        on_select="rerun",
        selection_mode=["brush"],
        alt=f"Exchanges by {'hour' if view == 'Hours' else 'day'} of the drawn accounts",
    )
    days = _brushed(event)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if days:
            first, last = days
            active = _active(hours, first, last)
            safe.caption(
                "{first} to {last}: {n} active",
                first=safe.Words(first),
                last=safe.Words(last),
                n=safe.Words(wording.plural(len(active), "account")),
                width="content",
            )
            filters = _with_days(scene.filters, first, last)
            if st.button("Show only these days", key="timeline_apply"):
                work.do(Gesture("filter", filters=filters))
                st.rerun()
        else:
            safe.caption("Drag over the bars to choose days.", width="content")
        _calendar_words(calendar, hours)


def _brushed(event: Any) -> tuple[str, str] | None:
    """First and last day of the brush; the chart tells milliseconds, UTC."""
    chosen = event.get("selection", {}).get("brush", {}) if event else {}
    span = next((v for v in chosen.values() if isinstance(v, list) and len(v) >= 2), None)
    if not span:
        return None
    low, high = pd.Timestamp(min(span), unit="ms"), pd.Timestamp(max(span), unit="ms")
    return low.strftime("%Y-%m-%d"), high.strftime("%Y-%m-%d")


def _active(hours: pd.DataFrame, first: str, last: str) -> list[str]:
    after = pd.Timestamp(date.fromisoformat(last) + timedelta(days=1))
    inside = (hours["hour"] >= pd.Timestamp(first)) & (hours["hour"] < after)
    return sorted(hours.loc[inside, "account"].unique())


def _with_days(filters: Filters, since: str, until: str) -> Filters:
    return Filters(
        kinds=filters.kinds,
        families=filters.families,
        bits=filters.bits,
        since=since,
        until=until,
    )


def _calendar_words(calendar: pd.DataFrame, hours: pd.DataFrame) -> None:
    """Names come from a log, so they stand here and not in the chart."""
    inside = rhythm_charts.within(calendar, hours)
    if inside.empty:
        return
    some = inside.head(4)
    told = zip(some["kind"], some["name"], some["ts"], strict=True)
    marks = [
        f"{rhythm_charts.MARKS.get(str(kind), '◆')} {name} {wording.day(ts)}"
        for kind, name, ts in told
    ]
    safe.caption("{events}", events=" · ".join(marks), width="content")


def _raster(hours: pd.DataFrame, accounts: Sequence[str], calendar: pd.DataFrame) -> None:
    busiest = hours[hours["account"].isin(accounts)].groupby("account")["exchanges"].sum()
    rows = busiest.sort_values(ascending=False).head(MOST_ROWS).index.tolist()
    cells = rhythm_charts.raster_cells(hours, rows)
    st.altair_chart(
        rhythm_charts.raster(cells, len(rows), session.theme(), zone=session.zone()),
        width="stretch",
        key="timeline_raster",
        alt="Exchanges by account and hour; vertical stripes are accounts active in the same hours",
    )
    shown = int(cells["exchanges"].sum())
    safe.caption(
        "{rows} of {all}, the busiest first · {shown} exchanges shown + {rest} of the others or "
        "earlier = {total}. Vertical stripes: active in the same hours.",
        rows=len(rows),
        all=safe.Words(wording.plural(len(accounts), "account")),
        shown=shown,
        rest=int(hours["exchanges"].sum()) - shown,
        total=int(hours["exchanges"].sum()),
    )
    with st.expander("The raster as a table", on_change="rerun", key="raster_table") as box:
        if box.open:
            tables.show(_raster_table(cells, rows), alt="Exchanges by account and hour", most=6)
    _calendar_words(calendar, hours)


def _raster_table(cells: pd.DataFrame, rows: Sequence[str]) -> pd.DataFrame:
    named = cells.assign(account=[rows[i] for i in cells["row"]])
    table = named[["account", "hour", "exchanges"]].sort_values(["hour", "account"])
    return table.astype({"hour": "str"}).head(2000)
