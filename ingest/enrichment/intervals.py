"""Networks as disjoint intervals, so that many addresses find their longest prefix at once."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Networks", "Span"]

_WIDTH = {4: 4, 6: 16}
_FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
_TYPE = {4: ">u4", 6: "S16"}
# Big-endian bytes sort as the numbers do; numpy pads both sides of a comparison with zeros alike.


class Span(NamedTuple):
    """A network as its version (4 or 6), first address and last one."""

    version: int
    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> Span:
        """Read ``192.0.2.0/24`` or one address; bits below the prefix are set aside.

        By hand, because ``ipaddress`` takes twenty times as long and lists are long.
        """
        address, slash, length = text.partition("/")
        version = 6 if ":" in address else 4
        try:
            number = int.from_bytes(socket.inet_pton(_FAMILY[version], address), "big")
        except (OSError, ValueError):
            raise ValueError(f"{text!r} is no network.") from None
        bits = 8 * _WIDTH[version]
        if slash and not (length.isascii() and length.isdigit() and int(length) <= bits):
            raise ValueError(f"{text!r} has no prefix length of 0 to {bits}.")
        free = bits - int(length) if slash else 0
        first = number >> free << free
        return cls(version, first, first + (1 << free) - 1)


@dataclass(frozen=True, eq=False)
class _Family:
    """From ``points[i]`` to the next one, network number ``owner[i]`` holds, or none (-1)."""

    points: NDArray[np.generic]
    owner: NDArray[np.int64]

    def find(self, packed: NDArray[np.generic]) -> NDArray[np.int64]:
        """The number of the narrowest network around each address, or -1."""
        if not len(self.points):
            return np.full(len(packed), -1, dtype=np.int64)
        place = np.searchsorted(self.points, packed, side="right") - 1
        return np.where(place >= 0, self.owner[np.maximum(place, 0)], -1)


class Networks:
    """Distinct networks, numbered as given."""

    def __init__(self, networks: Sequence[Span]) -> None:
        self._families = {version: _family(networks, version) for version in _WIDTH}

    def find(self, addresses: Sequence[str]) -> NDArray[np.int64]:
        """The number of the narrowest network that holds each clean address, or -1: (n,)."""
        found = np.full(len(addresses), -1, dtype=np.int64)
        is_six = np.fromiter((":" in text for text in addresses), dtype=bool, count=len(addresses))
        for version, chosen in ((4, np.flatnonzero(~is_six)), (6, np.flatnonzero(is_six))):
            packed = b"".join(
                socket.inet_pton(_FAMILY[version], addresses[i]) for i in chosen.tolist()
            )
            values = np.frombuffer(packed, dtype=_TYPE[version])
            found[chosen] = self._families[version].find(values)
        return found


def _family(networks: Sequence[Span], version: int) -> _Family:
    width = _WIDTH[version]
    # Of two that start together the wider one comes first, and is then around the other.
    spans = sorted(
        (first, -last, number)
        for number, (own, first, last) in enumerate(networks)
        if own == version
    )
    changes = _changes([(first, -last, number) for first, last, number in spans])
    inside = [(point, owner) for point, owner in changes.items() if point < 1 << (8 * width)]
    packed = b"".join(point.to_bytes(width, "big") for point, _ in inside)
    owners = np.array([owner for _, owner in inside], dtype=np.int64)
    return _Family(np.frombuffer(packed, dtype=_TYPE[version]), owners)


def _changes(spans: Sequence[tuple[int, int, int]]) -> dict[int, int]:
    """Where the narrowest network changes → its number; ``spans`` are nested or apart, sorted."""
    found: dict[int, int] = {}
    around: list[tuple[int, int]] = []

    def leave(before: int | None) -> None:
        while around and (before is None or around[-1][0] < before):
            end, _ = around.pop()
            found[end + 1] = around[-1][1] if around else -1

    for start, end, number in spans:
        leave(start)
        found[start] = number
        around.append((end, number))
    leave(None)
    return found
