"""The one memory setting: how much a process of the workbench may take.

Half of it is DuckDB's, which spills into the workspace beyond; the rest is for Arrow, numpy and
what the allocator holds on to.
"""

from __future__ import annotations

import ctypes
import os
import re
from contextlib import suppress

import pyarrow as pa

from graph_models.errors import UsageError

__all__ = [
    "DEFAULT", "SETTING", "database_limit", "give_back", "memory_bytes", "rows_at_a_time",
]  # fmt: skip

SETTING, DEFAULT = "WORKBENCH_MEMORY", "3GiB"
SMALLEST = 1 << 29  # bytes: below 512 MiB the libraries alone have no room
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,3})?)\s*([KMGT]?)(i?B?)", re.IGNORECASE)
# Bytes that a row takes while it is judged and packed, with what the allocator keeps: measured on
# exchanges with 24 filled columns.
_BYTES_OF_ROW = 3 << 10
_FEWEST, _MOST = 1 << 16, 1 << 20
_MMAP_THRESHOLD = (
    -3
)  # of mallopt(3): from which size on an array is mapped, and unmapped when freed
_LARGE = 4 << 20  # bytes; to map smaller ones costs more than it gives back


def memory_bytes() -> int:
    """The setting in bytes.

    Raises:
        UsageError: it is no size, or too small to work with.
    """
    text = os.environ.get(SETTING, DEFAULT).strip()
    found = _SIZE.fullmatch(text)
    if found is None:
        raise UsageError(
            f"{SETTING} is {text[:40]!r}, which is no size.", fix="Write a size such as 3GiB."
        )
    number, unit, rest = found.groups()
    unit = _UNITS[unit.upper()]
    if unit > 1 and rest.upper() == "B":  # 3GB are 3·10⁹ bytes, 3G and 3GiB 3·2³⁰
        unit = round(1000 ** ((unit.bit_length() - 1) / 10))
    size = int(float(number) * unit)
    if size < SMALLEST:
        raise UsageError(
            f"{SETTING} is {text[:40]!r}; that is too little to work with.",
            fix="Give at least 512MiB.",
        )
    return size


def database_limit() -> str:
    """What DuckDB gets of it, in its own words."""
    return f"{memory_bytes() // 2 >> 20}MiB"


def rows_at_a_time() -> int:
    """How many rows of a file are held at once; more make fewer, longer runs."""
    rows = memory_bytes() // _BYTES_OF_ROW
    return max(_FEWEST, min(_MOST, rows >> 16 << 16))


def give_back() -> None:
    """Have memory that is freed go back to the system.

    Arrow's own allocator keeps a quarter of a gigabyte after the files of a few months were read
    one by one, and the C library's keeps arrays below 32 MB: both would count as ours for good.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    with suppress(OSError, AttributeError):  # no GNU C library, no such setting
        ctypes.CDLL("libc.so.6").mallopt(_MMAP_THRESHOLD, _LARGE)
