"""What a snapshot says, checked against a plain count over the rows that were written."""

from __future__ import annotations

import functools
import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from graph_models.observations import COLUMNS, Observations
from ingest.observing import derive, observe
from ingest.observing.citations import Citations, uses_of
from ingest.store.storage import session
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

TABLES = ("accounts", "identifiers", "sightings", "activity", "calendar", "labels")


@pytest.fixture
def desk(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "desk")


def naive(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


def identifier(obs: Observations, kind: str, value: str) -> int:
    rows = obs.identifiers
    return int(rows.index[(rows["kind"] == kind) & (rows["value"] == value)].item())


def test_every_table_has_its_columns_and_types(desk: Workspace, tmp_path: Path) -> None:
    logs.load(desk, logs.small_world(tmp_path / "logs"))
    obs = desk.current().observations()
    for name in TABLES:
        frame = getattr(obs, name)
        assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == COLUMNS[name]
    ordered = obs.sightings[["identifier", "account"]]
    pd.testing.assert_frame_equal(ordered, ordered.sort_values(["identifier", "account"]))


def test_sightings_are_the_plain_counts(desk: Workspace, tmp_path: Path) -> None:
    rows = logs.exchanges(60)
    rows[0]["claimed"] = "device_fingerprint,user_agent"
    logs.load(desk, logs.write(tmp_path / "exchanges.jsonl", rows))
    obs = desk.current().observations()
    frame = pd.DataFrame(rows)
    frame["when"] = [naive(text) for text in frame["ts"]]
    for kind, column in {"ip": "ip", "device": "device_fingerprint"}.items():
        for (account, value), own in frame.groupby(["account_id", column]):
            chosen = obs.sightings[
                (obs.sightings["account"] == obs.position_of(account))
                & (obs.sightings["identifier"] == identifier(obs, kind, value))
            ]
            (got,) = chosen.itertuples()
            claimed = own["claimed"].str.contains(column).mean()
            assert (got.count, got.days) == (len(own), own["when"].dt.date.nunique())
            assert (got.first, got.last) == (own["when"].min(), own["when"].max())
            assert got.claimed == pytest.approx(claimed)
    degree = obs.sightings.groupby("identifier")["account"].nunique()
    assert obs.identifiers["accounts"].tolist() == degree.tolist()


def test_activity_and_accounts_are_the_plain_sums(desk: Workspace, tmp_path: Path) -> None:
    rows = logs.exchanges(60)
    logs.load(
        desk,
        logs.write(tmp_path / "exchanges.jsonl", rows),
        logs.write(tmp_path / "accounts.csv", logs.accounts(8)),
    )
    obs = desk.current().observations()
    assert obs.accounts["account"].tolist() == [f"acct_{i}" for i in range(8)]
    frame = pd.DataFrame(rows)
    tokens = frame.groupby("account_id")["input_tokens"].sum()
    mine = obs.activity.groupby("account")["input_tokens"].sum()
    assert mine.tolist() == tokens.tolist()
    counts = frame.groupby("account_id").size()
    assert obs.accounts["exchanges"].tolist() == [*counts.tolist(), 0, 0]
    assert obs.accounts["last_seen"][0] == max(
        naive(row["ts"]) for row in rows if row["account_id"] == "acct_0"
    )
    assert obs.accounts["last_seen"].isna().tolist() == [False] * 6 + [True] * 2
    assert (obs.activity["hour"] == obs.activity["hour"].dt.floor("h")).all()


def test_one_form_of_prompt_is_one_cluster_and_small_talk_is_another(
    desk: Workspace, tmp_path: Path
) -> None:
    logs.load(desk, logs.write(tmp_path / "exchanges.jsonl", logs.exchanges(60)))
    obs = desk.current().observations()
    clusters = obs.identifiers[obs.identifiers["kind"] == "prompt_cluster"]
    graded = obs.sightings[obs.sightings["identifier"].isin(clusters.index)]
    used = graded.groupby("identifier")["account"].agg(sorted).tolist()
    assert [0, 1, 2] in used
    assert not any({0, 3} <= set(accounts) for accounts in used)


def test_exchanges_of_reads_single_rows(desk: Workspace, tmp_path: Path) -> None:
    rows = logs.exchanges(60)
    logs.load(desk, logs.write(tmp_path / "exchanges.csv", rows))
    obs = desk.current().observations()
    got = obs.exchanges_of(np.array([4, 1], dtype=np.int32))
    wanted = sorted(
        (int(row["account_id"][-1]), naive(row["ts"]))
        for row in rows
        if row["account_id"] in ("acct_1", "acct_4")
    )
    assert list(zip(got["account"], got["ts"], strict=True)) == wanted
    assert {column: str(dtype) for column, dtype in got.dtypes.items()} == COLUMNS["exchanges"]
    assert (got["prompt"] != 0).all()
    grading = got[got["account"] == 1]
    assert set(obs.identifiers["kind"][grading["cluster"]]) == {"prompt_cluster"}
    assert obs.exchanges_of(np.array([], dtype=np.int32)).empty


def test_a_window_is_the_snapshot_of_the_rows_inside(desk: Workspace, tmp_path: Path) -> None:
    rows = logs.exchanges(60, days=4)
    for row in rows:
        del row["prompt"]
    begin, end = logs.START + timedelta(days=0.7), logs.START + timedelta(days=2.6)
    inside = [row for row in rows if begin <= datetime.fromisoformat(row["ts"]) < end]
    assert 0 < len(inside) < len(rows)
    other = Workspace.open(tmp_path / "other")
    logs.load(desk, logs.write(tmp_path / "all.jsonl", rows))
    logs.load(other, logs.write(tmp_path / "inside.jsonl", inside))
    cut = desk.current().observations(begin, end)
    plain = other.current().observations()
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(cut, name), getattr(plain, name))
    everybody = np.arange(len(plain.accounts), dtype=np.int32)
    single = cut.exchanges_of(everybody).drop(columns="prompt")
    pd.testing.assert_frame_equal(single, plain.exchanges_of(everybody).drop(columns="prompt"))


