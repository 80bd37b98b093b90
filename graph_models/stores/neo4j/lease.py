"""One writer at a time: a lease on the store's node, which every write of its holder renews.

Whoever finds another holder at the start of a transaction writes nothing, so a writer that slept
through its lease can do no harm.
"""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass

from graph_models.errors import StoreUnreachableError
from graph_models.stores.neo4j import cypher
from graph_models.stores.neo4j.connection import Transaction, rows
from graph_models.text import inert

__all__ = ["Lease"]

LEASE_SECONDS = 120.0
"""Longer than the slowest batch; a writer whose machine died blocks others for that long."""


@dataclass(frozen=True)
class Lease:
    """The right of one holder to write one store."""

    store: str
    holder: str
    seconds: float = LEASE_SECONDS

    @classmethod
    def of_this_process(cls, store: str, *, seconds: float = LEASE_SECONDS) -> Lease:
        """A lease whose holder names machine and process, for whoever must wait for it."""
        return cls(store, f"{_machine()}/{os.getpid()}/{secrets.token_hex(4)}", seconds)

    def take(self, tx: Transaction) -> None:
        """Take it; StoreUnreachableError naming the holder while another one has it.

        A holder on this machine whose process is gone is passed over at once.
        """
        before = rows(tx, cypher.HELD_BY, store=self.store)
        dead = [row["holder"] for row in before if row["holder"] and _is_dead(row["holder"])]
        told = rows(
            tx, cypher.LEASE, store=self.store, holder=self.holder, ours=[self.holder, *dead],
            lease=round(1000 * self.seconds),
        )[0]  # fmt: skip
        if not told["free"]:
            raise StoreUnreachableError(
                f"Another process is publishing: {inert(str(told['holder']))}.",
                where=self.store,
                fix=f"Try again when it is done, at the latest in {told['left'] / 1000:.0f} s.",
            )

    def hold(self, tx: Transaction) -> None:
        """Renew it; StoreUnreachableError when it was taken over."""
        lease = round(1000 * self.seconds)
        if not rows(tx, cypher.HOLD, store=self.store, holder=self.holder, lease=lease):
            raise StoreUnreachableError(
                "Another process took over the publishing.",
                where=self.store,
                fix="Nothing more was written here. See what it published, then try again.",
            )

    def release(self, tx: Transaction) -> None:
        """Give it back, unless it is another's already."""
        rows(tx, cypher.RELEASE, store=self.store, holder=self.holder)


def _machine() -> str:
    return socket.gethostname()


def _is_dead(holder: str) -> bool:
    machine, _, process = holder.partition("/")
    number = process.partition("/")[0]
    if machine != _machine() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
