"""Charts of when accounts are active. No text of a log goes into a chart: rows are numbered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt
import pandas as pd

from workbench.app.look import Theme

__all__ = ["MARKS", "bars", "raster", "raster_cells", "spans", "within"]

MARKS: Mapping[str, str] = {
    "model_release": "▼",
    "ban_wave": "✕",
    "price_change": "¤",
    "holiday": "○",
}
HEIGHT = 104  # with axis and title row, the card is the 130 px of the drawing
MOST_HOURS = 24 * 14  # of a raster: narrower stripes cannot be seen
ROW_PIXELS = 5


def spans(hours: pd.DataFrame, chosen: Sequence[str], *, hourly: bool) -> pd.DataFrame:
    """Exchanges by day or hour: columns at, who (selected or other), exchanges."""
    at = hours["hour"] if hourly else hours["hour"].dt.floor("D")
    who = hours["account"].isin(set(chosen)).map({True: "selected", False: "other"})
    table = hours.assign(at=at, who=who if chosen else "other")
    summed = table.groupby(["at", "who"], observed=True)["exchanges"].sum()
    return summed.reset_index().astype({"exchanges": "int64"})


def within(calendar: pd.DataFrame, hours: pd.DataFrame) -> pd.DataFrame:
    """The provider's events between the first and the last exchange."""
    if calendar.empty or hours.empty:
        return calendar.iloc[:0]
    ts = pd.to_datetime(calendar["ts"]).dt.tz_localize(None)
    first, last = hours["hour"].min().floor("D"), hours["hour"].max() + pd.Timedelta(days=1)
    inside: pd.DataFrame = calendar.assign(ts=ts)[(ts >= first) & (ts <= last)].sort_values("ts")
    return inside


def bars(table: pd.DataFrame, calendar: pd.DataFrame, theme: Theme, *, zone: str) -> Any:
    """Bars from zero with the calendar's events as dashed rules, and a brush over time."""
    daily = table["at"].dt.hour.eq(0).all()
    step = pd.Timedelta(days=1) if daily else pd.Timedelta(hours=1)
    shown = table.assign(at=_local(table["at"], zone if not daily else "UTC"))
    shown["until"] = shown["at"] + step
    shown = shown.sort_values(["at", "who"], ascending=[True, False])
    shown["high"] = shown.groupby("at")["exchanges"].cumsum()
    shown["low"] = shown["high"] - shown["exchanges"]
    x = alt.X("at:T", title=None, scale=alt.Scale(type="utc"), axis=_time_axis())
    colour = alt.Color(
        "who:N",
        scale=alt.Scale(domain=["selected", "other"], range=[theme.favour, theme.bar]),
        legend=None,
    )
    brush = alt.selection_interval(name="brush", encodings=["x"])
    drawn = (
        alt.Chart(shown)
        .mark_rect(xOffset=0.5, x2Offset=-0.5)
        .encode(
            x=x,
            x2="until:T",
            y=alt.Y("low:Q", title=None, axis=alt.Axis(format="~s", tickCount=3)),
            y2="high:Q",
            color=colour,
            tooltip=[
                alt.Tooltip("at:T", title="From", format="%-d %b %Y %H:%M"),
                alt.Tooltip("exchanges:Q", title="Exchanges", format=","),
                alt.Tooltip("who:N", title="Accounts"),
            ],
        )
        .add_params(brush)
    )
    layers = [drawn, *_rules(_events(calendar, table, zone if not daily else "UTC"), theme)]
    return (
        alt.layer(*layers)
        .properties(height=HEIGHT, padding={"left": 0, "right": 4, "top": 14, "bottom": 0})
        .configure_view(strokeWidth=0)
    )


def _events(calendar: pd.DataFrame, table: pd.DataFrame, zone: str) -> pd.DataFrame:
    inside = within(calendar, table.rename(columns={"at": "hour"}))
    marks = [MARKS.get(str(kind), "◆") for kind in inside["kind"]]
    return pd.DataFrame({"at": _local(inside["ts"], zone), "mark": marks})


def _rules(events: pd.DataFrame, theme: Theme) -> list[Any]:
    if events.empty:
        return []
    base = alt.Chart(events).encode(x=alt.X("at:T", scale=alt.Scale(type="utc")))
    rule = base.mark_rule(strokeDash=[4, 3], color=theme.text, strokeWidth=1.2)
    words = base.mark_text(dy=-6, dx=0, fontSize=12, color=theme.text).encode(
        text="mark:N", y=alt.value(0)
    )
    return [rule, words]


def _time_axis() -> alt.Axis:
    return alt.Axis(grid=False, tickCount=9, labelOverlap=True, format="%-d %b")


def _local(moments: pd.Series, zone: str) -> pd.Series:
    """The clocks of a zone as bare times: charts of ours draw every time as it is written."""
    if zone == "UTC" or not len(moments):
        return moments
    there: pd.Series = moments.dt.tz_localize("UTC").dt.tz_convert(ZoneInfo(zone))
    bare: pd.Series = there.dt.tz_localize(None)
    return bare


def raster_cells(hours: pd.DataFrame, rows: Sequence[str]) -> pd.DataFrame:
    """Cells of the raster: row (a number), hour, exchanges; of the last fortnight."""
    place = {name: i for i, name in enumerate(rows)}
    some = hours[hours["account"].isin(place)]
    since = some["hour"].max() - pd.Timedelta(hours=MOST_HOURS)
    some = some[some["hour"] > since]
    table = pd.DataFrame(
        {"row": some["account"].map(place), "hour": some["hour"], "exchanges": some["exchanges"]}
    )
    return table.astype({"row": "int64", "exchanges": "int64"}).reset_index(drop=True)


def raster(cells: pd.DataFrame, rows: int, theme: Theme, *, zone: str) -> Any:
    """Account × hour as heat cells: accounts on one schedule make vertical stripes."""
    shown = cells.assign(hour=_local(cells["hour"], zone))
    shown["until"] = shown["hour"] + pd.Timedelta(hours=1)
    low = theme.second
    return (
        alt.Chart(shown, height=max(60, rows * ROW_PIXELS))
        .mark_rect()
        .encode(
            x=alt.X("hour:T", title=None, scale=alt.Scale(type="utc"), axis=_time_axis()),
            x2="until:T",
            y=alt.Y("row:O", title="account", axis=alt.Axis(labels=False, ticks=False)),
            color=alt.Color(
                "exchanges:Q",
                scale=alt.Scale(type="sqrt", range=[low, theme.favour]),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("hour:T", title="Hour", format="%-d %b %Y %H:%M"),
                alt.Tooltip("exchanges:Q", title="Exchanges", format=","),
            ],
        )
        .configure_view(strokeWidth=0)
    )