def test_a_later_export_closes_an_account_whichever_came_first(
    desk: Workspace, tmp_path: Path
) -> None:
    row = logs.accounts(1)[0]
    closed = {**row, "status": "closed", "closed_at": logs.at(9), "close_reason": "abuse"}
    logs.load(desk, logs.write(tmp_path / "late.csv", [closed]))
    logs.load(desk, logs.write(tmp_path / "early.csv", [row]))
    (account,) = desk.current().observations().accounts.itertuples()
    assert (account.status, account.close_reason) == ("closed", "abuse")
    assert account.closed_at == naive(logs.at(9))


def test_ids_of_another_system_resolve_through_aliases_or_are_counted(
    desk: Workspace, tmp_path: Path
) -> None:
    payments = [{**row, "account_id": f"cus_{row['account_id'][-1]}"} for row in logs.payments()]
    aliases = [
        {"account_id": f"acct_{i}", "system": "stripe", "external_id": f"cus_{i}"} for i in range(4)
    ]
    logs.load(
        desk,
        logs.write(tmp_path / "accounts.csv", logs.accounts()),
        logs.write(tmp_path / "payments.csv", payments),
        logs.write(tmp_path / "aliases.csv", aliases),
    )
    snapshot = desk.current()
    obs = snapshot.observations()
    assert obs.accounts["account"].tolist() == [f"acct_{i}" for i in range(6)]
    assert snapshot.unresolved_ids() == 2
    card = identifier(obs, "payment_method", "stripe/fp_1")
    on_card = obs.sightings.loc[obs.sightings["identifier"] == card, "account"]
    assert on_card.tolist() == [0, 1]
    uses = uses_of(obs, obs.sightings[obs.sightings["identifier"] == card])
    cited = Citations(snapshot).behind(uses.assign(group=[0, 1]), limit=20)
    assert cited["row"].tolist() == [1, 2]


