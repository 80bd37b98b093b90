"""What the pages of a Parquet file say of their own size.

The footer is only a claim; the header of a page is what a reader allocates by and then checks. Read
here (Thrift compact protocol, parquet-format 2.11 ``PageHeader``) without unpacking anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["Page", "pages"]

SHORT, HEADER = 1 << 9, 1 << 16  # bytes: nearly all page headers, and those of long statistics
DICTIONARY = 2  # of the enum PageType
_SIZE, _PACKED, _KIND = 2, 3, 1  # fields of PageHeader
_COUNTED = (5, 7, 8)  # data page, dictionary page, data page of version 2: each begins with a count
# Types of the compact protocol.
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)
_DEPTH = 8  # of nested structs; a page header has 3


@dataclass(frozen=True)
class Page:
    """Bytes once unpacked, and values, of one page."""

    size: int
    values: int
    dictionary: bool


class _Compact:
    """A reader of the compact protocol; ValueError or IndexError where the bytes are none."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def _varint(self) -> int:
        value, shift = 0, 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("a number is too long")

    def _integer(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)

    def struct(self, depth: int = 0) -> dict[int, int | dict[int, object] | None]:
        """Integers and structs of a struct by field number; other values are passed over."""
        found: dict[int, int | dict[int, object] | None] = {}
        number = 0
        if depth > _DEPTH:
            raise ValueError("nested too deep")
        while True:
            byte = self.data[self.at]
            self.at += 1
            if not byte:
                return found
            number = number + (byte >> 4) if byte >> 4 else self._integer()
            found[number] = self._value(byte & 15, depth)

    def _value(self, kind: int, depth: int) -> int | dict[int, object] | None:
        if kind in (_I16, _I32, _I64):
            return self._integer()
        if kind == _STRUCT:
            return dict(self.struct(depth + 1))
        if kind in (_TRUE, _FALSE):
            return None
        if kind in (_BYTE, _DOUBLE, _BINARY):
            length = {_BYTE: 1, _DOUBLE: 8}.get(kind) or self._varint()
            self.at += length
            return None
        raise ValueError("no page header has such a value")


def _page(data: bytes) -> tuple[Page, int]:
    """A page, and how many bytes it and its header take."""
    reader = _Compact(data)
    fields = reader.struct()
    size, packed = fields.get(_SIZE), fields.get(_PACKED)
    counted = next((fields[field] for field in _COUNTED if field in fields), {1: 0})
    values = counted.get(1) if isinstance(counted, dict) else None
    if not (isinstance(size, int) and isinstance(packed, int) and isinstance(values, int)):
        raise ValueError("a page header lacks its sizes")
    if min(size, packed, values) < 0:
        raise ValueError("a page header has a size below zero")
    return Page(size, values, fields.get(_KIND) == DICTIONARY), reader.at + packed


def _read(file: BinaryIO, at: int) -> tuple[Page, int]:
    for size in (SHORT, HEADER):
        file.seek(at)
        try:
            return _page(file.read(size))
        except IndexError:
            if size == HEADER:
                raise
    raise AssertionError("not reached")


def pages(file: BinaryIO, chunk: pq.ColumnChunkMetaData) -> Iterator[Page]:
    """The pages of a column chunk, by their own headers.

    Raises:
        pa.ArrowInvalid: the bytes are no page headers.
    """
    at = chunk.data_page_offset
    if chunk.has_dictionary_page and chunk.dictionary_page_offset:
        at = min(at, chunk.dictionary_page_offset)
    end = at + chunk.total_compressed_size if chunk.num_values else at
    while at < end:
        try:
            page, step = _read(file, at)
        except (ValueError, IndexError) as error:
            raise pa.ArrowInvalid(f"A page header is damaged: {error}.") from error
        yield page
        at += step
