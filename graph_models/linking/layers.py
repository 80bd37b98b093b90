"""A layer: all sightings of one kind as a row table, with the degrees that bits are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from graph_models.families import Family
from graph_models.kind import LinkPolicy
from graph_models.kinds import KINDS, policy_of
from graph_models.linking.columns import Column, Gathered, reordered
from graph_models.linking.kernels import by_row, shared_edges, starts
from graph_models.linking.rules import DERIVED_POLICIES
from graph_models.observations import Observations
from graph_models.rewire import rewire

__all__ = [
    "STAYS",
    "Layer",
    "Shared",
    "days_of",
    "derived_layer",
    "family_of",
    "is_foreign",
    "layers_of",
    "pairs_on",
]

_FAMILIES = {kind.name: kind.family for kind in KINDS}
_MICROSECONDS_PER_DAY = 86_400e6
STAYS = np.array([0.25, 7.0])  # days of use by one account: in passing, for days, for weeks


def family_of(kind: str) -> Family:
    """The family of a kind; foreign types count as profile, the least trusted one."""
    return _FAMILIES.get(kind, Family.PROFILE)


def days_of(times: pd.Series) -> NDArray[np.float64]:
    """Times as days since 1970, NaN where missing; exact to under a microsecond."""
    return _days(times.to_numpy(dtype="datetime64[us]"))


def _days(moments: NDArray[np.datetime64]) -> NDArray[np.float64]:
    days: NDArray[np.float64] = moments.astype(np.int64) / _MICROSECONDS_PER_DAY
    days[np.isnat(moments)] = np.nan
    return days


def is_foreign(kind: str) -> bool:
    """Whether a kind is somebody else's type, of which nothing is known but its values."""
    return kind not in _FAMILIES and kind not in DERIVED_POLICIES