def test_an_id_that_changes_hands_follows_its_dates(desk: Workspace, tmp_path: Path) -> None:
    rows = [
        {**logs.payments(1)[0], "payment_id": f"p{i}", "ts": logs.at(i), "account_id": "cus"}
        for i in range(4)
    ]
    aliases = [
        {"account_id": "acct_0", "system": "s", "external_id": "cus", "valid_to": logs.at(2)},
        {"account_id": "acct_1", "system": "s", "external_id": "cus", "valid_from": logs.at(2)},
    ]  # fmt: skip
    for row in aliases:
        row.setdefault("valid_from", "")
        row.setdefault("valid_to", "")
    logs.load(
        desk,
        logs.write(tmp_path / "accounts.csv", logs.accounts(2)),
        logs.write(tmp_path / "payments.csv", rows),
        logs.write(tmp_path / "aliases.csv", aliases),
    )
    obs = desk.current().observations()
    paid = obs.sightings[
        obs.sightings["identifier"] == identifier(obs, "payment_method", "stripe/fp_1")
    ]
    assert paid[["account", "count"]].to_numpy().tolist() == [[0, 2], [1, 2]]


def test_a_request_of_the_edge_belongs_to_the_account_of_its_exchange(
    desk: Workspace, tmp_path: Path
) -> None:
    exchange = logs.exchanges(1)[0]
    request = {"request_id": "ex_0", "ts": exchange["ts"], "ip": "8.8.4.4", "asn": "AS64500"}
    stray = {**request, "request_id": "nobody", "ip": "8.8.4.5"}
    logs.load(
        desk,
        logs.write(tmp_path / "exchanges.jsonl", [exchange]),
        logs.write(tmp_path / "requests.jsonl", [request, stray]),
    )
    ips = desk.current().observations().identifiers.query("kind == 'ip'")
    assert "8.8.4.4" in ips["value"].tolist()
    assert "8.8.4.5" not in ips["value"].tolist()
    assert ips.set_index("value")["asn"]["8.8.4.4"] == "AS64500"


def test_what_no_source_had_is_listed(desk: Workspace, tmp_path: Path) -> None:
    logs.load(desk, logs.write(tmp_path / "exchanges.jsonl", logs.exchanges(5)))
    lacking = desk.current().observations().lacking
    assert {"payment.payment_fingerprint", "exchange.tls_fingerprint"} <= set(lacking)
    assert not {"exchange.ip", "exchange.prompt", "exchange.capability"} & set(lacking)


def test_a_given_capability_wins_and_says_so(desk: Workspace, tmp_path: Path) -> None:
    first, second = logs.exchanges(2)
    first |= {"capability": "chess", "prompt": "Write a Python function that sorts a list."}
    second |= {"prompt": "Write a Python function that sorts a list of numbers, with tests."}
    logs.load(desk, logs.write(tmp_path / "exchanges.jsonl", [first, second]))
    rows = desk.current().rows("exchanges.jsonl", [1, 2])
    assert rows["capability"][0] == "chess"
    assert rows["capability_source"].tolist() == ["given", "derived"]
    assert rows["capability"][1] not in ("chess", None)


# ---- provenance


def test_stored_rows_hold_no_prompt_and_no_address_of_a_person(
    desk: Workspace, tmp_path: Path
) -> None:
    account = {**logs.accounts(1)[0], "email": "jo.doe@mail.example", "name": "Jo Doe"}
    exchange = {**logs.exchanges(1)[0], "prompt": "the secret recipe of the house"}
    logs.load(
        desk,
        logs.write(tmp_path / "accounts.csv", [account]),
        logs.write(tmp_path / "exchanges.jsonl", [exchange]),
    )
    stored = desk.current().rows("exchanges.jsonl", [1])
    assert "prompt" not in stored.columns
    assert stored["ip"].item() == exchange["ip"]
    everything = b"".join(file.read_bytes() for file in desk.path.rglob("*") if file.is_file())
    for text in (b"recipe", b"jo.doe", b"Jo Doe"):
        assert text not in everything
    frames = [str(value) for value in desk.current().rows("accounts.csv", [1]).iloc[0]]
    assert not any("jo.doe" in value or "Jo Doe" in value for value in frames)


# ---- what is kept between runs


