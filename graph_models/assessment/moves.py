"""How members change models: the move to a new one, with its date and share.

A community of one hand changes over at once, because one line of a dispatcher changes; customers
drift. Half of one campaign's traffic moved to a new model within 24 hours (post of February 2026).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from graph_models.assessment.pool import Pool

__all__ = ["moves"]

SETTLED = (np.timedelta64(24, "h"), np.timedelta64(48, "h"))  # after the day that the move may take
BEFORE = np.timedelta64(72, "h")
LEAST_EXCHANGES = 50  # of a community in either window
LEAST_MEMBERS = 4  # active in both windows: one busy member is not a community
NEWCOMER_DAYS = 3  # a model whose first use is later than this into the logs is new
NEWCOMER_SHARE = 0.01  # of all later traffic: less is a try-out
_DAY = np.timedelta64(24, "h")


@dataclass(frozen=True)
class _Event:
    """A model and the moment from which it could be used; ``known`` when a calendar says so."""

    model: str
    when: np.datetime64
    known: bool


def moves(pool: Pool) -> pd.DataFrame:
    """The move to a model that sets the members apart most, by community.

    Columns ``moved`` (share of the members' traffic on the model in the second day after the
    event less that in the three days before), ``moved_others`` (the same of everybody else),
    ``moved_members`` (mean of the members' own shares, so that one busy account does not speak for
    all) and, in words, ``moved_to`` (model, date and what the date is of).
    """
    found = [_one(pool, event) for event in _events(pool)]
    empty = pool.frame(moved=pd.Series(dtype=float), moved_others=pd.Series(dtype=float))
    best = empty.assign(moved_members=np.nan, moved_to="")
    for table in found:
        lead = (table["moved"] - table["moved_others"]).fillna(-np.inf)
        so_far = (best["moved"] - best["moved_others"]).fillna(-np.inf)
        best = best.where(~(lead > so_far), table)
    return best


def _events(pool: Pool) -> list[_Event]:
    """Releases of the calendar, and models that appear while the logs run."""
    rows = pool.background.activity[["model", "hour", "exchanges"]]
    rows = rows.dropna(subset=["model", "hour"])
    rows = rows[rows["model"] != ""]
    if not len(rows):
        return []
    calendar = pool.obs.calendar[pool.obs.calendar["kind"] == "model_release"]
    known = [
        _Event(str(name), np.datetime64(when), True)
        for name, when in zip(calendar["name"], calendar["ts"], strict=True)
        if pd.notna(when)
    ]
    first = rows.groupby("model")["hour"].min()
    begin, names = rows["hour"].min(), {event.model for event in known}
    late = first[(first >= begin + NEWCOMER_DAYS * _DAY) & ~first.index.isin(names)]
    return known + [
        _Event(str(model), np.datetime64(when), False)
        for model, when in late.items()
        if _common(rows, str(model), when)
    ]


def _common(rows: pd.DataFrame, model: str, when: pd.Timestamp) -> bool:
    later = rows[rows["hour"] >= when]
    used = later.loc[later["model"] == model, "exchanges"].sum()
    return bool(used >= NEWCOMER_SHARE * later["exchanges"].sum())


def _one(pool: Pool, event: _Event) -> pd.DataFrame:
    mine, everyone = (_windows(rows, event) for rows in (pool.activity, pool.background.activity))
    by = mine.groupby("community")[["before", "before_on", "after", "after_on"]].sum()
    counts = ["before", "before_on", "after", "after_on"]
    grown = pd.Series(pool.grown).reindex(by.index)
    others = everyone[counts].sum() * pool.background.scale
    rest = (others - by.mul(grown, axis=0)).clip(lower=0)
    both = mine[(mine["before"] > 0) & (mine["after"] > 0)]
    each = both["after_on"] / both["after"] - both["before_on"] / both["before"]
    members = each.groupby(both["community"])
    enough = (by[["before", "after"]].min(axis=1) >= LEAST_EXCHANGES) & (
        members.size().reindex(by.index, fill_value=0) >= LEAST_MEMBERS
    )
    table = pool.frame(
        moved=_rise(by).where(enough), moved_others=_rise(rest), moved_members=members.mean()
    )
    return table.assign(moved_to=_words(event))


def _rise(sums: pd.DataFrame) -> pd.Series:
    after = sums["after_on"] / sums["after"].where(sums["after"] > 0)
    return after - sums["before_on"] / sums["before"].where(sums["before"] > 0)


def _windows(rows: pd.DataFrame, event: _Event) -> pd.DataFrame:
    """Exchanges by account before and after an event, and those on its model."""
    near = (rows["hour"] >= event.when - BEFORE) & (rows["hour"] < event.when + SETTLED[1])
    rows = rows[near]
    hour = rows["hour"]
    before = (hour >= event.when - BEFORE) & (hour < event.when)
    after = (hour >= event.when + SETTLED[0]) & (hour < event.when + SETTLED[1])
    on_it = rows["model"] == event.model
    counts = pd.DataFrame({
        "before": rows["exchanges"] * before, "before_on": rows["exchanges"] * (before & on_it),
        "after": rows["exchanges"] * after, "after_on": rows["exchanges"] * (after & on_it),
    })  # fmt: skip
    keys = [rows[name] for name in ("community", "account") if name in rows]
    some = before | after
    counted = counts[some].groupby([key[some] for key in keys]).sum()
    return counted.reset_index()


def _words(event: _Event) -> str:
    day = pd.Timestamp(event.when).date().isoformat()
    kind = "released" if event.known else "first seen in these logs"
    return f"{event.model} ({kind} {day})"
