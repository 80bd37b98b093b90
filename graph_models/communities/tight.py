"""Communities of a table that carries links and nothing else: dense, firm, without hangers-on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities.formation import members_by_label
from graph_models.communities.graph import components, leiden, named_by_first
from graph_models.communities.inferred import Resolution, likeliest
from graph_models.communities.stability import support

__all__ = ["Tight", "scenes", "tight_communities"]

DENSITY = 0.15  # least mean probability between members; below it accounts hang together by chains
WHOLE = 0.5  # of the pairs of a component linked: nothing to cut
PENDANT = 0.25  # of the median member's bits: below it an account hangs on by chance
DENSE = Resolution(DENSITY, modularity=False)  # the cut where no cut is likelier than none
RUNS, DROP = 10, 0.2
SCENE = 30  # accounts; a smaller block cannot say what is usual in it
SCENE_LINKS = 400_000  # the strongest ties are enough to see blocks


@dataclass(frozen=True, eq=False)
class Tight:
    """One community: account positions, ascending, and how firmly each stands in it, 0..1."""

    accounts: NDArray[np.int64]
    confidence: NDArray[np.float64]


def tight_communities(links: pd.DataFrame, accounts: int, *, seed: int = 0) -> tuple[Tight, ...]:
    """Cut links into communities, as finely as they ask for, and say how firmly each member stands.

    Args:
        links: Columns a, b (positions, a < b), millibits, weight (probability of one controller).
        accounts: How many accounts there are.
        seed: Seed of Leiden and of the resampling.

    Returns:
        Communities of at least two, by their first account. The confidence of a member is the part
        of ten runs, each without a fifth of the links, in which it stood with the bulk of its
        community, times its best link's probability.
    """
    loose = _loose(links, accounts)
    resolution = (likeliest(loose, seed=seed)[1] if len(loose) else None) or DENSE
    labels = _cut(links, accounts, resolution, seed=seed)
    rng = np.random.default_rng([seed, 4])
    stood = np.zeros(accounts)
    for run in range(RUNS):
        some = links[rng.random(len(links)) >= DROP]
        stood += _with_bulk(labels, _cut(some, accounts, resolution, seed=seed + run + 1))
    best = np.zeros(accounts)
    for end in ("a", "b"):
        np.maximum.at(best, links[end].to_numpy(), links["weight"].to_numpy())
    found = []
    for who in members_by_label(labels).values():
        tied = support(links, who.astype(np.int32)) >= (PENDANT if len(who) > 3 else 0.0)
        if tied.sum() >= 2:
            found.append(Tight(who[tied], np.round((stood / RUNS * best)[who[tied]], 4)))
    return tuple(found)


def scenes(ties: pd.DataFrame, accounts: int, *, seed: int = 0) -> NDArray[np.int64]:
    """Large loose blocks: a city, a taste, a market, where much is shared and nobody is one person.

    Args:
        ties: Columns a, b, millibits, weight (bits, any scale) and ``linked``: whether the pair
            would be a link if nothing but degrees explained it.
        accounts: How many accounts there are.
        seed: Seed of Leiden.

    Returns:
        Labels, shape (accounts,); 0 for all who are in no scene. A block whose members are mostly
        linked is a community and no scene.
    """
    scene = np.zeros(accounts, np.int64)
    strongest = ties.nlargest(SCENE_LINKS, "millibits", keep="all")
    if not len(strongest):
        return scene
    block = leiden(strongest, resolution=1.0, modularity=True, seed=seed)
    label = np.full(accounts, -1, np.int64)
    label[block.index.to_numpy()] = block.to_numpy()
    linked = ties[ties["linked"]]
    a, b = linked["a"].to_numpy(), linked["b"].to_numpy()
    inside = label[a][label[a] == label[b]]
    size = np.bincount(label[label >= 0])
    density = np.bincount(inside, minlength=len(size)) / np.maximum(size * (size - 1) / 2, 1)
    loose = (size >= SCENE) & (density < DENSITY)
    known = label >= 0
    scene[known] = np.where(loose[label[known]], label[known] + 1, 0)
    return scene


def _loose(links: pd.DataFrame, accounts: int) -> pd.DataFrame:
    """Links of the components that hang together by fewer than half of their pairs."""
    a, b = links["a"].to_numpy(), links["b"].to_numpy()
    component = components(a, b, accounts)
    size = np.bincount(component, minlength=1)
    pairs = np.maximum(size * (size - 1) / 2, 1)
    loose = np.bincount(component[a], minlength=len(size)) < WHOLE * pairs
    found: pd.DataFrame = links[loose[component[a]]]
    return found


def _cut(
    links: pd.DataFrame, accounts: int, resolution: Resolution, *, seed: int
) -> NDArray[np.int64]:
    """Labels: dense components as they stand, the others cut at the resolution given."""
    labels = np.full(accounts, -1, np.int64)
    if not len(links):
        return labels
    component = components(links["a"].to_numpy(), links["b"].to_numpy(), accounts)
    labels[:] = component
    part = _loose(links, accounts)
    if len(part):
        found = leiden(
            part, resolution=resolution.value, modularity=resolution.modularity, seed=seed
        )
        labels[found.index.to_numpy()] = component.max() + 1 + found.to_numpy()
    return named_by_first(labels)


def _with_bulk(labels: NDArray[np.int64], again: NDArray[np.int64]) -> NDArray[np.float64]:
    """1 where an account stands with the largest remaining part of its community."""
    frame = pd.DataFrame({"old": labels, "new": again}).query("old >= 0 and new >= 0")
    kept = frame.groupby(["old", "new"]).size().rename("n").reset_index()
    best = kept.sort_values(["old", "n", "new"], ascending=[True, False, True])
    bulk = best.drop_duplicates("old").set_index("old")["new"]
    stood = np.zeros(len(labels))
    stood[frame.index[frame["old"].map(bulk) == frame["new"]]] = 1.0
    return stood
