"""Charts of the pages about one thing. Only numbers, times and our own words go in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from workbench import wording
from workbench.app.look import Theme
from workbench.profiles.coupling import Coupling

__all__ = ["daily", "raster"]

_DAY = alt.Axis(format="%-d %b", grid=False, tickCount=9)


def daily(days: pd.DataFrame, releases: Sequence[Coupling], theme: Theme, zone: str) -> Any:
    """Exchanges of members per day, with a rule at every release that lies within.

    Args:
        days: day and members.
        releases: Where the rules stand; numbered, as names may come from a log.
        theme: The colours.
        zone: Whose clock; days are those of UTC, and the axis says so.
    """
    data = days[["day", "members"]]
    base = alt.Chart(data, height=120).mark_bar(color=theme.bar, binSpacing=1).encode(
        x=alt.X("utcyearmonthdate(day):T", title=None, axis=_DAY),
        y=alt.Y("members:Q", title=None, axis=alt.Axis(format="~s", tickCount=3)),
        tooltip=[
            alt.Tooltip("utcyearmonthdate(day):T", title="Day (UTC)", format="%-d %b %Y"),
            alt.Tooltip("members:Q", title="Exchanges", format=","),
        ],
    )  # fmt: skip
    low, high = data["day"].min(), data["day"].max()
    inside = [
        {"at": pd.Timestamp(one.at), "label": f"release {number}",
         "when": wording.moment(one.at, zone)}
        for number, one in enumerate(releases, 1)
        if low <= pd.Timestamp(one.at) <= high
    ]  # fmt: skip
    if not inside:
        return base.configure_view(strokeWidth=0)
    marks = alt.Chart(pd.DataFrame(inside))
    at = alt.X("at:T", title=None)
    rule = marks.mark_rule(color=theme.favour, strokeDash=[4, 3], strokeWidth=1.5).encode(
        x=at, tooltip=[alt.Tooltip("when:N", title="Release")]
    )
    text = marks.mark_text(align="left", dx=4, y=-6, fontSize=11, color=theme.favour).encode(
        x=at, text="label:N"
    )
    return alt.layer(base, rule, text).configure_view(strokeWidth=0)


def raster(hours: pd.DataFrame, theme: Theme) -> Any:
    """Day by hour of day, the darker the more exchanges.

    Args:
        hours: day, hour (0 to 23) and exchanges, in the zone that is shown.
        theme: The colours.
    """
    return (
        alt.Chart(hours, height=230)
        .mark_rect()
        .encode(
            x=alt.X("utcyearmonthdate(day):O", title=None,
                    axis=alt.Axis(format="%-d %b", labelOverlap=True, labelAngle=0)),
            y=alt.Y("hour:O", title=None, axis=alt.Axis(values=[0, 6, 12, 18, 23])),
            color=alt.Color(
                "exchanges:Q",
                scale=alt.Scale(range=[theme.second, theme.favour], type="sqrt"),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("utcyearmonthdate(day):T", title="Day", format="%-d %b %Y"),
                alt.Tooltip("hour:O", title="Hour"),
                alt.Tooltip("exchanges:Q", title="Exchanges", format=","),
            ],
        )
        .configure_view(strokeWidth=0)
    )  # fmt: skip
