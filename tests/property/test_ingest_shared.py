"""Files of several makes and records of several kinds: every record once, whatever the order."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

TS = "2026-01-01T00:00:00Z"
SITE = """
[mapping]
id = "site.gate"
version = 1
emits = "login"
[detect]
any_of = [{ all = ["gate"] }]
[input]
unwrap = ["items[*]"]
[fields]
login_id = { from = ["gate"] }
ts = { from = ["ts"] }
account_id = { from = ["user"] }
ip = { from = ["ip"] }
[[also]]
emits = "device_sighting"
[also.fields]
sighting_id = { from = ["gate"] }
ts = { from = ["ts"] }
account_id = { from = ["user"] }
device_fingerprint = { from = ["device"] }
ip = { from = ["ip2"] }
"""
# What a record is, and what must become of it when it is the first with its id.
MAKES: dict[str, dict[str, Any]] = {
    "account": {"account_id": "a{}", "created_at": TS},
    "login": {"gate": "g{}", "ts": TS, "user": "a1", "ip": "240.0.0.1"},
    "seen": {"gate": "g{}", "ts": TS, "user": "a1", "ip": "240.0.0.1", "device": "d1"},
    "bad": {"gate": "g{}", "ts": "yesterday", "user": "a1", "ip": "240.0.0.1"},
    "bad also": {
        "gate": "g{}", "ts": TS, "user": "a1", "ip": "240.0.0.1", "device": "d1", "ip2": "x",
    },
    "foreign": {"other": "{}"},
}  # fmt: skip
SETTINGS = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # shrinking takes minutes where a file is read
    suppress_health_check=list(HealthCheck),
)
LOADED = {"account": {"account"}, "login": {"login"}, "seen": {"login", "device_sighting"}}
records = st.tuples(st.sampled_from(sorted(MAKES)), st.integers(0, 4))
# A line is one record, or an envelope of records that one vendor writes.
lines = st.lists(
    st.tuples(st.booleans(), st.lists(records, min_size=1, max_size=3)), min_size=1, max_size=12
)


def record_of(make: str, number: int) -> dict[str, str]:
    return {key: value.format(number) for key, value in MAKES[make].items()}


def written(path: Path, piles: list[tuple[bool, list[tuple[str, int]]]]) -> list[tuple[str, int]]:
    """Write the lines, with one login and one account before them; returns what they hold."""
    texts, held = [], [("login", 9), ("account", 9)]
    texts += [json.dumps(record_of(*item)) for item in held]
    for wrapped, items in piles:
        if wrapped and items[0][0] not in ("account", "foreign"):
            texts.append(json.dumps({"items": [record_of(*item) for item in items]}))
            held += items
        else:
            texts.append(json.dumps(record_of(*items[0])))
            held.append(items[0])
    path.write_text("\n".join(texts))
    return held


def desk_at(folder: Path) -> Workspace:
    desk = Workspace.open(folder / "desk")
    (folder / "desk" / "mappings").mkdir()
    (folder / "desk" / "mappings" / "gate.toml").write_text(SITE)
    return desk


@settings(SETTINGS, max_examples=6)
@given(piles=lines)
def test_the_packages_of_a_file_add_up_to_its_records(piles) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        desk, path = desk_at(folder), folder / "mixed.jsonl"
        held = written(path, piles)
        good = [(make, number) for make, number in held if make in LOADED]
        if len(good) * 2 < len(held):
            return  # a file that is mostly foreign is refused
        report = logs.load(desk, path)
        assert not report.refused
        assert report.total("rows") == len(held)
        assert report.total("quarantined") == len(held) - len(good)
        ids = Counter((kind, number) for make, number in set(good) for kind in LOADED[make])
        assert desk.current().rows_by_event == Counter(kind for kind, _ in ids)
        assert 0 < report.total("loaded") <= len(set(good))
        assert len(desk.quarantine()) == report.total("quarantined")
        again = logs.load(desk, path)
        assert again.total("loaded") == 0
        assert again.total("duplicate") == len(good)


@settings(SETTINGS, max_examples=3)
@given(piles=lines, order=st.randoms(use_true_random=False))
def test_the_order_of_lines_gives_the_same_snapshot(piles, order) -> None:
    single = [(False, [item]) for _, items in piles for item in items if item[0] in LOADED]
    digests = []
    for pile in (single, order.sample(single, len(single))):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            desk = desk_at(folder)
            written(folder / "mixed.jsonl", pile)
            logs.load(desk, folder / "mixed.jsonl")
            digests.append(desk.current().digest)
    assert digests[0] == digests[1]
