"""What a peer is: a method, its settings as a table, and where its documentation asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.table import Table

__all__ = ["Labels", "Peer", "Setting"]

Labels = NDArray[np.int64]  # by position in Table.accounts; -1 where an account stands alone
Setting = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A method under comparison.

    Attributes:
        name: As shown in tables.
        find: Groups the accounts of a table under one setting.
        settings: Every setting tried. The best one *with the truth known* stands for the peer on a
            table: an advantage that no user has, and that ours never gets.
        reason: Where the documentation names these settings.
        needs: Modules that must be there.
        fits: Tables that the method is made for; every table by default.
    """

    name: str
    find: Callable[[Table, Setting], Labels]
    settings: tuple[Setting, ...]
    reason: str
    needs: tuple[str, ...] = ()
    fits: Callable[[Table], bool] = field(default=lambda _: True)

    def __post_init__(self) -> None:
        if not self.settings:
            raise ValueError(f"{self.name}: no setting.")

    def missing(self) -> tuple[str, ...]:
        """Modules that are not installed."""
        return tuple(name for name in self.needs if find_spec(name) is None)
