"""Learn what the traces of a member's place are worth, on worlds with truth (tuning seeds only).

``python -m benchmarks.members FOLDER`` reads every NAME.ws with NAME.logs.truth in the folder,
finds its communities, whole and without single families, and fits the weights of
``graph_models.communities.rules.MEMBERSHIP`` by logistic regression. It prints the table to ship
and its error on worlds that were left out of the fit, one name (a world and its seeds) at a time.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.quality.belonging import Belonging
from graph_models.communities import Draft, find_communities, formed
from graph_models.communities.membership import TRACES
from graph_models.families import Family, families_named
from graph_models.linking import LinkContext, candidate_pairs, link_threshold, score_candidates
from workbench.grading import Truth
from workbench.library import Workbench

RIDGE = 1e-3  # keeps weights finite where a trace parts members without error
ABLATIONS = ("", "prompts", "instrument")  # the two that communities rest on most often
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """An intercept and one weight a trace, none of them negative."""

    intercept: float
    weights: Floats

    def chance(self, traces: Floats) -> Floats:
        """Probability of each item, shape (items,)."""
        return 1 / (1 + np.exp(-(self.intercept + traces @ self.weights)))


def items_of(folder: Path, name: str, without: frozenset[Family]) -> pd.DataFrame:
    """One row a member: its traces, its confidence, and whether it is of the leading group."""
    obs = Workbench.open(folder / f"{name}.ws").observations()
    context = LinkContext.of(obs).leaving_out(without)
    threshold = link_threshold(context)
    scored = score_candidates(context, candidate_pairs(context), threshold)
    links = scored.links(threshold)
    known = formed(context, links, scored, threshold=threshold)
    drafts = find_communities(context, links, threshold=threshold, known=known)
    truth = Truth.read(folder / f"{name}.logs.truth")
    group = Belonging.of(truth, obs.accounts["account"]).any_group
    rows = [judged(draft, group[draft.accounts]) for draft in drafts]
    return pd.concat(rows, ignore_index=True).assign(world=name.rsplit("-", 1)[0])


def judged(draft: Draft, group: NDArray[np.int64]) -> pd.DataFrame:
    """Members of whom the truth says with whom they belong, if it says so of most."""
    table = pd.DataFrame(draft.traces, columns=list(TRACES))
    table["said"], table["size"] = draft.confidence, len(group)
    names, counts = np.unique(group[group != -1], return_counts=True)
    lead = int(names[np.argmax(counts)]) if len(names) and counts.max() > 1 else -3
    table["true"] = group == lead
    return table[(group != -2) & (lead != -2)]


def fit(items: pd.DataFrame) -> Fit:
    """Logistic regression with weights of at least nought; every world counts the same."""
    x, y = items[list(TRACES)].to_numpy(), items["true"].to_numpy(dtype=np.float64)
    weight = 1 / items.groupby("world")["world"].transform("size").to_numpy(dtype=np.float64)
    weight = weight / weight.sum()

    def loss(theta: Floats) -> tuple[float, Floats]:
        odds = theta[0] + x @ theta[1:]
        chance = 1 / (1 + np.exp(-odds))
        value = weight @ (np.logaddexp(0, odds) - y * odds) + RIDGE * theta[1:] @ theta[1:]
        slope = weight * (chance - y)
        gradient = np.concatenate([[slope.sum()], x.T @ slope + 2 * RIDGE * theta[1:]])
        return float(value), gradient

    bounds = [(None, None), *[(0.0, None)] * x.shape[1]]
    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    return Fit(float(found[0]), found[1:])


def error(said: Floats, true: NDArray[np.bool_], *, bins: int = 10) -> float:
    """Expected calibration error of items between 0.05 and 0.95."""
    inside = (said >= 0.05) & (said <= 0.95)
    at = np.clip((said[inside] * bins).astype(int), 0, bins - 1)
    size = np.maximum(np.bincount(at, minlength=bins), 1)
    gap = np.bincount(at, weights=said[inside] - true[inside], minlength=bins)
    return float(np.abs(gap).sum() / size.sum()) if inside.any() else 0.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn the table and say how far it errs on worlds that it was not learned on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds NAME.ws and NAME.logs.truth")
    parser.add_argument("names", nargs="+", help="worlds to learn from, as NAME-SEED")
    parser.add_argument("--items", type=Path, help="keep the items as a Parquet file")
    options = parser.parse_args(arguments)
    items = pd.concat(
        items_of(options.folder, name, families_named([family]))
        for name in options.names
        for family in ABLATIONS
    )
    if options.items:
        items.to_parquet(options.items)
    told = np.zeros(len(items))
    for world in items["world"].unique():
        out = (items["world"] == world).to_numpy()
        told[out] = fit(items[~out]).chance(items.loc[out, list(TRACES)].to_numpy())
    learned = fit(items)
    report = {
        "intercept": round(learned.intercept, 2),
        "weights": dict(zip(TRACES, learned.weights.round(2).tolist(), strict=True)),
        "items": len(items),
        "error_left_out": round(error(told, items["true"].to_numpy()), 4),
        "error_shipped": round(error(items["said"].to_numpy(), items["true"].to_numpy()), 4),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
