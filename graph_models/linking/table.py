"""All bridging edges of all layers as one row table, as the compiled loops walk it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph_models.families import FAMILIES, Family
from graph_models.linking.context import LinkContext
from graph_models.linking.kernels import by_row, starts
from graph_models.linking.layers import Layer, is_foreign
from graph_models.linking.rules import FAMILY_RULES, FOREIGN_RULE
from graph_models.linking.shared import CLAIMED_DISCOUNT, reuse_of

__all__ = ["Bridges"]


Table = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Bridges:
    """Layers whose values may bridge; the values are numbered through all of them.

    ``degree`` (values,): accounts by value; ``account`` and ``edges`` (value, first and last day,
    claimed share) have shape (edges,) and come by account, then by value.
    """

    context: LinkContext
    layers: Sequence[Layer]
    degree: NDArray[np.int64]
    account: NDArray[np.int32]
    edges: Table

    @classmethod
    def of(cls, context: LinkContext) -> Bridges:
        """Lay the bridging edges of all layers end to end and sort them by account."""
        layers = [layer for layer in context.layers if layer.bridging.any()]
        account, origin = _accounts(layers), _origin(layers)
        order = by_row(account, context.accounts)
        columns = (
            _values(layers),
            _days(layers, "first", origin, -np.inf),
            _days(layers, "last", origin, np.inf),
            _joined([layer.claimed[layer.bridging_edges] for layer in layers], np.float32),
        )
        return cls(
            context,
            layers,
            _joined([layer.degree[layer.bridging] for layer in layers], np.int64),
            account[order],
            tuple(column[order] for column in columns),
        )

    def tables(self, walked: NDArray[np.bool_]) -> tuple[Table, Table, Table]:
        """Row tables: account → walked values, walked value → accounts, account → other values.

        The second also tells how much each of its accounts uses (see ``reachable_pairs``).

        Args:
            walked: Which values are walked, shape (values,).
        """
        along = walked[self.edges[0]]
        account, edges = self.account[along], tuple(column[along] for column in self.edges)
        users = by_row(edges[0], len(walked))
        busy = self.spread[account[users], self.layer_of[edges[0][users]]]
        return (
            (starts(account, self.context.accounts), *edges),
            (
                starts(edges[0], len(walked)),
                account[users],
                *(column[users] for column in edges[1:]),
                busy,
            ),
            (
                starts(self.account[~along], self.context.accounts),
                *(column[~along] for column in self.edges),
            ),
        )

    @property
    def weights(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Bits before activity by data sheet and as learned, and the layer, by value (values,)."""
        plain = [layer.value_bits[layer.bridging] for layer in self.layers]
        learned = [
            layer.value_bits[layer.bridging]
            + np.log2(reuse_of(self.context, layer)[layer.bridging] / layer.policy.reuse)
            for layer in self.layers
        ]
        return _joined(plain, np.float64), _joined(learned, np.float64), self.layer_of

    @property
    def layer_of(self) -> NDArray[np.int64]:
        """The layer of each value, shape (values,)."""
        sizes = [int(layer.bridging.sum()) for layer in self.layers]
        return np.repeat(np.arange(len(sizes)), sizes).astype(np.int64)

    @property
    def rules(self) -> tuple[Any, ...]:
        """How the values of one layer, and of one family, add up (see ``reachable_pairs``)."""
        groups = (*(FAMILY_RULES[family] for family in FAMILIES), FOREIGN_RULE)
        return (
            np.array([layer.policy.cap_bits for layer in self.layers], np.float64),
            np.array(
                [
                    len(FAMILIES) if is_foreign(layer.kind) else FAMILIES.index(layer.family)
                    for layer in self.layers
                ],
                np.int64,
            ),
            np.array([layer.family is Family.NETWORK for layer in self.layers], bool),
            np.array([rule.rest for rule in groups]),
            np.array([rule.cap_bits for rule in groups]),
            CLAIMED_DISCOUNT,
        )

    @cached_property
    def spread(self) -> NDArray[np.float64]:
        """log2 of the distinct values of each account, shape (accounts, layers)."""
        rows = [np.log2(np.maximum(layer.spread, 1)) for layer in self.layers]
        return np.column_stack(rows or [np.zeros(self.context.accounts)])


def _joined(parts: list[Any], dtype: Any) -> Any:
    return np.concatenate([np.zeros(0, dtype), *parts])


def _accounts(layers: Sequence[Layer]) -> NDArray[np.int32]:
    accounts: NDArray[np.int32] = _joined(
        [layer.account[layer.bridging_edges] for layer in layers], np.int32
    )
    return accounts


def _values(layers: Sequence[Layer]) -> NDArray[np.int32]:
    parts, base = [], 0
    for layer in layers:
        number = np.cumsum(layer.bridging) - 1 + base
        parts.append(number[layer.value[layer.bridging_edges]].astype(np.int32))
        base = int(number[-1]) + 1
    values: NDArray[np.int32] = _joined(parts, np.int32)
    return values


def _origin(layers: Sequence[Layer]) -> float:
    every = (layer.first[:] for layer in layers)
    return float(min((np.nanmin(days) for days in every if not np.isnan(days).all()), default=0.0))


def _days(layers: Sequence[Layer], name: str, origin: float, unknown: float) -> NDArray[np.float32]:
    """Days since the first of all, single precision: a second of a year; unknown makes no gap."""
    parts = [getattr(layer, name)[layer.bridging_edges] - origin for layer in layers]
    days: NDArray[np.float64] = _joined(parts, np.float64)
    return np.where(np.isnan(days), unknown, days).astype(np.float32)
