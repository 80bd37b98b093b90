"""The one way in which this package compiles a loop: cached on disk, and without the GIL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

__all__ = ["compiled", "mix"]

F = TypeVar("F", bound=Callable[..., Any])

S27, S30, S31 = np.uint64(27), np.uint64(30), np.uint64(31)
M1, M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def compiled(function: F) -> F:
    """Compile ``function`` with numba; mypy keeps seeing its Python signature.

    A cached kernel is rebuilt when *its own* file changes, so a kernel and all that it calls stand
    in one file. Shared are only ``mix`` and the constants of ``shapes``: who changes those also
    changes what is stored, and has to touch ``tokens``, ``shingles`` and ``joins``.
    """
    return cast("F", numba.njit(cache=True, nogil=True)(function))


@compiled
def mix(h: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection over 64 bits."""
    h = (h ^ (h >> S30)) * M1
    h = (h ^ (h >> S27)) * M2
    return h ^ (h >> S31)
