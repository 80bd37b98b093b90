"""What a file is, by its bytes and never by its name: Parquet, CSV, JSON lines; packed or not.

Anything else is refused as a whole, with the way out. Decompression is capped while it streams, so
that a bomb ends early.
"""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from graph_models.errors import BadDataError, UsageError
from ingest.formats.magic import foreign_kind

__all__ = ["BLOCK", "FileForm", "blocks", "bomb", "open_decoded", "sniff", "unpacked_limit"]

BLOCK = 8 << 20
# Logs shrink 5- to 60-fold; text made only to burst shrinks 1,000-fold and more.
MAX_RATIO = 200
MAX_UNPACKED_GB = 64  # of one file, whatever its ratio: a day of a large provider is below
FREE_BYTES = 64 << 20  # decoded bytes below which the ratio does not matter
RATIO_SETTING, SIZE_SETTING = "WORKBENCH_MAX_RATIO", "WORKBENCH_MAX_UNPACKED_GB"

_COMPRESSIONS = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_RESERVED = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))}


@dataclass(frozen=True)
class FileForm:
    """``format`` is parquet, csv or jsonl; ``compression`` None, gzip or zstd."""

    format: str
    compression: str | None
    head: bytes


def check_name(path: Path) -> None:
    """Refuse names that another system would read as something else (B51)."""
    name = path.name
    bad = "\x00" in str(path) or name in ("", "..") or len(name.encode()) > 255
    if bad or name.split(".")[0].lower() in _RESERVED:
        raise BadDataError(
            "The file name is not usable.",
            where=ascii(str(path))[:120],
            fix="Give it a plain name without NUL, at most 255 bytes long.",
        )


def _setting(name: str, default: int) -> int:
    """A limit from the environment; UsageError when it is no whole number above zero."""
    given = os.environ.get(name)
    if given is None:
        return default
    if not given.isdecimal() or not int(given):
        raise UsageError(
            f"{name} is no whole number above zero.", fix=f"Unset it; the default is {default}."
        )
    return int(given)


def unpacked_limit(size: int) -> int:
    """Bytes that a file of ``size`` bytes may decode to (``docs/bad-input.md``)."""
    ratio = _setting(RATIO_SETTING, MAX_RATIO)
    return min(max(FREE_BYTES, ratio * size), _setting(SIZE_SETTING, MAX_UNPACKED_GB) << 30)


def bomb(path: Path, limit: int) -> BadDataError:
    """The refusal of a file that decodes to more than ``limit`` bytes."""
    return BadDataError(
        f"It decodes to {limit:,} bytes and more, as a decompression bomb does.",
        where=str(path),
        fix=f"If it is none, unpack or split it, or raise {RATIO_SETTING} or {SIZE_SETTING}.",
    )


@dataclass(frozen=True)
class Decoded:
    """A stream of decompressed bytes; ``consumed`` says how many packed ones it has taken."""

    read: Callable[[int], bytes]
    consumed: Callable[[], int]


@contextmanager
def open_decoded(path: Path, compression: str | None) -> Iterator[Decoded]:
    """A file as a stream of its decompressed bytes."""
    with path.open("rb") as raw:
        if compression == "gzip":
            with gzip.GzipFile(fileobj=raw) as unzipped:
                yield Decoded(unzipped.read, raw.tell)
        elif compression == "zstd":
            with pa.CompressedInputStream(pa.PythonFile(raw), "zstd") as stream:
                yield Decoded(stream.read, raw.tell)
        else:
            yield Decoded(raw.read, raw.tell)


def blocks(path: Path, compression: str | None, *, size: int = BLOCK) -> Iterator[bytes]:
    """The decompressed bytes of a file, block by block.

    What was taken so far is the measure of what may have come of it, so that a bomb ends early.

    Raises:
        BadDataError: the compressed data is damaged, cut short, or a bomb.
    """
    total = 0
    try:
        with open_decoded(path, compression) as stream:
            while block := stream.read(size):
                total += len(block)
                if compression and total > unpacked_limit(stream.consumed()):
                    raise bomb(path, total)
                yield block
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        raise BadDataError(
            f"The file cannot be read to its end; it stops after {total:,} bytes.",
            where=str(path),
            fix=f"Copy it again. The system says: {str(error)[:200]}.",
        ) from error


def sniff(path: Path) -> FileForm:
    """Tell what a file is.

    Raises:
        BadDataError: it is empty, of a foreign kind, or its name is not usable.
    """
    check_name(path)
    if not path.is_file():
        raise BadDataError("There is no such file.", where=str(path), fix="Check the path.")
    with path.open("rb") as file:
        start = file.read(8)
    compression = next((name for magic, name in _COMPRESSIONS if start.startswith(magic)), None)
    head = next(blocks(path, compression, size=1 << 16), b"")
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise BadDataError("The file is empty.", where=str(path), fix="Nothing was loaded.")
    if head.startswith(b"PAR1"):
        return FileForm("parquet", compression, head)
    _refuse_foreign(path, head)
    return FileForm(_text_format(path, head), compression, head)


def _refuse_foreign(path: Path, head: bytes) -> None:
    kind = foreign_kind(head)
    if kind is not None:
        raise BadDataError(f"This is {kind.what}, no log file.", where=str(path), fix=kind.fix)
    if head[:256].count(0) > len(head[:256]) // 4:
        raise BadDataError(
            "This is UTF-16 or binary data, no log file.", where=str(path), fix="Save it as UTF-8."
        )


def _text_format(path: Path, head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"["):
        raise BadDataError(
            "This is one JSON array; one JSON object a line is expected.",
            where=str(path),
            fix="Convert it with: jq -c '.[]' FILE > FILE.jsonl",
        )
    if re.match(rb"\{[ \t]*\r?\n", text):
        raise BadDataError(
            "This is JSON over several lines; one JSON object a line is expected.",
            where=str(path),
            fix="Convert it with: jq -c . FILE > FILE.jsonl",
        )
    return "jsonl" if text.startswith(b"{") else "csv"
