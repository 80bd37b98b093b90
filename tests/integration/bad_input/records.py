"""B05 to B23: records that cannot be told or read, in files that otherwise can."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq

from tests.integration.bad_input.case import GOOD, TS, Case, Expect, file_case, rows_case, written

__all__ = ["CASES"]

_HEAD = "account_id,created_at,organisation,country\n"
_ROW = f"{{}},{TS},Acme,DE\n"
_LINE = '{"account_id": "%s", "created_at": "' + TS + '"}'
_A, _B = _ROW.format("a1"), _ROW.format("a2")
_MEGABYTE = 1 << 20


def _bytes_in(name: str, wrong: bytes) -> list[Case]:
    """A row with bytes that are no UTF-8, in every format."""
    place = Expect(loaded=2, why=((2, "", "encoding"),))
    csv = f"{_HEAD}{_A}".encode() + b"x," + TS.encode() + b"," + wrong + b",DE\n" + _B.encode()
    line = (_LINE % "x").encode().replace(b"x", wrong, 1)
    lines = b"\n".join(((_LINE % "a1").encode(), line, (_LINE % "a2").encode()))
    ids = pa.array([b"a1", wrong, b"a2"], pa.binary()).buffers()
    text = pa.StringArray.from_buffers(3, ids[1], ids[2])
    table = io.BytesIO()
    pq.write_table(pa.table({"account_id": text, "created_at": [TS] * 3}), table)
    return [
        file_case(f"{name}-csv", csv, place),
        file_case(f"{name}-jsonl", lines, place),
        file_case(f"{name}-parquet", table.getvalue(), place),
    ]


def _json(name: str, line: str, code: str, column: str = "") -> Case:
    """A JSON line between two good ones."""
    text = "\n".join((_LINE % "a1", line.replace("@", TS), _LINE % "a2"))
    return file_case(name, text, Expect(loaded=2, why=((2, column, code),)))


def _csv(name: str, body: str, *why: tuple[int, str, str], loaded: int = 2) -> Case:
    return file_case(name, _HEAD + body, Expect(loaded=loaded, why=why))


_OPEN = '{"account_id": "x", "created_at": "@"'
_NESTED = '{"k": 1, "k": 2}'
_ALIKE = json.dumps(
    {
        "account_id": "a2",
        "created_at": TS,
        "x": [{"k": 1}, {"k": 2}],
        "y": {"x": 1, "account_id": 2},
    }
)
_DEEP = '{"a":' * 5_000 + "1" + "}" * 5_000
_WIDE = "{" + ", ".join(f'"k{n}": 1' for n in range(20_000)) + "}"

CASES: tuple[Case, ...] = (
    *_bytes_in("B05", b"\xff\xfe"),
    *_bytes_in("B06", b"\xc0\xaf"),
    *_bytes_in("B05-cut", b"\xe2\x82"),
    _json("B07", r'{"account_id": "\ud800", "created_at": "@"}', "json_broken"),
    _csv("B08-csv", f"{_A}a\x003,{TS},,\n{_B}", (2, "", "nul_byte")),
    _json("B08-jsonl", r'{"account_id": "a\u0000", "created_at": "@"}', "nul", "account_id"),
    rows_case(
        "B08",
        "account",
        [({"organisation": "a\0b"}, ("organisation", "nul"))],
        formats=("parquet",),
    ),
    rows_case(
        "B09",
        "account",
        [
            ({"organisation": "\x1b[31mred\x07\x0b\x9b"}, None),
            ({"country": "\x1b]0;x\x07\x9b\x0b"}, ("country", "country")),
        ],
    ),
    _csv("B10-crlf", (_A + _B).replace("\n", "\r\n")),
    file_case("B10-cr", (_HEAD + _A + _B).replace("\n", "\r"), Expect(loaded=2)),
    file_case("B10-mixed", f"{_HEAD[:-1]}\r\n{_A[:-1]}\r{_B}", Expect(loaded=2)),
    file_case("B10-crlf-jsonl", "\r\n".join((_LINE % "a1", _LINE % "a2")), Expect(loaded=2)),
    file_case("B10-cr-jsonl", "\r".join((_LINE % "a1", _LINE % "a2")), Expect(loaded=2)),
    _csv("B11-csv", (_A + _B)[:-1]),
    _csv("B11-cut-csv", _A + _B + f"a3,{TS}", (3, "", "columns")),
    file_case(
        "B11-cut-jsonl",
        f"{_LINE % 'a1'}\n{(_LINE % 'a2')[:-5]}",
        Expect(loaded=1, why=((2, "", "json_broken"),)),
    ),
    _csv("B13-csv", f"{_A}x,{TS},{'x' * _MEGABYTE},\n{_B}", (2, "", "line_too_long")),
    _json("B13-jsonl", f'{_OPEN}, "x": "{"x" * _MEGABYTE}"}}', "line_too_long"),
    rows_case(
        "B13-B14",
        "account",
        [({"organisation": "x" * (_MEGABYTE + 1)}, ("organisation", "too_long"))],
        formats=("parquet",),
    ),
    rows_case(
        "B14",
        "account",
        [
            ({"organisation": "x" * 131_073}, ("organisation", "too_long")),
            ({"organisation": "x" * 131_072}, None),
        ],
    ),
    _csv("B15", f"{_A}a3,{TS},x\na4,{TS},x,DE,more\n{_B}", (2, "", "columns"), (3, "", "columns")),
    _json("B18-jsonl", f"{_OPEN}, {_WIDE[1:]}", "json_wide"),
    _json("B19", f'{_OPEN}, "account_id": "y"}}', "json_keys"),
    _json("B19-nested", f'{_OPEN}, "x": {_NESTED}}}', "json_keys"),
    _json("B19-in-list", f'{_OPEN}, "x": [{{"y": [{_NESTED}]}}]}}', "json_keys"),
    _json("B19-spelled", _OPEN + r', "account_\u0069d": "y"}', "json_keys"),
    file_case("B19-benign", f"{_LINE % 'a1'}\n{_ALIKE}", Expect(loaded=2)),
    _json("B20", f'{_OPEN}, "x": {"[" * 70}{"]" * 70}}}', "json_depth"),
    _json("B20-deep", f'{_OPEN}, "x": {"[" * 100_000}{"]" * 100_000}}}', "json_depth"),
    _json("B20-objects", f'{_OPEN}, "x": {_DEEP}}}', "json_depth"),
    _json("B21-nan", f'{_OPEN}, "x": NaN}}', "json_number"),
    _json("B21-infinity", f'{_OPEN}, "x": [-Infinity]}}', "json_number"),
    file_case(
        "B21-huge",
        written([GOOD["exchange"]], "jsonl").decode()
        + f'{{"exchange_id": "x", "ts": "{TS}", "account_id": "a", "temperature": 1e999}}',
        Expect(loaded=1, why=((2, "temperature", "decimal"),)),
    ),
    _json("B23-comma", f"{_OPEN},}}", "json_broken"),
    _json("B23-list-comma", f'{_OPEN}, "x": [1, ]}}', "json_broken"),
    _json("B23-comment", f"{_OPEN}}} // who", "json_broken"),
    _json("B23-quotes", "{'account_id': 'x', 'created_at': '@'}", "json_broken"),
    _json("B23-two", f"{_OPEN}}}{_OPEN}}}", "json_broken"),
    _json("B23-list", '["x", "@"]', "json_shape"),
    _json("B23-text", '"@"', "json_shape"),
    file_case(
        "B23-benign", json.dumps({"account_id": "NaN ,] } //", "created_at": TS}), Expect(loaded=1)
    ),
)
