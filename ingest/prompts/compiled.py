"""The one way in which this package compiles a loop: cached on disk, and without the GIL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

__all__ = ["compiled"]

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile ``function`` with numba; mypy keeps seeing its Python signature.

    A cached kernel is rebuilt when *its own* file changes, so a kernel and all that it calls
    stand in one file.
    """
    return cast("F", numba.njit(cache=True, nogil=True)(function))
