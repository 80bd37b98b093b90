"""Cells: members of one community who share cards, machines, gateways, frames or batches."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities.formation import members_by_label
from graph_models.communities.graph import leiden
from graph_models.communities.groups import Groups, entries
from graph_models.communities.mixture import Mixture, settled
from graph_models.communities.rules import CELLS
from graph_models.communities.views import View, touching, views_of
from graph_models.communities.work import may_work
from graph_models.families import Family
from graph_models.linking import LinkContext

__all__ = ["cells_of", "could_be_run", "parted", "placed"]

_HELD = [Family.INSTRUMENT.value, Family.DEVICE.value, Family.NETWORK.value]
_MIN_MILLIBITS = 3000  # three bits of infrastructure, as a candidate pair needs
_ONE_CELL = 9  # a community this small is one cell, save members who share nothing with it
_RUN_ON = ("payment_method", "device")
_OWN = 0.3  # part of a value's accounts who are members, where it is the community's own
_COVERED = 0.3  # part of those who have any that use such values, or nobody rotates them


def cells_of(
    context: LinkContext,
    labels: NDArray[np.int64],
    *,
    seed: int,
    lent: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """Cell label of every account: its smallest position; accounts without one stand alone.

    Args:
        context: The population; families that it leaves out tell no cells apart.
        labels: Community of every account, -1 for none.
        seed: Seed of the partition to begin with.
        lent: Which accounts are other people's that a crew works through, shape (accounts,). What
            they hold is their owner's, so those of one community are one cell.
    """
    cell = np.where(labels >= 0, np.arange(len(labels)), -1)
    if lent is not None:
        for accounts in members_by_label(np.where(lent, labels, -1)).values():
            cell[accounts] = accounts.min()
        labels = np.where(lent, -1, labels)
    groups = Groups.of(labels)
    large = (groups.size > _ONE_CELL) & could_be_run(context, groups)
    small = groups.only(~large)
    touched = touching(context, small)
    together = small.account[touched]
    cell[together] = _first(small.code[touched], together)
    for accounts in groups.only(large).parts():
        views = views_of(context, accounts)
        if views:
            found = parted(views, seed=seed)
            some = found >= 0
            cell[accounts[some]] = _first(found[some], accounts[some])
    return cell


def could_be_run(context: LinkContext, groups: Groups) -> NDArray[np.bool_]:
    """Which communities one hand could run, shape (communities,): only these are told into cells.

    As an assessment asks it of a campaign (``assessment.verdicts.GATE``): members share several
    cards or several machines of their own, or do work that others do not. A household, a campus or
    an event has none of it; in those, who shares anything with the others is one cell.
    """
    found = may_work(context, groups)
    for layer in context.layers:
        if layer.kind in _RUN_ON:
            member, edge = entries(layer.start, groups.account)
            value = layer.value[edge]
            several = layer.linkable[value] & (layer.degree[value] >= 2)
            code, width = groups.code[member[several]], len(layer.position)
            key, at, inside = np.unique(
                code * width + value[several], return_inverse=True, return_counts=True
            )
            own = (inside >= 2) & (inside >= _OWN * layer.degree[key % width])
            many = np.bincount(key[own] // width, minlength=len(groups)) >= 2
            having = np.bincount(groups.code[np.unique(member)], minlength=len(groups))
            on_own = groups.code[np.unique(member[several][own[at]])]
            covered = np.bincount(on_own, minlength=len(groups))
            found |= many & (covered >= _COVERED * np.maximum(having, 1))
    return found


def _first(label: NDArray[np.int64], account: NDArray[np.int64]) -> NDArray[np.int64]:
    """The smallest account of each one's label, shape (accounts,); accounts are at most once."""
    _, code = np.unique(label, return_inverse=True)
    first = np.full(len(label), np.iinfo(np.int64).max)
    np.minimum.at(first, code, account)
    return first[code]


def parted(views: tuple[View, ...], *, seed: int) -> NDArray[np.int64]:
    """The most evident partition of the members; -1 for who shares nothing; shape (members,)."""
    members = views[0].uses.shape[0]
    labels = _touched(views)
    some = np.flatnonzero(labels >= 0)
    if len(some) < 2:
        return labels
    # Evenly spaced in the order of ids, which tells nothing about who belongs to whom.
    chosen = some[:: -(-len(some) // CELLS.sample)]
    part = tuple(view.of(chosen) for view in views) if len(chosen) < members else views
    labels[some] = -2
    labels[chosen], mixture = _formed(part, len(chosen), seed)
    if (labels == -2).any():
        everybody = Mixture(views, mixture.concentration)
        for _ in range(2):
            labels[some] = everybody.moved(np.maximum(labels, -1))[some]
    return labels


def _formed(views: tuple[View, ...], members: int, seed: int) -> tuple[NDArray[np.int64], Mixture]:
    """Cells by what members hold and ask; minutes then say more, where they say anything.

    Minutes are many and each says little: to begin with them, before it is known how little, would
    be to join whom the same shift joins.
    """
    held = tuple(view for view in views if view.family is not Family.TIMING)
    first = held if held and (_touched(held) >= 0).mean() >= CELLS.told else views
    labels, mixture = settled(first, _beginning(first, members, seed))
    if len(first) < len(views):
        labels, mixture = settled(views, Mixture.fitted(views, labels).moved(labels))
    return labels, mixture


def _touched(views: tuple[View, ...]) -> NDArray[np.int64]:
    """0 for members who share any value with another member, -1 for the others."""
    shares = sum(np.asarray(view.uses.sum(axis=1)).ravel() for view in views)
    return np.where(shares > 0, 0, -1).astype(np.int64)


def _beginning(views: tuple[View, ...], members: int, seed: int) -> NDArray[np.int64]:
    """Too many cells: Leiden on the pairs that would rather be one than two."""
    factor = Mixture(views, (CELLS.beginning,) * len(views)).pairs()
    a, b = np.nonzero(np.triu(factor, 1) > 0)
    labels = np.arange(members) + members
    if len(a):
        nats = factor[a, b]
        pairs = pd.DataFrame({"a": a, "b": b, "millibits": np.rint(nats * 1000), "weight": nats})
        found = leiden(pairs, resolution=CELLS.resolution, modularity=True, seed=seed)
        labels[found.index.to_numpy()] = found.to_numpy()
    return labels


def placed(links: pd.DataFrame, labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which accounts share infrastructure with a fellow member, shape (accounts,)."""
    found = np.zeros(len(labels), bool)
    strong = links[_inside(links, labels) & (links[_HELD].to_numpy().sum(axis=1) >= _MIN_MILLIBITS)]
    found[strong[["a", "b"]].to_numpy().ravel()] = True
    return found


def _inside(links: pd.DataFrame, labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which links join members of one community."""
    a = links["a"].to_numpy()
    joined: NDArray[np.bool_] = (labels[a] >= 0) & (labels[a] == labels[links["b"].to_numpy()])
    return joined
