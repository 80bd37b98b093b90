"""The members of JSON records: how often each name occurs, and whether one occurs twice."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["MAX_NAMED", "OTHER_NAMES", "Members", "repeats_a_key"]

MAX_NAMED = 2_000  # names that are counted one by one
MAX_NAME = 200  # characters of a name that are kept
MAX_REMEMBERED = 200_000  # names of all makes of record together: bounds memory at ~20 MB
OTHER_NAMES = "(other names)"


@dataclass
class Members:
    """Counts top-level names; a record is parsed once for each make (names and their order)."""

    counts: Counter[str] = field(default_factory=Counter)
    _makes: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _remembered: int = 0

    def count(self, lines: pa.StringArray, shapes: NDArray[np.int64]) -> None:
        """Count the names of some records; ``shapes`` tells their makes apart."""
        distinct, first, counts = np.unique(shapes, return_index=True, return_counts=True)
        for shape, index, count in zip(distinct, first, counts, strict=True):
            names = self._makes.get(int(shape))
            if names is None:
                names = self._remember(int(shape), _names_of(lines[int(index)].as_py()))
            for name in names:
                known = name in self.counts or len(self.counts) < MAX_NAMED
                self.counts[name if known else OTHER_NAMES] += int(count)

    def _remember(self, shape: int, names: tuple[str, ...]) -> tuple[str, ...]:
        if self._remembered + len(names) <= MAX_REMEMBERED:
            self._makes[shape] = names
            self._remembered += len(names)
        return names


def _names_of(line: str) -> tuple[str, ...]:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return ()
    if not isinstance(record, dict):
        return ()
    return tuple(name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…" for name in record)


class _TwiceError(Exception):
    """A name that an object has twice."""


def _told_apart(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise _TwiceError


def repeats_a_key(line: bytes) -> bool:
    """Whether an object of a line, at any depth, has one key twice, however it is spelled."""
    try:
        json.loads(line, object_pairs_hook=_told_apart)
    except _TwiceError:
        return True
    except ValueError:  # no JSON: the reader says so
        return False
    return False
