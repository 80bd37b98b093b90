"""Altair charts in the app's colours: the waterfall of a pair, the timeline of a scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import altair as alt
import pandas as pd

from workbench import wording
from workbench.app.look import Theme
from workbench.app.waterfall import Step

__all__ = ["timeline", "waterfall"]

ROW = 27
ALMOST_CERTAIN = 4.25  # log2 odds of 0.95


def timeline(days: pd.DataFrame, theme: Theme) -> Any:
    """Exchanges per day as bars from zero."""
    data = pd.DataFrame({"day": days["day"], "exchanges": days["exchanges"]})
    return (
        alt.Chart(data, height=110)
        .mark_bar(color=theme.bar, binSpacing=1)
        .encode(
            x=alt.X(
                "utcyearmonthdate(day):T",
                title=None,
                axis=alt.Axis(format="%-d %b", grid=False, tickCount=9),
            ),
            y=alt.Y("exchanges:Q", title=None, axis=alt.Axis(format="~s", tickCount=3)),
            tooltip=[
                alt.Tooltip("utcyearmonthdate(day):T", title="Day", format="%-d %b %Y"),
                alt.Tooltip("exchanges:Q", title="Exchanges", format=","),
            ],
        )
        .configure_view(strokeWidth=0)
    )


def waterfall(steps: Sequence[Step], theme: Theme) -> Any:
    """Bars from prior to end; clicking one selects its entry (selection ``step``)."""
    data = pd.DataFrame([asdict(step) for step in steps])
    data["row"] = range(len(data))
    data["first"] = data["family"].ne(data["family"].shift())
    data["low"], data["high"] = (
        data[["start", "end"]].min(axis=1),
        data[["start", "end"]].max(axis=1),
    )
    data["words"] = [wording.bits(step.bits) for step in steps]
    low = min(0.0, float(data["low"].min())) - 1.2
    high = max(ALMOST_CERTAIN + 2, float(data["high"].max())) + 1.2
    scale = alt.Scale(domain=[low, high], nice=False)
    order = data["row"].tolist()
    y = alt.Y("row:O", sort=order, title=None, axis=_names(data, theme))
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(
            domain=["for", "against", "end", "prior"],
            range=[theme.favour, theme.against, theme.text, theme.muted],
        ),
        legend=None,
    )
    x = alt.X("low:Q", scale=scale, title=None, axis=_odds(theme))
    pick = alt.selection_point(name="step", fields=["entry"], on="click", empty=False)
    tooltip = [
        alt.Tooltip("name:N", title="Signal"),
        alt.Tooltip("family:N", title="Family"),
        alt.Tooltip("words:N", title="Bits"),
        alt.Tooltip("rarity:N", title="Used by"),
    ]
    base = alt.Chart(data, height=ROW * len(data))
    bars = (
        base.transform_filter("datum.kind != 'prior'")
        .mark_bar(height=15, cornerRadius=1)
        .encode(x=x, x2="high:Q", y=y, color=colour, tooltip=tooltip,
                stroke=alt.condition(pick, alt.value(theme.text), alt.value(None)),)
        .add_params(pick)
    )  # fmt: skip
    dot = (
        base.transform_filter("datum.kind == 'prior'")
        .mark_circle(size=110, opacity=1)
        .encode(x=alt.X("end:Q", scale=scale), y=y, color=colour)
    )
    rows = (_words(base, y, high, theme), *_families(base, y, high, theme))
    return alt.layer(
        _band(scale, theme, high), _join(base, y, scale, theme), bars, dot, *rows
    ).configure_view(strokeWidth=0)


def _band(scale: alt.Scale, theme: Theme, high: float) -> Any:
    sure = pd.DataFrame({"from": [ALMOST_CERTAIN], "to": [high]})
    return (
        alt.Chart(sure)
        .mark_rect(color=theme.favour, opacity=0.07)
        .encode(x=alt.X("from:Q", scale=scale), x2="to:Q")
    )


def _join(base: alt.Chart, y: alt.Y, scale: alt.Scale, theme: Theme) -> Any:
    """Thin ticks where one bar hands over to the next."""
    return (
        base.transform_filter("datum.kind == 'for' || datum.kind == 'against'")
        .mark_tick(color=theme.muted, thickness=1, height=ROW)
        .encode(x=alt.X("end:Q", scale=scale), y=y)
    )


def _words(base: alt.Chart, y: alt.Y, high: float, theme: Theme) -> Any:
    return base.mark_text(align="right", dx=46, fontSize=12.5).encode(
        x=alt.datum(high),
        y=y,
        text="words:N",
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(
                domain=["for", "against", "end", "prior"],
                range=[theme.favour, theme.against, theme.text, theme.muted],
            ),
            legend=None,
        ),
    )


def _families(base: alt.Chart, y: alt.Y, high: float, theme: Theme) -> tuple[Any, Any]:
    """Right of the bits: the family of a run of bars, and how many accounts used each value."""
    first = "datum.family != '' && datum.first"
    here = {"x": alt.datum(high), "y": y}
    used = base.mark_text(align="left", dx=56, fontSize=11, color=theme.muted).encode(
        **here, text="rarity:N"
    )
    named = (
        base.transform_filter(first)
        .mark_text(align="left", dx=136, fontSize=11, color=theme.muted)
        .encode(**here, text="family:N")
    )
    return used, named


def _names(data: pd.DataFrame, theme: Theme) -> alt.Axis:
    """Row names by an expression over our own numbered list; each was made inert before."""
    names = {str(row): name for row, name in zip(data["row"], data["name"], strict=True)}
    listed = "[" + ",".join(_quoted(names[str(row)]) for row in data["row"]) + "]"
    return alt.Axis(
        labelExpr=f"{listed}[datum.value]",
        labelLimit=215,
        labelFontSize=12.5,
        labelColor=theme.text,
        ticks=False,
        domain=False,
        labelAlign="left",
        labelPadding=220,
        minExtent=220,
        grid=False,
    )


def _quoted(text: str) -> str:
    """A string literal of Vega's expression language: every character by its code."""
    return "'" + "".join(f"\\u{ord(mark):04x}" for mark in text if ord(mark) < 0x10000) + "'"


def _odds(theme: Theme) -> alt.Axis:
    """Probabilities over the log2 odds."""
    ticks: dict[float, str] = {
        -16.61: "1 in 100 000",
        -9.96: "1 in 1 000",
        -6.63: "1 %",
        0.0: "50 %",
        ALMOST_CERTAIN: "95 %",
    }
    words = "[" + ",".join(f"'{word}'" for word in ticks.values()) + "]"
    at = "[" + ",".join(str(tick) for tick in ticks) + "]"
    return alt.Axis(
        orient="top",
        values=list(ticks),
        labelExpr=f"{words}[indexof({at}, datum.value)]",
        gridColor=theme.border,
        domain=False,
        ticks=False,
        labelColor=theme.muted,
        labelFontSize=11.5,
    )
