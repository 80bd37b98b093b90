"""What the members do: common prompt frames, capability mix, elicitation, exact repeats."""

from __future__ import annotations

import numpy as np
import pandas as pd

from graph_models.assessment.pool import Pool

__all__ = ["capability", "frames", "repeats"]

# A frame belongs to a community when three members share it and members use it at least eight
# times as often as everybody else: popular prompts and tutorials stay out, and so do pairs.
FRAME_MEMBERS, FRAME_LIFT = 3, 8.0
REPEAT_MEMBERS = 4  # smaller groups have no cross-account repeats to speak of
REPEAT_BUDGET = 3_000_000  # exchanges read for the repeat check, over all communities


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
        first=("first", "min"),
        last=("last", "max"),
    )
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


def capability(pool: Pool) -> pd.DataFrame:
    """Kullback–Leibler divergence (bits) from everybody else's mix, top share, elicitation."""
    everyone = pool.obs.activity
    known = everyone["capability"].notna() & (everyone["capability"] != "")
    mine = pool.activity
    mine_known = mine["capability"].notna() & (mine["capability"] != "")
    whole = everyone[known].groupby("capability")["exchanges"].sum()
    mix = (
        mine[mine_known]
        .pivot_table(
            index="community", columns="capability", values="exchanges", aggfunc="sum", fill_value=0
        )
        .reindex(columns=whole.index, fill_value=0)
    )
    total = mine.groupby("community")["exchanges"].sum()
    rest = (whole - mix).clip(lower=0) + 1.0
    p = mix.div(mix.sum(axis=1), axis=0)
    q = rest.div(rest.sum(axis=1), axis=0)
    divergence = (p * np.log2((p / q).where(p > 0, 1.0))).sum(axis=1)
    return pool.frame(
        capability_known=(mix.sum(axis=1) / total),
        capability_kl=divergence,
        capability_top=p.max(axis=1) if len(p.columns) else pd.Series(dtype=np.float64),
        **_elicitation(everyone[known], mine[mine_known]),
    )


def _elicitation(everyone: pd.DataFrame, mine: pd.DataFrame) -> dict[str, pd.Series]:
    asked = mine.groupby("community")[["elicited", "exchanges"]].sum()
    rest = everyone[["elicited", "exchanges"]].sum() - asked
    # One exchange in a thousand is the floor of what a lexicon finds by mistake.
    base = (rest["elicited"] + 1.0) / (rest["exchanges"] + 1000.0).clip(lower=1.0)
    rate = asked["elicited"] / asked["exchanges"].where(asked["exchanges"] > 0)
    return {"elicited": rate, "elicited_lift": ((rate + 0.001) / (base + 0.001)).map(np.log2)}


def repeats(pool: Pool) -> pd.DataFrame:
    """Share of the members' distinct prompts that another member sent word for word.

    Read within the community's own frames where it has any: a work queue hands every item to one
    account, while a class, a tutorial or a benchmark sends the same texts from every account.
    """
    large = np.flatnonzero(pool.size >= REPEAT_MEMBERS)
    table = pool.table[pool.table["community"].isin(large)]
    volume = pool.obs.accounts["exchanges"].to_numpy()[table["account"]]
    table = table[np.cumsum(volume) <= REPEAT_BUDGET] if len(table) else table
    rows = pool.obs.exchanges_of(np.unique(table["account"].to_numpy(dtype=np.int32)))
    rows = table.merge(
        rows.loc[rows["prompt"] != 0, ["account", "cluster", "prompt"]], on="account"
    )
    framed = own_frames(pool)[["community", "identifier"]].drop_duplicates()
    within = rows.merge(
        framed, left_on=["community", "cluster"], right_on=["community", "identifier"]
    )
    has = rows["community"].isin(within["community"].unique())
    chosen = pd.concat([within, rows[~has]])[["community", "account", "prompt"]].drop_duplicates()
    others = chosen.groupby(["community", "prompt"])["account"].transform("size")
    return pool.frame(repeats=(others >= 2).groupby(chosen["community"]).mean())
