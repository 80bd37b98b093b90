"""Rows behind a figure, looked up in the index of rows by account, are those that a scan finds."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from graph_models.kinds import KINDS
from graph_models.observations import Observations
from ingest.load import withdraw
from ingest.observing import row_index
from ingest.observing.citations import Citations, uses_of
from ingest.observing.walking import ROW
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

COLUMNS = {
    "ip": "ip", "device": "device_fingerprint", "user_agent": "user_agent", "api_key": "api_key_id",
    "prompt_cluster": "prompt_cluster", "payment_method": "payment_fingerprint",
}  # fmt: skip


def exchanges() -> list[dict[str, Any]]:
    """Some under ids of another system, some with clusters of the log, most with texts."""
    found = logs.exchanges(160, days=6)
    for i, row in enumerate(found):
        row["api_key_id"] = f"key_{row['account_id'][-1]}"
        if i % 3 == 0:
            row |= {"prompt": None, "prompt_cluster": f"PC_{i % 5}"}
        if row["account_id"] in ("acct_4", "acct_5") and i % 2:
            row["account_id"] = f"cus_{row['account_id'][-1]}"
    return found


FILES: dict[str, list[dict[str, Any]]] = {
    "accounts.csv": logs.accounts(),
    "payments.csv": logs.payments(),
    "aliases.jsonl": [
        {"account_id": f"acct_{i}", "system": "s", "external_id": f"cus_{i}", "valid_from": since}
        for i, since in ((4, None), (5, logs.at(2)))
    ],
    "a.jsonl": exchanges()[:100],
    "b.jsonl": exchanges()[80:],
    "logins.jsonl": [
        {
            "login_id": f"lo_{i}", "ts": logs.at(i / 4), "account_id": f"acct_{i % 6}",
            "ip": f"9.9.{i % 3}.1", "device_fingerprint": "DV_0",
        }
        for i in range(20)
    ],
    "requests.jsonl": [
        {"request_id": f"ex_{i}", "ts": exchanges()[i]["ts"], "ip": "8.8.4.4"} for i in range(40)
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("logs")
    desk = Workspace.open(tmp_path_factory.mktemp("w") / "desk")
    logs.load(desk, *(logs.write(folder / name, rows) for name, rows in FILES.items()))
    return desk


def every_use(obs: Observations) -> pd.DataFrame:
    return uses_of(obs, obs.sightings).assign(group=np.arange(len(obs.sightings)))


def source(cited: Any) -> dict[str, Any]:
    return FILES[cited.file][cited.row - 1]


def test_each_sighting_has_as_many_rows_as_it_counts(desk: Workspace) -> None:
    snapshot = desk.current()
    uses = every_use(snapshot.observations())
    cited = Citations(snapshot).behind(uses, limit=1_000)
    assert np.bincount(cited["group"], minlength=len(uses)).tolist() == uses["count"].tolist()
    assert set(cited["file"]) == FILES.keys() - {"aliases.jsonl"}
    assert not cited.duplicated().any()


def test_rows_hold_the_value_and_come_by_time(desk: Workspace) -> None:
    snapshot = desk.current()
    uses = every_use(snapshot.observations())
    checked = 0
    for group, rows in Citations(snapshot).behind(uses, limit=1_000).groupby("group"):
        use = uses.iloc[int(str(group))]
        found = [source(cited) for cited in rows.itertuples()]
        times = [row["ts"] for row in found if "ts" in row]
        assert times == sorted(times)
        for row in found:
            name = COLUMNS.get(use["kind"])
            if name and row.get(name):  # else: the address of a sign-up, a cluster of ours
                assert str(use["value"]).lower().endswith(str(row[name]).lower())
                assert row.get("account_id", use["account"])[-1] == use["account"][-1]
                checked += 1
    assert checked > 500


@pytest.mark.parametrize("limit", [1, 3, 20])
def test_the_first_rows_are_the_first_of_all(desk: Workspace, limit: int) -> None:
    snapshot = desk.current()
    uses = every_use(snapshot.observations())
    citations = Citations(snapshot)
    # Of an address or a domain the register tells, too, and that is read before all days.
    traffic = uses[~uses["kind"].isin(["ip", "email_domain"])]
    traffic = traffic.assign(group=np.arange(len(traffic)))
    every = citations.behind(traffic, limit=1_000)
    few = citations.behind(traffic, limit=limit)
    expected = every[every.groupby("group").cumcount() < limit].reset_index(drop=True)
    pd.testing.assert_frame_equal(few, expected)


def test_a_group_of_uses_has_one_list_and_a_use_may_be_in_several(desk: Workspace) -> None:
    snapshot = desk.current()
    uses = every_use(snapshot.observations())
    pair = uses[uses["account"].isin(["acct_0", "acct_1"]) & (uses["kind"] == "device")]
    twice = pd.concat([pair.assign(group=0), pair.iloc[:1].assign(group=1)])
    cited = Citations(snapshot).behind(twice, limit=1_000)
    both, one = (cited[cited["group"] == group] for group in (0, 1))
    assert len(both) == pair["count"].sum()
    assert len(one) == pair["count"].iloc[0]
    assert {*zip(one["file"], one["row"], strict=True)} < {
        *zip(both["file"], both["row"], strict=True)
    }


def test_all_exchanges_of_an_account(desk: Workspace) -> None:
    snapshot = desk.current()
    people = snapshot.observations().accounts
    uses = pd.DataFrame({
        "group": np.arange(len(people)), "account": people["account"], "kind": ROW,
        "value": "exchange", "count": people["exchanges"], "first": people["first_seen"],
        "last": people["last_seen"], "days": 99,
    })  # fmt: skip
    citations = Citations(snapshot)
    cited = citations.behind(uses, limit=1_000)
    count = np.bincount(cited["group"], minlength=len(people))
    assert count.tolist() == people["exchanges"].tolist()
    by_day = citations.by_day(people["account"].tolist())
    assert by_day["exchanges"].sum() == people["exchanges"].sum()
    assert by_day["day"].is_monotonic_increasing


def test_nothing_is_behind_what_nobody_used(desk: Workspace) -> None:
    citations = Citations(desk.current())
    uses = every_use(desk.current().observations())
    assert citations.behind(uses.iloc[:0], limit=20).empty
    strange = uses.assign(value=uses["value"] + "x")
    assert citations.behind(strange, limit=20).empty
    assert citations.behind(uses.assign(account="nobody"), limit=20).empty
    assert citations.rows_about("account", ["nobody"]).empty


def test_the_cache_may_go_and_an_index_is_made_once(
    desk: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = desk.current()
    uses = every_use(snapshot.observations())
    before = Citations(snapshot).behind(uses, limit=20)
    copy = Workspace.open(shutil.copytree(desk.path, tmp_path / "copy"), create=False).current()
    for path in copy.layout.cache.iterdir():
        path.unlink()
    # Who may not write makes it for himself.
    monkeypatch.setattr(row_index.os, "access", lambda *_: False)
    pd.testing.assert_frame_equal(Citations(copy).behind(uses, limit=20), before)
    assert not list(copy.layout.cache.glob("*.arrow"))
    monkeypatch.undo()
    copy.index_rows()
    made = {path: path.stat().st_mtime_ns for path in copy.layout.cache.glob("*.arrow")}
    copy.index_rows()
    pd.testing.assert_frame_equal(Citations(copy).behind(uses, limit=20), before)
    assert {path: path.stat().st_mtime_ns for path in copy.layout.cache.glob("*.arrow")} == made
    torn = max(made, key=lambda path: path.stat().st_size)
    torn.write_bytes(torn.read_bytes()[: torn.stat().st_size // 2])
    pd.testing.assert_frame_equal(Citations(copy).behind(uses, limit=20), before)
    assert len(made) == sum(len(copy.manifest.of(event)) for event in row_index.EVENTS)


def test_a_snapshot_keeps_its_rows_when_a_load_is_withdrawn(
    desk: Workspace, tmp_path: Path
) -> None:
    copy = Workspace.open(shutil.copytree(desk.path, tmp_path / "copy"), create=False)
    old = copy.current()
    uses = every_use(old.observations())
    before = Citations(old).behind(uses, limit=20)
    load_id = next(load.load_id for load in old.loads if load.file == "b.jsonl")
    withdraw(copy, load_id)
    again = Citations(copy.snapshot(old.digest)).behind(uses, limit=20)
    pd.testing.assert_frame_equal(again, before)
    now = Citations(copy.current()).behind(every_use(copy.current().observations()), limit=20)
    assert "b.jsonl" in set(before["file"]) - set(now["file"])


def test_a_row_shows_one_value_of_a_kind_at_most() -> None:
    for kind in KINDS:
        events = [source.event for source in kind.sources]
        assert len(events) == len(set(events)), f"{kind.name}: the index keeps one value a row"


def test_files_of_the_index_are_mapped(desk: Workspace) -> None:
    snapshot = desk.current()
    day = min(snapshot.manifest.of("exchange"))
    found = row_index.rows_of_day(snapshot.layout, snapshot.manifest, "exchange", day)
    assert not found.rows.flags.owndata
    assert (np.diff(found.accounts) > 0).all()
    for field in dataclasses.fields(found):
        assert len(getattr(found, field.name))
