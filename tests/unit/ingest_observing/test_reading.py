"""Hours and exchanges that are read when they are asked for equal those that are all read."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from graph_models.observations import Observations
from ingest.observing import reading
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

HOURS = ["account", "hour", "model", "capability"]
CUT = (logs.START + timedelta(days=0.7), logs.START + timedelta(days=2.3))


def naive(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


def rows() -> list[dict[str, Any]]:
    """Accounts 4 and 5 partly under ids of another system; two files hold some rows twice."""
    found = logs.exchanges(120, days=3)
    for i, row in enumerate(found):
        row |= {
            "capability": "chess" if i % 3 else None,
            "elicitation": "rubric" if i % 4 else None,
        }
        row |= {"prompt": None, "prompt_cluster": f"pc_{i % 5}" if i % 6 else None}
        if row["account_id"] in ("acct_4", "acct_5") and i % 2:
            row["account_id"] = f"cus_{row['account_id'][-1]}"
    return found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("logs")
    desk = Workspace.open(tmp_path_factory.mktemp("w") / "desk")
    found = rows()
    aliases = [
        {"account_id": f"acct_{i}", "system": "s", "external_id": f"cus_{i}", "valid_from": since}
        for i, since in ((4, None), (5, logs.at(1.26)))
    ]
    logs.load(
        desk,
        logs.write(folder / "accounts.csv", logs.accounts()),
        logs.write(folder / "aliases.jsonl", aliases),
        logs.write(folder / "a.jsonl", found[:80]),
        logs.write(folder / "b.jsonl", found[60:]),
    )
    return desk


def owner(row: dict[str, Any]) -> str:
    """Who sent it; an alias holds for the whole of the hour in which it begins."""
    if row["account_id"] == "cus_4":
        return "acct_4"
    began = naive(logs.at(1.26)).replace(minute=0, second=0, microsecond=0)
    late = naive(row["ts"]).replace(minute=0, second=0, microsecond=0) >= began
    return "acct_5" if row["account_id"] == "cus_5" and late else row["account_id"]


def plain_hours(obs: Observations, cut: tuple[datetime, datetime] | None) -> pd.DataFrame:
    frame = pd.DataFrame(rows()).assign(account=[owner(row) for row in rows()])
    frame["ts"] = [naive(text) for text in frame["ts"]]
    if cut:
        begin, end = (moment.replace(tzinfo=None) for moment in cut)
        frame = frame[(frame["ts"] >= begin) & (frame["ts"] < end)]
    frame["account"] = [obs.position_of(name) for name in frame["account"]]
    frame["hour"] = frame["ts"].dt.floor("h")
    grouped = frame.groupby(HOURS, dropna=False)
    found = grouped.agg(
        exchanges=("ts", "size"),
        elicited=("elicitation", "count"),
        input_tokens=("input_tokens", "sum"),
        output_tokens=("output_tokens", "sum"),
    ).reset_index()
    return found.sort_values(HOURS, ignore_index=True)


@pytest.mark.parametrize("cut", [None, CUT], ids=["open", "cut"])
@pytest.mark.parametrize("few", [0, 64], ids=["joined", "named"])
def test_the_hours_of_asked_accounts_are_those_of_the_whole_table(
    desk: Workspace, cut, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FEW", few)
    obs = desk.current().observations(*(cut or ()))
    whole = plain_hours(obs, cut)
    as_plain = functools.partial(pd.testing.assert_frame_equal, check_dtype=False)
    as_plain(obs.activity, whole)
    for asked in ([2], [5, 1], [*range(len(obs.accounts))]):
        got = obs.activity_of(np.array(asked, dtype=np.int32))
        as_plain(got, whole[whole["account"].isin(asked)].reset_index(drop=True))
    assert obs.activity_of(np.array([], dtype=np.int32)).empty


@pytest.mark.parametrize("cut", [None, CUT], ids=["open", "cut"])
def test_the_exchanges_of_one_account_are_those_of_the_whole_table(desk: Workspace, cut) -> None:
    obs = desk.current().observations(*(cut or ()))
    whole = obs.exchanges_of(np.arange(len(obs.accounts), dtype=np.int32))
    assert len(whole) == obs.accounts["exchanges"].sum() > 30
    for position in range(len(obs.accounts)):
        got = obs.exchanges_of(np.array([position], dtype=np.int32))
        own = whole[whole["account"] == position].reset_index(drop=True)
        pd.testing.assert_frame_equal(got, own)


def test_given_clusters_are_found_by_name_and_a_missing_one_is_none(desk: Workspace) -> None:
    obs = desk.current().observations()
    whole = obs.exchanges_of(np.arange(len(obs.accounts), dtype=np.int32))
    names = obs.identifiers["value"].reindex(whole["cluster"]).fillna("")
    given = sorted(row["prompt_cluster"] or "" for row in rows())
    assert sorted(names) == given