@dataclass(frozen=True, eq=False)
class Shared:
    """What pairs have in common in one layer: pair index and the edge on either side."""

    pair: NDArray[np.int64]
    edge_a: NDArray[np.int64]
    edge_b: NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Layer:
    """Edges account x value of one kind, sorted by (account, value); all arrays shape (edges,).

    ``value`` is local to the layer; ``position`` maps it to its identifier (-1 for a derived value
    such as a prefix), ``text`` names it. ``linkable`` is False for values that may never link.
    ``count``, ``claimed``, ``first`` and ``last`` (days) may be gathered from the sightings: take
    some edges of them, or all by ``[:]``.
    """

    kind: str
    family: Family
    policy: LinkPolicy
    accounts: int
    account: NDArray[np.int32]
    value: NDArray[np.int32]
    count: Column
    claimed: Column
    first: Column
    last: Column
    position: NDArray[np.int32]
    text: NDArray[np.object_] | ExtensionArray
    linkable: NDArray[np.bool_]

    @property
    def edges(self) -> int:
        """E: how many (account, value) edges the kind has."""
        return len(self.account)

    @cached_property
    def degree(self) -> NDArray[np.int64]:
        """k: accounts by value, shape (values,)."""
        return np.bincount(self.value, minlength=len(self.position))

    @cached_property
    def spread(self) -> NDArray[np.int64]:
        """d: distinct values by account, shape (accounts,)."""
        return np.bincount(self.account, minlength=self.accounts)

    @cached_property
    def bridging(self) -> NDArray[np.bool_]:
        """Which values may bridge accounts: shared, linkable and no hub; shape (values,)."""
        limit = self.policy.hub_at(self.accounts)
        return self.linkable & (self.degree >= 2) & (self.degree <= limit)

    @cached_property
    def start(self) -> NDArray[np.int64]:
        """Row starts over all edges, shape (accounts + 1,)."""
        return starts(self.account, self.accounts)

    @cached_property
    def bridging_edges(self) -> NDArray[np.int64]:
        """The edges whose value may bridge, ascending."""
        return np.flatnonzero(self.bridging[self.value])

    @cached_property
    def _bridges(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
        """Row table over bridging edges only: (start, value, index of the edge)."""
        edge = self.bridging_edges
        return starts(self.account[edge], self.accounts), self.value[edge], edge

    def shared(self, a: NDArray[np.int32], b: NDArray[np.int32]) -> Shared:
        """Bridging values that the accounts of each pair have in common."""
        start, value, edge = self._bridges
        pair, edge_a, edge_b = shared_edges(start, value, a, b)
        return Shared(pair, edge[edge_a], edge[edge_b])

    def shared_context(self, a: NDArray[np.int32], b: NDArray[np.int32]) -> Shared:
        """Values in common that may not bridge: hubs and values that never link."""
        pair, edge_a, edge_b = shared_edges(self.start, self.value, a, b)
        keep = ~self.bridging[self.value[edge_a]] if len(edge_a) else np.zeros(0, bool)
        return Shared(pair[keep], edge_a[keep], edge_b[keep])

    @cached_property
    def value_bits(self) -> NDArray[np.float64]:
        """Bits of each value before activity: log2(reuse · E / k); -inf where it may not bridge."""
        bits = np.full(len(self.position), -np.inf)
        at = self.bridging
        bits[at] = np.log2(self.policy.reuse * self.edges / self.degree[at])
        return bits

    @cached_property
    def joins(self) -> bool:
        """Whether any value bridges accounts at all."""
        return bool(self.bridging.any())

    @cached_property
    def stay(self) -> NDArray[np.int64]:
        """How long accounts stay on each value: 0 in passing, 1 for days, 2 for weeks; (values,).

        Only places tell by it: a frame or a card is no less one's own when it was used once.
        """
        if self.family is not Family.NETWORK:
            return np.full(len(self.position), len(STAYS), np.int64)
        days = np.nan_to_num(self.last[:] - self.first[:], nan=0.0)
        mean = np.bincount(self.value, weights=days, minlength=len(self.position))
        found = np.searchsorted(STAYS, mean / np.maximum(self.degree, 1), side="right")
        return found.astype(np.int64)

    def squares(self, most: int) -> float:
        """Σ k² over the bridging values of at most so many accounts."""
        pool = self.degree[self.bridging & (self.degree <= most)].astype(np.float64)
        return float((pool**2).sum())

    def rewired(self, rng: np.random.Generator, *, whole: bool = False) -> Layer:
        """The same layer with its values dealt anew; times and counts stay with the account.

        Only values that bridge are dealt unless ``whole``: given who keeps how many private values
        and hubs, the rest of a random graph is as random, and no account that has much of its own
        (prompts that nobody else sends) becomes one that shares much.
        """
        dealt = self.bridging[self.value] | whole
        value = self.value.copy()
        value[dealt] = rewire(self.account[dealt], value[dealt], rng)
        return self.holding(value)

    def holding(self, value: NDArray[np.int32]) -> Layer:
        """The same layer with another value at each edge; times and counts stay with the account.

        Args:
            value: The value of each edge, shape (edges,), in the order of this layer's edges.
        """
        order = by_row(value, len(self.position))
        order = order[by_row(self.account[order], self.accounts)]
        told = (self.count, self.claimed, self.first, self.last)
        count, claimed, first, last = reordered(told, order)
        return replace(
            self, value=value[order], count=count, claimed=claimed, first=first, last=last
        )


def layers_of(obs: Observations) -> tuple[Layer, ...]:
    """One layer per kind of identifier that was seen, in order of name."""
    kinds = obs.identifiers["kind"]
    begins = np.flatnonzero((kinds != kinds.shift()).to_numpy()) if len(kinds) else np.zeros(0, int)
    bounds = [*begins.tolist(), len(kinds)]
    # Sightings come by identifier, so that each kind is one run of rows.
    rows = np.searchsorted(obs.sightings["identifier"].to_numpy(), bounds).tolist()
    return tuple(
        _layer(obs, (low, high), slice(first, after))
        for (low, high), (first, after) in zip(pairwise(bounds), pairwise(rows), strict=True)
        if first < after
    )


def _layer(obs: Observations, span: tuple[int, int], rows: slice) -> Layer:
    identifiers = obs.identifiers.iloc[slice(*span)]
    kind = str(identifiers["kind"].iloc[0])
    seen = obs.sightings.iloc[rows]
    account = seen["account"].to_numpy(dtype=np.int32)
    order = by_row(account, len(obs.accounts)).astype(np.int32)
    times = {end: seen[end].to_numpy(dtype="datetime64[us]") for end in ("first", "last")}
    # A value that a source calls a shared service is context, however few accounts used it.
    service = identifiers["label"].notna() & (identifiers["label"] != "")
    return Layer(
        kind=kind,
        family=family_of(kind),
        policy=policy_of(kind),
        accounts=len(obs.accounts),
        account=account[order],
        value=seen["identifier"].to_numpy(dtype=np.int32)[order] - np.int32(span[0]),
        count=Gathered(seen["count"].to_numpy(dtype=np.int64), order, _as_it_is),
        claimed=Gathered(seen["claimed"].to_numpy(dtype=np.float32), order, np.nan_to_num),
        first=Gathered(times["first"], order, _days),
        last=Gathered(times["last"], order, _days),
        position=np.arange(*span, dtype=np.int32),
        text=identifiers["value"].array,
        linkable=(identifiers["linkable"].astype(bool) & ~service).to_numpy(),
    )


def _as_it_is(values: NDArray[np.int64]) -> NDArray[np.int64]:
    return values


def pairs_on(layer: Layer, most: int) -> NDArray[np.int32]:
    """All pairs a < b of accounts on linkable values with at most ``most`` accounts, (pairs, 2)."""
    few = layer.linkable & (layer.degree >= 2) & (layer.degree <= most)
    edge = np.flatnonzero(few[layer.value])
    order = edge[np.lexsort((layer.account[edge], layer.value[edge]))]
    account, value = layer.account[order], layer.value[order]
    found = []
    for step in range(1, most):
        same = value[step:] == value[:-step]
        found.append(np.column_stack([account[:-step][same], account[step:][same]]))
    return np.concatenate(found).astype(np.int32)


def derived_layer(layer: Layer, kind: str, policy: LinkPolicy, group: pd.Series) -> Layer | None:
    """A coarser layer: each value of ``layer`` stands for its group (prefix of an IP, its ASN).

    Args:
        layer: The layer whose values are grouped.
        kind: Name of the derived kind, such as ``ip_prefix``.
        policy: What sharing a group is worth.
        group: Group name of each value of the layer; null or "" for none.

    Returns:
        The derived layer, or None when no value has a group.
    """
    code, names = pd.factorize(group.where(group != ""), sort=True)
    edge, value = _by_account(layer, code.astype(np.int32)[layer.value])
    if not len(edge):
        return None
    account = layer.account[edge]
    begin = np.flatnonzero(np.r_[True, (np.diff(account) != 0) | (np.diff(value) != 0)])
    linkable = np.zeros(len(names), bool)
    linkable[code[layer.linkable & (code >= 0)]] = True
    return Layer(
        kind=kind,
        family=layer.family,
        policy=policy,
        accounts=layer.accounts,
        account=account[begin],
        value=value[begin],
        count=np.add.reduceat(layer.count[edge], begin),
        claimed=np.minimum.reduceat(layer.claimed[edge], begin),
        first=np.fmin.reduceat(layer.first[edge], begin),
        last=np.fmax.reduceat(layer.last[edge], begin),
        position=np.full(len(names), -1, np.int32),
        text=np.asarray(names, dtype=object),
        linkable=linkable,
    )


def _by_account(
    layer: Layer, group: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The edges that have a group, by account and then by group; and the group of each."""
    edge = np.flatnonzero(group >= 0)
    edge = edge[by_row(group[edge], int(group.max(initial=-1)) + 1)]
    edge = edge[by_row(layer.account[edge], layer.accounts)]
    return edge, group[edge]
