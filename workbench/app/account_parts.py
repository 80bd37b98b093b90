"""What is read from the rows of one account, drawn when it is there."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from workbench import wording
from workbench.app import profile_charts, profiling, safe, session, tables
from workbench.profiles.using import MOST_VALUES

__all__ = ["by_file", "labelled", "mixed", "private", "raster"]


def raster(hours: pd.DataFrame) -> None:
    """Day by hour of day, in the zone that is shown."""
    if hours.empty:
        safe.caption("No log shows an exchange of this account.")
        return
    local = hours["hour"].dt.tz_localize("UTC").dt.tz_convert(session.zone()).dt.tz_localize(None)
    told = pd.DataFrame({
        "day": local.dt.floor("D"), "hour": local.dt.hour, "exchanges": hours["exchanges"],
    })  # fmt: skip
    table: pd.DataFrame = told.groupby(["day", "hour"], as_index=False).sum()
    hours_used = int(table["hour"].nunique())
    st.altair_chart(
        profile_charts.raster(table, session.theme()),
        width="stretch",
        alt="Exchanges by day and hour of day; darker is more",
    )
    safe.caption(
        "{n} exchanges on {days}, in {hours} of 24 hours of the day",
        n=int(table["exchanges"].sum()),
        days=safe.Words(wording.plural(int(table["day"].nunique()), "day")),
        hours=hours_used,
    )


def private(shared: pd.DataFrame, uses: pd.DataFrame) -> None:
    """Values from the rows that are not among the shared ones."""
    known = set(zip(shared["kind"], shared["value"], strict=True))
    keys = list(zip(uses["kind"], uses["value"], strict=True))
    own = uses[[key not in known for key in keys]]
    zone = session.zone()
    cut = own.head(MOST_VALUES)
    table = pd.DataFrame({
        "Kind": cut["kind"],
        "Value": cut["value"],
        "Times": cut["count"].astype("Int64"),
        "First": profiling.moments(cut["first"], zone),
        "Last": profiling.moments(cut["last"], zone),
    })  # fmt: skip
    safe.caption(
        "{n} of {all} values that are not in the list above; prompt clusters are only counted",
        n=len(cut),
        all=len(own),
    )
    nodes = [f"{one}:{value}" for one, value in zip(cut["kind"], cut["value"], strict=True)]
    profiling.opening(
        table, nodes, alt="Values read from the rows; select one to open its page",
        key="account_private",
    )  # fmt: skip


def by_file(loads: pd.DataFrame) -> None:
    """Rows about the account by file."""
    zone = session.zone()
    table = pd.DataFrame({
        "Event": loads["event"],
        "File": loads["file"],
        "Rows": loads["rows"].astype("Int64"),
        "First": profiling.moments(loads["first"], zone),
        "Last": profiling.moments(loads["last"], zone),
    })  # fmt: skip
    tables.show(table, alt="How many rows of each file speak of this account")


def mixed(mix: pd.DataFrame) -> None:
    """Exchanges by model and by capability."""
    if mix.empty:
        safe.caption("No log shows an exchange of this account.")
        return
    for column, title in (("model", "Model"), ("capability", "Capability")):
        summed: pd.DataFrame = mix[[column, "exchanges"]].groupby(column, as_index=False).sum()
        summed = summed.sort_values(["exchanges", column], ascending=[False, True])
        share = summed["exchanges"] / summed["exchanges"].sum()
        table = pd.DataFrame({
            title: summed[column].replace("", "unknown"),
            "Exchanges": summed["exchanges"],
            "Share": [f"{part:.0%}" for part in share],
        })  # fmt: skip
        tables.show(table, alt="Exchanges by model, or by capability", most=6)


def labelled(labels: pd.DataFrame) -> None:
    """Labels with their sources."""
    if labels.empty:
        safe.caption("No source labels this account. That is not a clearance.")
        return
    told = labels.assign(ts=profiling.moments(labels["ts"], session.zone()))
    named = told.rename(
        columns={"label": "Label", "source": "Source", "ts": "When", "note": "Note"}
    )
    tables.show(named, alt="Labels of this account with their sources")
