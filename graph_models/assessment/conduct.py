"""What the members work on: common prompt frames, exact repeats, how their texts grow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.assessment.chance import draws
from graph_models.assessment.pool import Pool
from graph_models.assessment.runs import distinct

__all__ = ["frames", "own_frames", "strangers", "texts"]

# A frame belongs to a community when three members share it and members use it at least eight
# times as often as everybody else: popular prompts and tutorials stay out, and so do pairs.
FRAME_MEMBERS, FRAME_LIFT = 3, 8.0
REPEAT_MEMBERS = 4  # smaller groups have no cross-account repeats to speak of
REPEAT_BUDGET = 3_000_000  # exchanges read for the repeat check, over all communities
REPEAT_LEAST = 8  # members of each community that are read at any size
RANDOM_MEMBERS = 200


def own_frames(pool: Pool) -> pd.DataFrame:
    """Uses of prompt clusters that are the community's own, with their count, first and last."""
    rows = pool.uses("prompt_cluster", shared=True)
    size = pool.size[rows["community"]]
    outside = (rows["degree"] - rows["inside"] + 0.5) / (len(pool.obs.accounts) - size + 1.0)
    lift = rows["inside"] / size / outside
    own = rows[(rows["inside"] >= FRAME_MEMBERS) & (lift >= FRAME_LIFT)]
    seen, row = pool.obs.sightings, own["row"].to_numpy()
    return own.assign(**{name: seen[name].to_numpy()[row] for name in ("count", "first", "last")})


def frames(pool: Pool) -> pd.DataFrame:
    """How much of the traffic lies in the community's own frames, how long and how widely."""
    own = own_frames(pool)
    size = pd.Series(pool.size, dtype=np.float64)
    total = pool.accounts.groupby("community")["exchanges"].sum()
    index = size.index
    low, high = pool.background.kind_range("prompt_cluster")
    known = pool.having("prompt_cluster") / size
    active = (total.reindex(index, fill_value=0) > 0) & (high > low)
    held = own.groupby("community")["count"].sum().reindex(index, fill_value=0)
    each = own.groupby(["community", "identifier"]).agg(
        count=("count", "sum"),
        members=("account", "size"),
    )
    uses = own.groupby(["community", "identifier"])
    # Between deciles: a member who opens an old task again does not make homework a queue.
    each["first"], each["last"] = uses["first"].quantile(0.1), uses["last"].quantile(0.9)
    days = (each["last"] - each["first"]).dt.total_seconds() / 86_400
    reach = each["members"] / pool.size[each.index.get_level_values(0)]
    return pool.frame(
        frame_known=known,
        frame_share=(held / total).where(active).clip(upper=1.0),
        frame_cover=(pool.among(own["member"]) / size).where(active),
        frame_count=each.groupby(level=0).size().reindex(index, fill_value=0).where(active),
        frame_days=_weighted(days, each["count"]),
        frame_reach=_weighted(reach, each["count"]),
        frame_depth=own.groupby("community")["count"].mean(),
    )


def _weighted(values: pd.Series, weights: pd.Series) -> pd.Series:
    top = (values * weights).groupby(level=0).sum()
    return top / weights.groupby(level=0).sum()


def texts(pool: Pool) -> pd.DataFrame:
    """Exact repeats across members.

    Read within the community's own frames where it has any. ``repeats``: share of distinct prompts
    that another member sent word for word: a work queue hands every item to one account, while a
    class, a tutorial or a benchmark sends the same texts from every account; ``repeats_random`` is
    that of a random pool of accounts.
    """
    table = _compared(pool)
    rows = _prompts(pool, table)
    own = own_frames(pool)
    width = len(pool.obs.identifiers) + 1
    code = table["community"].to_numpy(dtype=np.int64)[rows.member]
    framed = pd.Index(own["community"] * width + own["identifier"]).unique()
    within = framed.get_indexer(pd.Index(code * width + rows.cluster)) >= 0
    has = np.bincount(code[within], minlength=len(pool.names)) > 0
    chosen = within | ~has[code]
    others = strangers(pool)
    random = _repeated(others, _prompts(pool, others))
    return pool.frame(
        repeats=_repeated(table, rows, chosen),
        repeats_random=np.full(len(pool.names), random.iloc[0] if len(random) else np.nan),
    )


def _compared(pool: Pool) -> pd.DataFrame:
    """Members whose texts are compared: of all communities, as many as the budget allows.

    Where it does not allow all, every community keeps members at even steps, at least eight.
    """
    table = pool.table[pool.size[pool.table["community"]] >= REPEAT_MEMBERS]
    if not pool.background.whole:  # whom to read was decided before
        return table[pool.background.reading.holds(table["account"].to_numpy())]
    volume = pool.obs.accounts["exchanges"].fillna(0).to_numpy()[table["account"]].sum()
    step = np.ceil(volume / REPEAT_BUDGET)
    if step <= 1:
        return table
    code = table["community"].to_numpy()
    each = np.clip(pool.size[code] // REPEAT_LEAST, 1, step)
    rank = table.groupby("community").cumcount().to_numpy()
    kept: pd.DataFrame = table[rank % each == 0]
    return kept


@dataclass(frozen=True, eq=False)
class _Prompts:
    """Exchanges with a known text: row of a table of members, cluster and prompt, (exchanges,)."""

    member: NDArray[np.int64]
    cluster: NDArray[np.int64]
    prompt: NDArray[np.int64]


def _prompts(pool: Pool, table: pd.DataFrame) -> _Prompts:
    """What the members in the table asked for."""
    asked = table["account"].to_numpy(dtype=np.int32)
    rows = pool.background.reading.exchanges_of(asked)
    account, prompt = (rows[name].to_numpy() for name in ("account", "prompt"))
    told = np.flatnonzero(prompt != 0)
    low, high = (np.searchsorted(account[told], asked, side) for side in ("left", "right"))
    member = np.repeat(np.arange(len(asked)), high - low)
    at = np.arange(len(member)) + np.repeat(high - np.cumsum(high - low), high - low)
    row = told[at]
    cluster = rows["cluster"].to_numpy().astype(np.int64)
    return _Prompts(member, cluster[row], prompt[row])


def strangers(pool: Pool) -> pd.DataFrame:
    """A random pool of active accounts, as one community: community, account."""
    active = np.flatnonzero(pool.obs.accounts["exchanges"].fillna(0).to_numpy() > 0)
    drawn = draws(RANDOM_MEMBERS, len(active))[1][:RANDOM_MEMBERS] if len(active) else active
    chosen = active[np.unique(drawn)]
    return pd.DataFrame({"community": 0, "account": chosen.astype(np.int32)})


def _repeated(
    table: pd.DataFrame, rows: _Prompts, chosen: NDArray[np.bool_] | None = None
) -> pd.Series:
    """By community of the table: share of its distinct prompts that several members sent."""
    some = np.arange(len(rows.member)) if chosen is None else np.flatnonzero(chosen)
    text = pd.factorize(rows.prompt[some])[0].astype(np.int64)
    # Members stand by community: what one community says of one text then stands together.
    text, member = np.divmod(distinct(text * len(table) + rows.member[some]), max(len(table), 1))
    code = table["community"].to_numpy(dtype=np.int64)[member]
    start = np.flatnonzero((np.diff(text, prepend=-1) != 0) | (np.diff(code, prepend=-1) != 0))
    senders = np.diff(np.append(start, len(text)))
    again = np.repeat(senders >= 2, senders)
    return pd.Series(again).groupby(code).mean()