def test_a_new_day_costs_a_day(desk: Workspace, tmp_path: Path) -> None:
    rows = logs.exchanges(40, days=3)
    for row in rows:
        del row["prompt"]
    logs.load(desk, logs.write(tmp_path / "three_days.jsonl", rows))
    desk.current().observations()
    before = {path.name for path in desk.layout.cache.iterdir()}
    desk.current().observations()
    assert {path.name for path in desk.layout.cache.iterdir()} == before
    extra = [{**row, "ts": logs.at(5.5)} for row in rows[:5]]
    logs.load(desk, logs.write(tmp_path / "new_day.jsonl", extra))
    desk.current().observations()
    new = {path.name for path in desk.layout.cache.iterdir()} - before
    assert {name[:19] for name in new} == {"exchange-2026-05-06"}


def test_the_cache_and_the_threads_change_nothing(
    desk: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.load(desk, logs.small_world(tmp_path / "logs"))
    first = desk.current().observations()
    again = desk.current().observations()
    for path in desk.layout.cache.iterdir():
        path.unlink()
    monkeypatch.setattr(observe, "session", functools.partial(session, threads=1))
    monkeypatch.setattr(derive, "CHUNK", 10)
    alone = desk.current().observations()
    monkeypatch.setattr(derive, "_writable", lambda _layout: False)
    for path in desk.layout.cache.iterdir():
        path.unlink()
    unkept = desk.current().observations()
    for other in (again, alone, unkept):
        for name in TABLES:
            pd.testing.assert_frame_equal(getattr(first, name), getattr(other, name))


def test_labels_calendar_and_indicators_arrive(desk: Workspace, tmp_path: Path) -> None:
    label = {"account_id": "acct_9", "label": "Cleared", "source": "desk", "ts": logs.at(1)}
    release = {"ts": logs.at(2), "kind": "model_release", "name": "large-2"}
    shared = {"kind": "ip", "value": "8.8.0.7", "operator": "Open VPN", "source": "list"}
    suspect = {**shared, "value": "8.8.1.7", "operator": "North", "role": "supplier"}
    logs.load(
        desk,
        logs.write(tmp_path / "accounts.csv", logs.accounts()),
        logs.write(tmp_path / "labels.jsonl", [label]),
        logs.write(tmp_path / "calendar.jsonl", [release]),
        logs.write(tmp_path / "indicators.jsonl", [shared, suspect]),
    )
    obs = desk.current().observations()
    (got,) = obs.labels.itertuples(index=False)
    assert (obs.accounts["account"][got.account], got.label) == ("acct_9", "cleared")
    assert obs.calendar["name"].tolist() == ["large-2"]
    labels = obs.identifiers.query("kind == 'ip'").set_index("value")["label"]
    assert labels["8.8.0.7"] == "Open VPN"
    assert pd.isna(labels["8.8.1.7"])


def test_hostile_names_of_files_and_values_stay_text(desk: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "it's [odd] *"
    rows = logs.exchanges(4)
    rows[0]["device_fingerprint"] = "'); DROP TABLE refs; --"
    rows[1]["user_agent"] = "<img src=x onerror=alert(1)>"
    rows[2]["account_id"] = "'}) DETACH DELETE n //"
    name = "a';--[b]*.jsonl"
    report = logs.load(desk, logs.write(folder / name, rows))
    assert report.packages[0].loaded == 4
    obs = desk.current().observations()
    assert "'); DROP TABLE refs; --" in obs.identifiers["value"].tolist()
    assert "'}) DETACH DELETE n //" in obs.accounts["account"].tolist()
    uses = uses_of(obs, obs.sightings).assign(group=range(len(obs.sightings)))
    assert set(Citations(desk.current()).behind(uses, limit=20)["file"]) == {name}
    assert json.loads(json.dumps(report.as_json()))["packages"][0]["file"] == name


def test_a_workspace_in_a_folder_with_an_odd_name_works(tmp_path: Path) -> None:
    desk = Workspace.open(tmp_path / "it's a [desk]*")
    logs.load(desk, logs.small_world(tmp_path / "logs"))
    assert len(desk.current().observations().accounts) == 6
