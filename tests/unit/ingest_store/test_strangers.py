"""Ids of other systems: with aliases of that system the others are counted, without they count."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

TS = 1_777_600_000


def charge(number: int, customer: str, account: str | None = None) -> dict:
    return {
        "id": f"ch_{number}",
        "object": "charge",
        "created": TS + number,
        "amount": 100,
        "currency": "eur",
        "customer": customer,
        "metadata": {"account_id": account} if account else {},
        "payment_method_details": {"type": "card", "card": {"fingerprint": f"fp{number % 2}"}},
    }


CHARGES = [charge(1, "cus_1"), charge(2, "cus_2"), charge(3, "cus_3")]
ALIAS = {"account_id": "acct_0", "system": "stripe", "external_id": "cus_1"}


@pytest.fixture
def desk(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "desk")


def files(folder: Path, charges: list[dict], **others: list[dict]) -> list[Path]:
    paths = [folder / "charges.jsonl", *(folder / f"{name}.jsonl" for name in others)]
    for path, rows in zip(paths, (charges, *others.values()), strict=True):
        path.write_text("\n".join(json.dumps(row) for row in rows))
    return paths


def accounts_of(desk: Workspace) -> list[str]:
    return sorted(desk.current().observations().accounts["account"])


def test_without_aliases_the_ids_of_a_system_are_the_accounts(desk: Workspace, tmp_path) -> None:
    logs.load(desk, *files(tmp_path, CHARGES))
    assert accounts_of(desk) == ["cus_1", "cus_2", "cus_3"]
    assert desk.current().unresolved_ids() == 0


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_with_aliases_the_ids_without_one_are_counted(desk, tmp_path, order) -> None:
    exchanges = [
        {"exchange_id": f"e{i}", "ts": logs.at(1), "account_id": name}
        for i, name in enumerate(["acct_0", "cus_3"])
    ]
    paths = files(tmp_path, CHARGES, aliases=[ALIAS], exchanges=exchanges)
    for place in order:
        logs.load(desk, paths[place])
    # cus_3 is an account: another log names it as one.
    assert accounts_of(desk) == ["acct_0", "cus_3"]
    assert desk.current().unresolved_ids() == 1


def test_aliases_of_another_system_say_nothing(desk: Workspace, tmp_path) -> None:
    logs.load(desk, *files(tmp_path, CHARGES, aliases=[ALIAS | {"system": "crm"}]))
    assert accounts_of(desk) == ["acct_0", "cus_2", "cus_3"]
    assert desk.current().unresolved_ids() == 0


def test_a_charge_that_names_the_account_is_an_alias_itself(desk: Workspace, tmp_path) -> None:
    charges = [charge(1, "cus_1", "acct_0"), charge(2, "cus_1"), charge(3, "cus_9")]
    logs.load(desk, *files(tmp_path, charges))
    obs = desk.current().observations()
    assert list(obs.accounts["account"]) == ["acct_0"]
    assert desk.current().unresolved_ids() == 1
    assert "fp1" in "".join(obs.identifiers["value"])
