"""Files that are no logs, told by their first bytes, each with what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["FOREIGN", "Foreign", "foreign_kind"]


@dataclass(frozen=True)
class Foreign:
    """``start`` is a pattern of the first bytes; ``what`` and ``fix`` are for the message."""

    start: bytes
    what: str
    fix: str


_ZIP = "Unpack it where it is safe to, and give the logs within; a workbook is saved as CSV."
_PACKED = "Recompress it with gzip or zstd."
_CODE = "It may run code when it is opened; export the data as Parquet."
_PARQUET = "Convert it to Parquet."
_LOG = "Give a log file."

# Patterns ask for more than a magic word where a CSV header might begin with it.
FOREIGN: tuple[Foreign, ...] = (
    Foreign(rb"\xff\xfe|\xfe\xff", "UTF-16 text", "Save it as UTF-8."),
    Foreign(
        rb"\x7fELF|MZ[^\n]{0,63}\x00|\xca\xfe\xba\xbe|[\xcf\xce]\xfa\xed\xfe|\x00asm",
        "a program",
        _LOG,
    ),
    Foreign(rb"#!", "a script", _LOG),
    Foreign(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)", "a ZIP archive (also .npz, .xlsx)", _ZIP),
    Foreign(
        rb"7z\xbc\xaf|Rar!\x1a|[^\x00]{1,100}\x00[\x00-\xff]{156,255}ustar", "an archive", _ZIP
    ),
    Foreign(rb"\x1f\x8b|\x28\xb5\x2f\xfd", "data that was packed twice", "Unpack it once."),
    Foreign(rb"BZh\d|\xfd7zXZ|\x04\x22\x4d\x18|\x5d\x00\x00", "a foreign compression", _PACKED),
    Foreign(
        rb"x[\x01\x5e\x9c\xda][\x00-\xff]*[\x80-\xff]", "zlib data, as joblib writes it", _CODE
    ),
    Foreign(
        rb"\x80[\x02-\x05]|[\]})(]q\x00|c[\w.]+\n[\w.]+\n[(]|\((?:dp|lp|i)\d*\n", "a pickle", _CODE
    ),
    Foreign(rb"\x93NUMPY", "a NumPy array", "Export the data as Parquet."),
    Foreign(rb"%PDF", "a PDF", "Export the data as CSV."),
    Foreign(rb"\xd0\xcf\x11\xe0", "an old Office document", "Export the data as CSV."),
    Foreign(rb"\x89(?:PNG|HDF)|\xff\xd8\xff|GIF8[79]a", "a picture or HDF5", _LOG),
    Foreign(rb"SQLite format 3\x00", "a database", "Export the table as CSV or Parquet."),
    Foreign(rb"ORC[^ -~\s]|ARROW1|FEA1|Obj\x01", "ORC, Arrow or Avro", _PARQUET),
    Foreign(rb"PARE", "an encrypted Parquet file", "Decrypt it."),
    Foreign(
        rb"(?:\xef\xbb\xbf)?\s*<", "HTML or XML", "Export the data as CSV, JSON lines or Parquet."
    ),
    Foreign(
        rb"(?:\xef\xbb\xbf)?(?:%YAML|---\s*\n|\w[\w.-]*:[ \t]*(?:[&!|>][^\n]*)?\n)",
        "YAML",
        "Write the records as JSON lines; a mapping is TOML.",
    ),
    Foreign(
        rb'(?:\xef\xbb\xbf)?\s*\{(?=[\x00-\xff]{0,2000}"id"\s*:\s*"bundle--)',
        "a STIX bundle",
        "Ingest reads logs; list what it says of infrastructure as canonical.indicator rows.",
    ),
)
_PATTERNS = tuple((re.compile(item.start), item) for item in FOREIGN)


def foreign_kind(head: bytes) -> Foreign | None:
    """What a file is by its first bytes when it is no log; None when it may be one."""
    return next((item for pattern, item in _PATTERNS if pattern.match(head)), None)
