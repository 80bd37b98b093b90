"""Pairs of accounts that share identifiers, from the same sightings: ours and other linkers.

    python -m benchmarks.scale.pairing --engine splink --out FOLDER --files uses.parquet …

From one row an account and identifier, as texts, to pairs of accounts. A pair is right when the
truth says that both have one controller; of all right pairs those count as wanted that have an
identifier in common which no more than ``REACH`` accounts used, since no linker could know others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.peers.table import Table, pair_counts
from benchmarks.scale.material import SEEN
from benchmarks.scale.sides import COST, OURS, Engine, Find, Question, answer, spent
from graph_models.observations import COLUMNS, Observations

__all__ = ["QUESTION", "worth"]

ANSWER = "pairs.parquet"
REACH = 200
EVEN = 0.5  # Splink's pairs from an even bet on, as ours
# Of what no peer reads either.
LACKING = (
    "account.closed_at", "account.created_at", "exchange.capability", "exchange.model",
    "exchange.prompt", "exchange.ts",
)  # fmt: skip
DAY = {"time_window": 86_400, "min_edge_weight": 2, "n_threads": 2}


def _ours(uses: pd.DataFrame) -> pd.DataFrame:
    from graph_models.linking import LinkContext, candidate_pairs, link_pairs, link_threshold

    obs = _observations(uses)
    context = LinkContext.of(obs)
    threshold = link_threshold(context)
    links = link_pairs(context, candidate_pairs(context).view, threshold).links(threshold)
    names = obs.accounts["account"].to_numpy()
    ends = {"a": names[links["a"]], "b": names[links["b"]]}
    return pd.DataFrame({**ends, "score": links["millibits"]})


def _observations(uses: pd.DataFrame) -> Observations:
    """Nothing but who used what and when: what peers know."""
    names = np.unique(uses["account"].to_numpy(dtype=str))
    token, of = np.unique(
        (uses["type"] + "\x1f" + uses["value"]).to_numpy(dtype=str), return_inverse=True
    )
    first = np.zeros(len(token), np.int64)
    first[of] = np.arange(len(uses))
    identifiers = uses[["type", "value", "linkable"]].iloc[first].rename(columns={"type": "kind"})
    identifiers["accounts"] = np.bincount(of, minlength=len(token))
    sightings = uses[list(SEEN)].assign(
        account=np.searchsorted(names, uses["account"].to_numpy(dtype=str)), identifier=of
    )
    own = sightings.groupby("account")
    accounts = pd.DataFrame({
        "account": names, "exchanges": own["count"].max(),
        "first_seen": own["first"].min(), "last_seen": own["last"].max(),
    })  # fmt: skip
    return Observations(
        snapshot="uses",
        accounts=_typed(accounts, "accounts"),
        identifiers=_typed(identifiers, "identifiers"),
        sightings=_typed(sightings.sort_values(["identifier", "account"]), "sightings"),
        lacking=LACKING,
    )


def _typed(table: pd.DataFrame, name: str) -> pd.DataFrame:
    known = table.reset_index(drop=True).reindex(columns=list(COLUMNS[name]))
    return known.astype(COLUMNS[name])


def _splink(uses: pd.DataFrame) -> pd.DataFrame:
    from benchmarks.peers.splink_em import SPLINK, scored

    _, pairs = scored(_table(uses), SPLINK.settings[0], least=EVEN)
    found = pairs.as_pandas_dataframe()[["unique_id_l", "unique_id_r", "match_weight"]]
    return found.set_axis(["a", "b", "score"], axis="columns")


def _coordination(uses: pd.DataFrame) -> pd.DataFrame:
    from benchmarks.peers.coordination import network

    edges = network(_table(uses), DAY).edges(data="weight")
    found = pd.DataFrame(edges, columns=["a", "b", "score"])
    return found[found["a"] < found["b"]]  # it tells a pair from both ends, and of one with itself


def _table(uses: pd.DataFrame) -> Table:
    """As the peers read it; when a value was first used is what the toolkit takes for a post."""
    rows = uses[["account", "type", "value"]]
    when = uses["first"].dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    nobody = pd.Series(dtype=object)
    return Table(name="uses", seed=0, attributes=rows.assign(first_seen=when), truth=nobody)


def _answering(method: Callable[[pd.DataFrame], pd.DataFrame]) -> Find:
    def find(files: Sequence[str], folder: Path) -> Mapping[str, float]:
        uses = pd.read_parquet(files[0])
        began = spent()
        pairs = method(uses)
        told = {COST: round(spent() - began, 3)}
        pairs.to_parquet(folder / ANSWER)
        return told

    return find


def _judged(files: Sequence[str], folders: Mapping[str, Path]) -> Mapping[str, Mapping[str, float]]:
    uses, accounts = (pd.read_parquet(file) for file in files[:2])
    found = {name: pd.read_parquet(folder / ANSWER) for name, folder in folders.items()}
    fewest = min(len(pairs) for pairs in found.values())
    told = {}
    for name, pairs in found.items():
        told[name] = worth(uses, accounts, pairs)
        # Everybody draws the line elsewhere: as many of the surest can be compared.
        surest = pairs.sort_values(["score", "a", "b"], ascending=False).head(fewest)
        told[name]["precision of as many"] = worth(uses, accounts, surest)["precision"]
    return told


def worth(uses: pd.DataFrame, accounts: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, float]:
    """Precision and recall of pairs (a, b: accounts) where the truth says who is with whom.

    ``no strangers`` is the share of pairs whose accounts have one controller or meet.

    Args:
        uses: As ``material.uses_of``.
        accounts: account, group and together, as ``material.write`` says.
        pairs: a, b; in either order, repeats and pairs of one do no harm.
    """
    names = pd.Index(accounts["account"])
    group, together = accounts["group"].to_numpy(), accounts["together"].to_numpy()
    ends = np.sort([names.get_indexer(pairs["a"]), names.get_indexer(pairs["b"])], axis=0)
    code = np.unique((ends[0] * len(names) + ends[1])[ends[0] != ends[1]])
    a, b = np.divmod(code, len(names))
    known = ~(((group[a] == -2) & (group[b] != -1)) | ((group[b] == -2) & (group[a] != -1)))
    right = (group[a] == group[b]) & (group[a] >= 0)
    met = (together[a] == together[b]) & (together[a] >= 0)
    tokens = pd.DataFrame({"account": uses["account"], "token": uses["type"] + "/" + uses["value"]})
    low, high, _ = pair_counts(tokens, names, most_accounts=REACH)
    wanted = (low * len(names) + high)[(group[low] == group[high]) & (group[low] >= 0)]
    hits = int(np.isin(wanted, code).sum())
    return {
        "pairs": len(code),
        "precision": round(right.sum() / max(known.sum(), 1), 4),
        "no strangers": round(met[known].sum() / max(known.sum(), 1), 4),
        "recall": round(hits / max(len(wanted), 1), 4),
    }


ENGINES = {
    OURS: Engine(find=_answering(_ours), needs="graph_models.linking"),
    "Splink": Engine(find=_answering(_splink), needs="splink"),
    "coordination toolkit": Engine(
        find=_answering(_coordination),
        needs="coordination_network_toolkit",
        why="it counts what was first used within a day and weighs nothing.",
    ),
}
QUESTION = Question(
    name="pairs that share identifiers",
    module="benchmarks.scale.pairing",
    engines=ENGINES,
    judged=_judged,
)

if __name__ == "__main__":
    answer(ENGINES)
