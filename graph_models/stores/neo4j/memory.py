"""How much memory a server of this machine takes: by how much it keeps."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Memory", "memory_for"]

LARGE_BYTES = 300_000_000
"""Some hundred thousand accounts: from here on questions gain more than a slower start costs."""


@dataclass(frozen=True)
class Memory:
    """Heap, cache of pages of the store, and Java's further options."""

    heap: str
    pages: str
    options: tuple[str, ...] = ()

    @property
    def java(self) -> tuple[str, ...]:
        """Java's options."""
        return (f"-Xms{self.heap}", f"-Xmx{self.heap}", *self.options)


# A quick start and little memory: for a desk of one, and for tests.
SMALL = Memory("512m", "128m", ("-XX:TieredStopAtLevel=1",))
# The store of a million accounts is 2.7 GB; its indexes and hot records fit into 1 GB.
LARGE = Memory("1g", "1g")


def memory_for(size: int) -> Memory:
    """For a store of so many bytes."""
    return LARGE if size >= LARGE_BYTES else SMALL
