"""What a file is, by its bytes and never by its name: Parquet, CSV, JSON lines; packed or not.

Anything else is refused as a whole, with the way out. Decompression is capped while it streams, so
that a bomb ends early.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import pyarrow as pa

from graph_models.errors import BadDataError

__all__ = ["BLOCK", "FileForm", "blocks", "open_decoded", "sniff"]

BLOCK = 8 << 20
# Logs shrink 5- to 60-fold; text made only to burst shrinks 1,000-fold and more.
MAX_RATIO = 200
FREE_BYTES = 64 << 20  # decoded bytes below which the ratio does not matter

_COMPRESSIONS = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_REFUSED = (
    (b"\xff\xfe", "UTF-16 text", "Save it as UTF-8."),
    (b"\xfe\xff", "UTF-16 text", "Save it as UTF-8."),
    (b"\x7fELF", "a program", "Give a log file."),
    (b"MZ", "a program", "Give a log file."),
    (b"PK\x03\x04", "a ZIP archive or a workbook", "Unpack it, or save the sheet as CSV."),
    (b"%PDF", "a PDF", "Export the data as CSV."),
    (b"SQLite format 3", "a database", "Export the table as CSV or Parquet."),
    (b"BZh", "bzip2", "Recompress it with gzip or zstd."),
    (b"\xfd7zXZ", "xz", "Recompress it with gzip or zstd."),
    (b"\x93NUMPY", "a NumPy array", "Export the data as Parquet."),
    (b"\x80\x02", "a pickle", "A pickle may run code; export the data as Parquet."),
    (b"\x80\x03", "a pickle", "A pickle may run code; export the data as Parquet."),
    (b"\x80\x04", "a pickle", "A pickle may run code; export the data as Parquet."),
    (b"\x80\x05", "a pickle", "A pickle may run code; export the data as Parquet."),
    (b"ORC", "ORC", "Convert it to Parquet."),
    (b"ARROW1", "an Arrow file", "Convert it to Parquet."),
    (b"Obj\x01", "Avro", "Convert it to Parquet."),
)
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


@contextmanager
def open_decoded(path: Path, compression: str | None) -> Iterator[IO[bytes]]:
    """A file as a stream of its decompressed bytes."""
    if compression == "gzip":
        with gzip.open(path, "rb") as stream:
            yield cast("IO[bytes]", stream)
    elif compression == "zstd":
        with pa.input_stream(str(path), compression="zstd") as stream:
            yield cast("IO[bytes]", stream)
    else:
        with path.open("rb") as plain:
            yield plain


def blocks(path: Path, compression: str | None, *, size: int = BLOCK) -> Iterator[bytes]:
    """The decompressed bytes of a file, block by block.

    Raises:
        BadDataError: the compressed data is damaged, cut short, or a bomb.
    """
    limit = max(FREE_BYTES, MAX_RATIO * path.stat().st_size)
    total = 0
    try:
        with open_decoded(path, compression) as stream:
            while block := stream.read(size):
                total += len(block)
                if compression and total > limit:
                    raise BadDataError(
                        f"It decompresses to over {MAX_RATIO} times its size.",
                        where=str(path),
                        fix="This looks like a decompression bomb. If it is not, unpack it first.",
                    )
                yield block
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        raise BadDataError(
            "The file cannot be read to its end.", where=str(path), fix=str(error)[:200]
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
    for magic, what, fix in _REFUSED:
        if head.startswith(magic):
            raise BadDataError(f"This is {what}, no log file.", where=str(path), fix=fix)
    if head.startswith(b"PARE"):
        raise BadDataError("The Parquet file is encrypted.", where=str(path), fix="Decrypt it.")
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
    if text.startswith(b"<"):
        raise BadDataError(
            "This is HTML or XML, no log file.",
            where=str(path),
            fix="Export the data as CSV, JSON lines or Parquet.",
        )
    return "jsonl" if text.startswith(b"{") else "csv"
