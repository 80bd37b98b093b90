"""What the members of one community use, view by view: the ground on which cells are told apart.

A view is one kind of thing seen by the members alone: how rare a value is *here* decides, not how
rare it is in the world. Cards, machines and addresses count that are mostly their own: what a
reseller or a provider gives to others as well is no cell's store. Time is a view as well: given
that a member was active in an hour, in which ten minutes of it. So lives, bans and habits of the
day tell no cells apart, batches do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from graph_models.communities.groups import Groups, entries
from graph_models.communities.rules import CELLS
from graph_models.families import Family
from graph_models.linking import LinkContext
from graph_models.linking.layers import Layer
from graph_models.linking.rules import TIMING

__all__ = ["View", "touching", "views_of"]

_Uses = tuple[str, Family, csr_matrix, NDArray[np.int64]]
_WORK = (Family.PROMPTS, Family.TIMING)
_HELD = (Family.INSTRUMENT, Family.DEVICE, Family.NETWORK, Family.PROFILE)
_BUCKETS_AN_HOUR = 60 // TIMING.bucket_minutes


@dataclass(frozen=True, eq=False, kw_only=True)
class View:
    """Which member used which value, 0 or 1, and the shares that the community as a whole has.

    ``uses``: sparse (members, values). ``group`` (values,): the choice that a value answers; shares
    sum to 1 within a group. ``weight``: its part in its family, so that three ways to see one
    machine count as one. ``least``: the least concentration that is believed.
    """

    name: str
    family: Family
    uses: csr_matrix
    group: NDArray[np.int64]
    weight: float
    least: float

    @cached_property
    def share(self) -> NDArray[np.float64]:
        """Part of each value in all uses of its group, shape (values,)."""
        used = np.asarray(self.uses.sum(axis=0)).ravel()
        total = np.bincount(self.group, weights=used)
        share: NDArray[np.float64] = used / total[self.group]
        return share

    @cached_property
    def choices(self) -> csr_matrix:
        """How many values of each group each member used, sparse (members, groups)."""
        values = len(self.group)
        where = (np.arange(values), self.group)
        return self.uses @ csr_matrix((np.ones(values), where))

    def of(self, members: NDArray[np.int64]) -> View:
        """The same view of some of the members."""
        return _view(self.name, self.family, self.uses[members], self.group, self.weight)


def views_of(context: LinkContext, accounts: NDArray[np.int64]) -> tuple[View, ...]:
    """All views of some accounts in which at least two of them share a value.

    Args:
        context: The population; families that it leaves out give no view.
        accounts: Positions of the members, ascending.

    Returns:
        Views over the members in that order; values that one member alone uses are left out.
    """
    found = [
        (layer.kind, layer.family, *_layer_uses(context, layer, accounts))
        for layer in context.layers
    ]
    views = _shared(found)
    if Family.TIMING not in context.without:
        views += _shared([("time", Family.TIMING, *_time_uses(context, accounts))])
    families = [view[1] for view in views]
    return tuple(_view(*view, 1 / families.count(view[1])) for view in views)


def touching(context: LinkContext, groups: Groups) -> NDArray[np.bool_]:
    """Which members share any value of their community's views with a fellow, shape (members,).

    What ``views_of`` says of each community in turn, for all of them at once.
    """
    touched = np.zeros(len(groups.account), np.bool_)
    for layer in context.layers:
        member, edge = _relied(context, layer, groups.account)
        value = layer.value[edge]
        key = groups.code[member] * len(layer.position) + value
        _, at, inside = np.unique(key, return_inverse=True, return_counts=True)
        common = inside[at] >= 2
        if layer.family in _HELD:
            common &= inside[at] - 1 >= CELLS.own * (layer.degree[value] - 1)
        touched[member[common]] = True
    if Family.TIMING not in context.without:
        rhythm = context.population.rhythm
        member, edge = entries(rhythm.start, groups.account)
        key = groups.code[member] * (1 + rhythm.bucket.max(initial=0)) + rhythm.bucket[edge]
        _, at, inside = np.unique(key, return_inverse=True, return_counts=True)
        touched[member[inside[at] >= 2]] = True
    return touched


def _shared(found: list[_Uses]) -> list[_Uses]:
    """Without values of one member alone, and without what is then empty."""
    views = []
    for kind, family, uses, group in found:
        common = np.flatnonzero(np.asarray(uses.sum(axis=0)).ravel() >= 2)
        if len(common):
            views.append((kind, family, uses[:, common], group[common]))
    return views


def _view(
    name: str, family: Family, uses: csr_matrix, group: NDArray[np.int64], weight: float
) -> View:
    used = np.flatnonzero(np.asarray(uses.sum(axis=0)).ravel() > 0)
    free = family in (Family.TIMING, Family.PROMPTS)
    return View(
        name=name,
        family=family,
        uses=csr_matrix(uses[:, used]),
        group=np.unique(group[used], return_inverse=True)[1].astype(np.int64),
        weight=weight,
        least=CELLS.concentrations[0] if free else CELLS.least_concentration,
    )


def _relied(
    context: LinkContext, layer: Layer, accounts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Local member and edge of values with a real part of a member's sightings: no passing exit."""
    member, edge = entries(layer.start, accounts)
    prompts = layer.family is Family.PROMPTS
    floor = CELLS.worked_on if prompts else CELLS.relied_on
    all_of = np.bincount(member, weights=layer.count[edge], minlength=len(accounts))
    if prompts:
        all_of = context.population.exchanges[accounts]
    relied = layer.count[edge] >= floor * all_of[member]
    relied &= layer.linkable[layer.value[edge]]
    return member[relied], edge[relied]


def _layer_uses(
    context: LinkContext, layer: Layer, accounts: NDArray[np.int64]
) -> tuple[csr_matrix, NDArray[np.int64]]:
    member, edge = _relied(context, layer, accounts)
    value = layer.value[edge].astype(np.int64)
    if layer.family in _HELD:
        inside = np.bincount(value, minlength=len(layer.position))[value]
        own = inside - 1 >= CELLS.own * (layer.degree[value] - 1)
        member, value = member[own], value[own]
    return _uses(member, value, len(accounts))


def _time_uses(
    context: LinkContext, accounts: NDArray[np.int64]
) -> tuple[csr_matrix, NDArray[np.int64]]:
    rhythm = context.population.rhythm
    member, edge = entries(rhythm.start, accounts)
    uses, _ = _uses(member, rhythm.bucket[edge], len(accounts))
    return uses, np.unique(rhythm.bucket[edge]) // _BUCKETS_AN_HOUR


def _uses(
    member: NDArray[np.int64], value: NDArray[np.int64], members: int
) -> tuple[csr_matrix, NDArray[np.int64]]:
    names, code = np.unique(value, return_inverse=True)
    shape = (members, len(names))
    uses = csr_matrix((np.ones(len(member)), (member, code)), shape=shape)
    return uses, np.zeros(len(names), np.int64)
