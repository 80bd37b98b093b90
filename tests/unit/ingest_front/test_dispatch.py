"""Files that hold records of several makes: each goes to the mapping that knows it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from graph_models.errors import BadDataError
from ingest.formats.sampling import sample
from ingest.mapping.detect import detect_router, detection, settled
from ingest.mapping.dispatch import Router
from ingest.mapping.model import parse_mapping
from ingest.mapping.patterns import fits, knows, may_know, nearly_knows, surely_knows
from ingest.mapping.readers import read_shared
from ingest.mappings import load_mapping
from tests.unit.ingest_front.test_language import HEAD, LOGIN, ROW, TS

GATE = HEAD.replace("site.x", "site.gate") + (
    '[detect]\nany_of = [{ all = ["id", "user"], equals = { source = "gate" } }]\n' + LOGIN
)
HOOK = (
    HEAD.replace("site.x", "site.hook").replace('"login"', '"account"')
    + '[detect]\nany_of = [{ all = ["made"] }, { prefix = { type = ["person."] } }]\n'
    + '[input]\nunwrap = ["data[*]", "object"]\n'
    + '[fields]\naccount_id = { from = ["id"] }\ncreated_at = { from = ["made"] }\n'
)
HOOK2 = HOOK.replace("site.hook", "site.hook2").replace('"made"', '"born"').replace("person", "pet")
MAPPINGS = tuple(parse_mapping(text, where="test") for text in (GATE, HOOK, HOOK2))
LINES = [
    ROW | {"source": "gate"},
    {"id": "p1", "made": TS},
    {"type": "person.new", "object": {"id": "p2", "made": TS}},
    {"data": [{"id": "p3", "made": TS}, {"id": "b1", "born": TS}, {"id": "q"}, {"made": 5}]},
    {"whole": "other"},
    "{broken",
    ROW | {"source": "gate", "id": "l2", "ip": "no address"},
    {"type": "pet.new", "object": {"id": "b2", "born": "x"}},
]
# Of each mapping: records accepted, and why others were put aside. Line 4 holds four records.
WANTED = {
    "site.gate": (
        [1],
        [(6, "unknown_shape"), (8, "unknown_shape"), (9, "json_broken"), (10, "ip")],
    ),
    "site.hook": ([2, 3, 4], [(7, "missing")]),
    "site.hook2": ([5], [(11, "time_format")]),
}


def write(path: Path, rows: list) -> Path:
    texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(texts))
    return path


def outcomes(con, path: Path, now, router: Router) -> dict[str, tuple[list, list]]:
    found = {}
    for place, mapping in enumerate(router.mappings):
        reading = read_shared(con, path, router, chosen=place, now=now)
        rows = con.execute(f"SELECT row FROM {reading.accepted} ORDER BY 1").fetchall()
        bad = con.execute(f"SELECT row, code FROM {reading.rejected} ORDER BY 1").fetchall()
        found[mapping.id] = ([row for (row,) in rows], bad)
        assert reading.rows == len(rows) + len(bad)
    return found


def test_each_record_goes_to_the_mapping_that_knows_it(con, now, tmp_path) -> None:
    path = write(tmp_path / "x", LINES)
    assert outcomes(con, path, now, Router(MAPPINGS)) == WANTED


def test_the_order_of_lines_does_not_matter(con, now, tmp_path) -> None:
    forward = outcomes(con, write(tmp_path / "a", LINES), now, Router(MAPPINGS))
    back = outcomes(con, write(tmp_path / "b", LINES[::-1]), now, Router(MAPPINGS))
    for name, (rows, bad) in forward.items():
        assert len(back[name][0]) == len(rows)
        assert sorted(code for _, code in back[name][1]) == sorted(code for _, code in bad)


def test_records_that_are_nearly_known_name_the_column_they_lack(con, now, tmp_path) -> None:
    rows = [ROW | {"source": "gate"}] * 3 + [{"id": "l9", "source": "gate"}, {"id": "x"}]
    found = outcomes(con, write(tmp_path / "x", rows), now, Router(MAPPINGS[:1]))
    assert found["site.gate"][1] == [(4, "missing"), (5, "unknown_shape")]


def test_patterns() -> None:
    (pattern,) = MAPPINGS[0].detect
    record = {"id": None, "user": 1, "source": "gate"}
    assert fits(pattern, record)
    assert not fits(pattern, record | {"source": "gates"})
    assert not nearly_knows(MAPPINGS[0], record | {"source": "gates"})
    assert nearly_knows(MAPPINGS[0], {"id": 1, "source": "gate"})
    assert may_know(MAPPINGS[0], record)
    assert not surely_knows(MAPPINGS[0], record), "a value decides"
    assert surely_knows(MAPPINGS[1], {"made", "id"})
    assert not surely_knows(MAPPINGS[1], {"made", "data"}), "it may be an envelope"
    assert not may_know(MAPPINGS[1], {"id"})
    absent = parse_mapping(
        HEAD + '[detect]\nany_of = [{ all = ["id"], absent = ["ban", "meta.ban"] }]\n' + LOGIN,
        where="test",
    )
    assert knows(absent, {"id": 1, "ban": None, "meta": {}})
    assert not knows(absent, {"id": 1, "meta": '{"ban": 1}'})
    flag = absent.detect[0].__class__(equals=((absent.detect[0].all[0], ("true", "3002")),))
    assert fits(flag, {"id": True})
    assert fits(flag, {"id": 3002})
    with pytest.raises(ValueError, match="needs all"):
        absent.detect[0].__class__(absent=absent.detect[0].absent)


# ---- detection with the mappings that ship


def account(i: int) -> dict:
    return {"account_id": f"a{i}", "created_at": TS}


def test_a_file_of_two_canonical_kinds_is_read_by_both(con, now, tmp_path) -> None:
    login = {"login_id": "l", "ts": TS, "account_id": "a", "ip": "240.0.0.1"}
    path = write(tmp_path / "x", [account(1), login, account(2), {"foreign": 1}])
    router = detect_router(path)
    assert [mapping.id for mapping in router.mappings[:2]] == [
        "canonical.account",
        "canonical.login",
    ]
    first, second = (read_shared(con, path, router, chosen=i, now=now) for i in (0, 1))
    assert (first.rows, first.rejected_rows, second.rows) == (3, 1, 1)
    assert first.elsewhere == {1: 1}


def test_a_make_that_the_sample_missed_is_still_found(con, now, tmp_path) -> None:
    login = {"login_id": "l", "ts": TS, "account_id": "a", "ip": "240.0.0.1"}
    path = write(tmp_path / "x", [*map(account, range(3_000)), login, *map(account, range(3_000))])
    router = detect_router(path)
    reading = read_shared(con, path, router, now=now)
    assert reading.rows == 6_000
    ((place, rows),) = reading.elsewhere.items()
    assert (router.mappings[place].id, rows) == ("canonical.login", 1)


def test_a_file_that_is_mostly_foreign_is_refused_with_the_way_on(tmp_path) -> None:
    path = write(tmp_path / "x", [account(1), *({"x": i} for i in range(9))])
    with pytest.raises(BadDataError, match=r"canonical\.account \(10%\)") as caught:
        detect_router(path)
    assert "sources draft" in caught.value.fix


def test_a_site_mapping_stands_in_for_the_one_that_it_extends(tmp_path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[mapping]\nid = "site.account"\nversion = 1\nextends = "canonical.account"\n'
        '[fields]\norganisation = { from = ["firm"] }\n'
    )
    path = write(tmp_path / "x", [account(1) | {"firm": "f"}])
    site = (load_mapping(own),)
    assert detect_router(path).mappings[0].id == "canonical.account"
    router = detect_router(path, site=site)
    assert router.mappings[0].id == "site.account"
    assert "canonical.account" not in [mapping.id for mapping in router.mappings]


def test_rivals_are_weighed_by_a_dry_run_and_equal_ones_are_asked_about(tmp_path) -> None:
    def mapping(name: str, path: str):
        return parse_mapping(
            HEAD.replace("site.x", name) + '[detect]\nany_of = [{ all = ["id", "user"] }]\n'
            + LOGIN.replace('["ip"]', f'["{path}"]'),
            where="test",
        )  # fmt: skip

    path = write(tmp_path / "x", [ROW | {"addr": "no"}] * 4)
    good, bad = mapping("site.b", "ip"), mapping("site.a", "addr")
    found = settled(detection(path, among=(), site=(bad, good)))
    assert found is not None
    assert found.used == ["site.b"]
    assert settled(detection(path, among=(), site=(good, mapping("site.c", "ip")))) is None


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_sample_reaches_to_the_end_of_a_long_file(tmp_path, pack) -> None:
    early = (json.dumps({"early": "x" * 200}) + "\n").encode()
    late = (json.dumps({"late": "y" * 200}) + "\n").encode()
    path = tmp_path / "x"
    path.write_bytes(pack(early * 60_000 + late * 20_000))
    seen = sample(path)
    assert 200 < len(seen.records) <= 500
    assert set(seen.names) == {"early", "late"}
