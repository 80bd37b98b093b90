"""Ids of other systems: what happened under them belongs to the account, from the first second."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.observing.citations import Citations, uses_of
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

SIGN_UP = {
    "EventType": "signup",
    "UserID": "00c0ffee",
    "ClientIP": "8.8.4.4",
    "Timestamp": logs.at(0.5),
    "Email": "somebody@mail0.example",
    "RayID": "",
}
ALIAS = {"account_id": "acct_0", "system": "cloudflare", "external_id": "00c0ffee"}


@pytest.fixture
def desk(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "desk")


def load(desk: Workspace, folder: Path, **files: list[dict[str, Any]]) -> None:
    logs.load(desk, *(logs.write(folder / f"{name}.jsonl", rows) for name, rows in files.items()))


def test_an_alias_that_begins_within_a_day_holds_for_the_rest_of_that_day(
    desk: Workspace, tmp_path: Path
) -> None:
    payments = [
        {**logs.payments(1)[0], "payment_id": f"p{i}", "ts": logs.at(day), "account_id": "cus"}
        for i, day in enumerate((0.75, 1.25))
    ]
    exchange = {**logs.exchanges(1)[0], "ts": logs.at(0.6), "account_id": "cus"}
    alias = {**ALIAS, "external_id": "cus", "valid_from": logs.at(0.601)}
    late = {**ALIAS, "account_id": "acct_1", "external_id": "cus2", "valid_from": logs.at(0.5)}
    load(
        desk,
        tmp_path,
        accounts=logs.accounts(2),
        payments=payments,
        exchanges=[exchange, {**exchange, "exchange_id": "ex_1", "account_id": "cus2"}],
        aliases=[alias, late],
    )
    obs = desk.current().observations()
    assert desk.current().unresolved_ids() == 0
    # Before it begins, an id is an account of its own: here by one and a half minutes.
    assert obs.accounts.set_index("account")["exchanges"].to_dict() == {
        "acct_0": 0, "acct_1": 1, "cus": 1,
    }  # fmt: skip
    card = obs.identifiers.index[obs.identifiers["kind"] == "payment_method"]
    assert obs.sightings.loc[obs.sightings["identifier"].isin(card), "count"].tolist() == [2]


def test_a_sign_up_at_the_edge_is_the_account_of_the_register(
    desk: Workspace, tmp_path: Path
) -> None:
    register = [{**logs.accounts(1)[0], "signup_ip": "8.8.4.4", "created_at": logs.at(0.5)}]
    load(desk, tmp_path, accounts=register, edge=[SIGN_UP], aliases=[ALIAS])
    obs = desk.current().observations()
    assert obs.accounts["account"].tolist() == ["acct_0"]
    place = obs.identifiers[obs.identifiers["kind"] == "ip"]
    assert place["value"].tolist() == ["8.8.4.4"]
    seen = obs.sightings[obs.sightings["identifier"].isin(place.index)]
    assert seen[["count", "days"]].to_numpy().tolist() == [[1, 1]]
    cited = Citations(desk.current()).behind(uses_of(obs, seen).assign(group=0), limit=9)
    assert set(cited["file"]) == {"accounts.jsonl", "edge.jsonl"}


def test_without_an_alias_the_edge_names_an_account_of_its_own(
    desk: Workspace, tmp_path: Path
) -> None:
    load(desk, tmp_path, accounts=logs.accounts(1), edge=[SIGN_UP])
    obs = desk.current().observations()
    assert obs.accounts["account"].tolist() == ["00c0ffee", "acct_0"]


def test_an_alias_never_takes_an_account_of_the_register(desk: Workspace, tmp_path: Path) -> None:
    wrong = {**ALIAS, "external_id": "acct_1"}
    load(desk, tmp_path, accounts=logs.accounts(2), exchanges=logs.exchanges(9), aliases=[wrong])
    obs = desk.current().observations()
    assert {"acct_0", "acct_1"} <= set(obs.accounts["account"])


def test_a_label_under_an_outside_id_is_about_the_account(desk: Workspace, tmp_path: Path) -> None:
    said = {"account_id": "00c0ffee", "label": "disputed", "source": "bank", "ts": logs.at(1)}
    load(desk, tmp_path, accounts=logs.accounts(1), labels=[said], aliases=[ALIAS])
    obs = desk.current().observations()
    assert obs.accounts["account"].tolist() == ["acct_0"]
    assert obs.labels[["account", "label"]].to_numpy().tolist() == [[0, "disputed"]]
