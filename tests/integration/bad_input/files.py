"""B01 to B04, B12 to B24 and B51 to B60: files that are refused as a whole, and their kin."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.integration.bad_input.case import GOOD, TS, Case, Expect, content, file_case, written

__all__ = ["CASES"]

_HEAD = "account_id,created_at,organisation,country\n"
_ROW = f"a1,{TS},Acme,DE\n"
_CSV = _HEAD + _ROW
_LINE = json.dumps(GOOD["account"])
_PARQUET = written([GOOD["account"]] * 50, "parquet")


def _refused(word: str) -> Expect:
    return Expect(refused=word)


def _zip(names: dict[str, bytes], *, link: bool = False, encrypted: bool = False) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in names.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o120777 << 16 if link else 0
            archive.writestr(info, data)
    data = bytearray(buffer.getvalue())
    if encrypted:
        data[6] |= 1
    return bytes(data)


def _table(columns: dict[str, list]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def _twice_named() -> bytes:
    buffer = io.BytesIO()
    columns = [pa.array(["a1"]), pa.array([TS]), pa.array(["x"])]
    pq.write_table(pa.table(columns, names=["account_id", "created_at", "account_id"]), buffer)
    return buffer.getvalue()


def _npz() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, x=np.array([{"a": 1}], dtype=object))
    return buffer.getvalue()


def _linked(folder: Path) -> list[Path]:
    outside, inside = folder / "outside", folder / "logs"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.csv").write_text(_CSV)
    (inside / "here.csv").write_text(_CSV.replace("a1", "a2"))
    (inside / "link.csv").symlink_to(outside / "secret.csv")
    (inside / "same.csv").symlink_to(inside / "here.csv")
    return [inside]


def _named(name: str) -> Case:
    return file_case(f"B51-{ascii(name)[:12]}", content(_CSV, name), _refused("name is not usable"))


def _odd_names(folder: Path) -> list[Path]:
    for number, name in enumerate(
        ("\x1b[31mred.csv", "\u202ecsv.exe", "a\nb.csv", "é.csv", "=1.csv")
    ):
        content(_CSV.replace("a1", f"a{number}"), name)(folder)
    return [folder]


_GRAPHML = (
    '<?xml version="1.0"?><!DOCTYPE g [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">'
    '<!ENTITY x SYSTEM "file:///etc/passwd">]><graphml>&b;&x;</graphml>'
)
_YAML = "a: &a [x, x]\nb: &b [*a, *a]\nc: !!python/object/apply:os.system ['true']\n"
_STIX = {
    "type": "bundle",
    "id": "bundle--11111111-1111-4111-8111-111111111111",
    "objects": [{"type": "x-unknown", "object_marking_refs": ["marking-definition--gone"]}],
}

CASES: tuple[Case, ...] = (
    file_case("B01", b"", _refused("empty")),
    file_case("B01-blank", b"\xef\xbb\xbf\n \r\n", _refused("empty")),
    file_case("B01-gz", gzip.compress(b""), _refused("empty")),
    file_case("B02-csv", _HEAD, Expect(warned="no rows")),
    file_case(
        "B02-parquet",
        _table({"account_id": pa.array([], pa.string()), "created_at": pa.array([], pa.string())}),
        Expect(warned="no rows"),
    ),
    file_case("B03-csv", b"\xef\xbb\xbf" + _CSV.encode(), Expect(loaded=1)),
    file_case("B03-jsonl", b"\xef\xbb\xbf" + _LINE.encode(), Expect(loaded=1)),
    *(
        file_case(f"B04-{codec}", _CSV.encode(codec), _refused("UTF-8"))
        for codec in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")
    ),
    file_case("B12", f'{_CSV}a2,{TS},"Acme,DE\n{_ROW * 3}', _refused("line 3")),
    file_case("B12-last", f'{_CSV}a2,{TS},"Acm', Expect(loaded=1, why=((2, "", "quote"),))),
    *(
        file_case(
            f"B16-{name!a}",
            f"account_id,created_at,country,{name}\na,{TS},DE,DE\n",
            _refused("twice"),
        )
        for name in ("country", "COUNTRY", " country")
    ),
    file_case("B16-parquet", _twice_named(), _refused("twice")),
    *(
        file_case(f"B17-{sign!a}", _CSV.replace(",", sign), _refused("parted by"))
        for sign in ";\t|"
    ),
    file_case(
        "B18-csv", ",".join(f"c{n}" for n in range(100_000)) + "\n1\n", _refused("100,000 columns")
    ),
    file_case(
        "B18-million",
        ",".join(f"c{n}" for n in range(1_000_000)) + "\n1\n",
        _refused("1,000,000 columns"),
    ),
    file_case(
        "B18-parquet", _table({f"c{n}": [1] for n in range(10_001)}), _refused("10,001 columns")
    ),
    file_case("B24", json.dumps([GOOD["account"]]), _refused("array")),
    file_case("B24-spread", json.dumps(GOOD["account"], indent=1), _refused("several lines")),
    _named("con.csv"),
    _named("LPT1.jsonl"),
    Case(
        "B51-traversal",
        lambda folder: [folder / ".." / ".." / "x.csv"],
        Expect(usage="no such file"),
    ),
    Case("B51-absolute", lambda _: [Path("/nowhere/x.csv")], Expect(usage="no such file")),
    Case("B51-unc", lambda _: [Path(r"\\server\share\x.csv")], Expect(usage="no such file")),
    Case("B51-long", lambda folder: [folder / ("n" * 300)], Expect(usage="no such file")),
    Case("B51-odd", _odd_names, Expect(loaded=5)),
    Case("S10-link", _linked, Expect(loaded=1, refused="link")),
    file_case("B52-slip", _zip({"../../x.csv": _CSV.encode()}), _refused("ZIP")),
    file_case("B52-link", _zip({"x.csv": b"/etc/passwd"}, link=True), _refused("ZIP")),
    file_case("B52-nested", _zip({"x.zip": _zip({"x.csv": _CSV.encode()})}), _refused("ZIP")),
    file_case("B52-encrypted", _zip({"x.csv": _CSV.encode()}, encrypted=True), _refused("ZIP")),
    file_case("B52-empty", _zip({}), _refused("ZIP")),
    file_case("B54-html", content("<!doctype html><html>" + _CSV, "x.csv"), _refused("HTML")),
    file_case(
        "B54-elf", content(b"\x7fELF\x02\x01\x01" + bytes(64), "x.parquet"), _refused("program")
    ),
    file_case("B54-png", content(b"\x89PNG\r\n\x1a\n" + bytes(64), "x.jsonl"), _refused("picture")),
    file_case("B54-pdf", content("%PDF-1.7\n", "x.csv"), _refused("PDF")),
    file_case("B54-csv", content(_CSV, "x.parquet"), Expect(loaded=1)),
    file_case("B54-parquet", content(_PARQUET, "x.csv"), Expect(loaded=1, duplicate=49)),
    file_case(
        "B55-types",
        _table({"account_id": [1, 2], "created_at": [TS, TS], "country": [[1], None]}),
        Expect(loaded=1, why=((1, "country", "country"),)),
    ),
    file_case("B55-column", _table({"account_id": ["a1"]}), _refused("created_at|No mapping")),
    file_case("B55-footer", _PARQUET[:-8] + b"\xff\xff\xff\x7fPAR1", _refused("Parquet")),
    file_case("B55-page", _PARQUET[:4] + b"\xff" * 60 + _PARQUET[64:], _refused("Parquet|page")),
    file_case("B55-cut", _PARQUET[:-100], _refused("Parquet")),
    file_case("B55-encrypted", b"PARE" + _PARQUET[4:], _refused("encrypted")),
    *(
        file_case(
            f"B56-pickle-{n}",
            content(pickle.dumps({"account_id": "a1"}, n), "x.csv"),
            _refused("pickle"),
        )
        for n in range(6)
    ),
    file_case("B56-code", b"cos\nsystem\n(S'true'\ntR.", _refused("pickle")),
    file_case(
        "B56-gz", content(gzip.compress(pickle.dumps({"a": 1})), "x.jsonl.gz"), _refused("pickle")
    ),
    file_case(
        "B56-joblib",
        content(zlib.compress(pickle.dumps(list(range(99)))), "x.joblib"),
        _refused("joblib"),
    ),
    file_case("B56-npz", content(_npz(), "x.parquet"), _refused("npz")),
    file_case("B57", content(_YAML, "x.csv"), _refused("YAML|No mapping")),
    file_case("B57-marked", "---\n" + _YAML, _refused("YAML")),
    file_case("B58", content(_GRAPHML, "x.graphml"), _refused("XML")),
    file_case("B59", json.dumps(_STIX), _refused("STIX")),
    file_case("B59-spread", json.dumps(_STIX, indent=1), _refused("STIX")),
    file_case("B60", json.dumps({**_STIX, "signature": "unknown key"}), _refused("STIX")),
)
