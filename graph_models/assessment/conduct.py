"""What the members work on: common prompt frames, exact repeats, how their texts grow."""

from __future__ import annotations

import numpy as np
import pandas as pd

from graph_models.assessment.chance import draws
from graph_models.assessment.pool import Pool

__all__ = ["frames", "texts"]

# A frame belongs to a community when three members share it and members use it at least eight
# times as often as everybody else: popular prompts and tutorials stay out, and so do pairs.
FRAME_MEMBERS, FRAME_LIFT = 3, 8.0
REPEAT_MEMBERS = 4  # smaller groups have no cross-account repeats to speak of
REPEAT_BUDGET = 3_000_000  # exchanges read for the repeat check, over all communities
REPEAT_LEAST = 8  # members of each community that are read at any size
RANDOM_MEMBERS = 200


def own_frames(pool: Pool) -> pd.DataFrame:
    """Uses (community, account, identifier) of prompt clusters that are the community's own."""
    rows = pool.uses[pool.uses["kind"] == "prompt_cluster"]
    size = pool.size[rows["community"]]
    outside = (rows["degree"] - rows["inside"] + 0.5) / (len(pool.obs.accounts) - size + 1.0)
    lift = rows["inside"] / size / outside
    return rows[(rows["inside"] >= FRAME_MEMBERS) & (lift >= FRAME_LIFT)]


def frames(pool: Pool) -> pd.DataFrame:
    """How much of the traffic lies in the community's own frames, how long and how widely."""
    seen = pool.uses[pool.uses["kind"] == "prompt_cluster"]
    own = own_frames(pool)
    size = pd.Series(pool.size, dtype=np.float64)
    total = pool.accounts.groupby("community")["exchanges"].sum()
    index = size.index
    any_frames = bool((pool.obs.identifiers["kind"] == "prompt_cluster").any())
    known = seen.groupby("community")["account"].nunique().reindex(index, fill_value=0) / size
    active = (total.reindex(index, fill_value=0) > 0) & any_frames
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
        frame_cover=(
            own.groupby("community")["account"].nunique().reindex(index, fill_value=0) / size
        ).where(active),
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
    rows = _prompts(pool, _compared(pool))
    framed = own_frames(pool)[["community", "identifier"]].drop_duplicates()
    within = rows.merge(
        framed, left_on=["community", "cluster"], right_on=["community", "identifier"]
    )
    has = rows["community"].isin(within["community"].unique())
    chosen = pd.concat([within[rows.columns], rows[~has]])
    random = _repeated(_prompts(pool, _strangers(pool)))
    return pool.frame(
        repeats=_repeated(chosen),
        repeats_random=np.full(len(pool.names), random.iloc[0] if len(random) else np.nan),
    )


def _compared(pool: Pool) -> pd.DataFrame:
    """Members whose texts are compared: of all communities, as many as the budget allows.

    Where it does not allow all, every community keeps members at even steps, at least eight.
    """
    table = pool.table[pool.size[pool.table["community"]] >= REPEAT_MEMBERS]
    volume = pool.obs.accounts["exchanges"].fillna(0).to_numpy()[table["account"]].sum()
    step = np.ceil(volume / REPEAT_BUDGET)
    if step <= 1:
        return table
    code = table["community"].to_numpy()
    each = np.clip(pool.size[code] // REPEAT_LEAST, 1, step)
    rank = table.groupby("community").cumcount().to_numpy()
    kept: pd.DataFrame = table[rank % each == 0]
    return kept


def _prompts(pool: Pool, table: pd.DataFrame) -> pd.DataFrame:
    """Exchanges with a known text: community, account, ts, cluster, prompt."""
    rows = pool.obs.exchanges_of(np.unique(table["account"].to_numpy(dtype=np.int32)))
    known = rows.loc[rows["prompt"] != 0, ["account", "ts", "cluster", "prompt"]]
    return table.merge(known, on="account")


def _strangers(pool: Pool) -> pd.DataFrame:
    """A random pool of active accounts, as one community."""
    active = np.flatnonzero(pool.obs.accounts["exchanges"].fillna(0).to_numpy() > 0)
    drawn = draws(RANDOM_MEMBERS, len(active))[1][:RANDOM_MEMBERS] if len(active) else active
    chosen = active[np.unique(drawn)]
    return pd.DataFrame({"community": 0, "account": chosen.astype(np.int32)})


def _repeated(rows: pd.DataFrame) -> pd.Series:
    each = rows[["community", "account", "prompt"]].drop_duplicates()
    others = each.groupby(["community", "prompt"])["account"].transform("size")
    return (others >= 2).groupby(each["community"]).mean()
