"""A tally in one pass over the files equals the tally of all hours, however the rows are stored."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from graph_models.linking.habits import counted_for
from graph_models.tallies import Counted, Tally, tallied
from ingest.observing import reading
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

CUT = (logs.START + timedelta(days=0.7), logs.START + timedelta(days=9.3))
ALIASES = [
    {"account_id": f"acct_{i}", "system": "s", "external_id": f"cus_{i}", "valid_from": since}
    for i, since in ((4, None), (5, logs.at(6.26)))
]


def rows(*, foreign: bool) -> list[dict[str, Any]]:
    """Ten days, a new model on the sixth; some accounts under ids of another system."""
    found = logs.exchanges(300, days=10)
    for i, row in enumerate(found):
        late = row["ts"] >= logs.at(6)
        row |= {
            "model": "m2" if late and i % 3 else "m1",
            "capability": ("chess", "law", None)[i % 3],
            "elicitation": "rubric" if i % 4 else None,
        }
        if foreign and row["account_id"] in ("acct_4", "acct_5") and i % 2:
            row["account_id"] = f"cus_{row['account_id'][-1]}"
    return found


@pytest.fixture(scope="module", params=["clean", "twice", "aliased", "of two forms"])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("logs")
    desk = Workspace.open(tmp_path_factory.mktemp("w") / "desk")
    found = rows(foreign=request.param == "aliased")
    files = {"a": found[:160], "b": found[100 if request.param == "twice" else 160 :]}
    if request.param == "of two forms":
        files["b"] = [
            {name: value for name, value in row.items() if name != "capability"}
            for row in files["b"]
        ]
    logs.load(desk, logs.write(folder / "accounts.csv", logs.accounts()))
    if request.param == "aliased":
        logs.load(desk, logs.write(folder / "aliases.jsonl", ALIASES))
    for name, own in files.items():
        logs.load(desk, logs.write(folder / f"{name}.jsonl", own))
    return desk


@pytest.mark.parametrize("cut", [None, CUT], ids=["open", "cut"])
def test_one_pass_counts_what_all_hours_count(
    desk: Workspace, cut: tuple[datetime, datetime] | None
) -> None:
    obs = desk.current().observations(*(cut or ()))
    counted = counted_for(obs)
    assert set(counted.moves) == {"m2"}
    assert {"chess", "law"} < set(counted.capabilities)
    for asked in (counted, Counted(moves={}, capabilities=("law",))):
        assert obs.tally_of is not None
        same(obs.tally_of(asked), tallied(obs.activity, len(obs.accounts), asked))


def same(one: Tally, other: Tally) -> None:
    assert other.exchanges.sum() > 100
    for each in fields(Tally):
        assert np.array_equal(getattr(one, each.name), getattr(other, each.name)), each.name


def test_rows_picked_from_files_are_the_rows_that_a_query_finds(
    desk: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    obs = desk.current().observations()
    some = np.array([5, 0, 2], np.int32)
    named = obs.activity_of(some), obs.exchanges_of(some)
    assert obs.moments(some).equals(named[1][["account", "ts"]])
    monkeypatch.setattr(reading, "FEW", 0)
    obs = desk.current().observations()
    assert obs.activity_of(some).equals(named[0])
    assert obs.exchanges_of(some).equals(named[1])
    assert obs.moments(some).equals(named[1][["account", "ts"]])
    assert obs.moments(some[:0]).empty
    assert obs.activity_of(np.array([], np.int32)).empty
