"""A withdrawn load marks exactly the findings that rest on its rows: a scan of all parts agrees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from graph_models.kinds import KINDS
from graph_models.nodes import NodeRef
from ingest.observing.clusters import prompt_clusters
from ingest.observing.coding import cleaned
from ingest.observing.row_index import EVENTS
from ingest.store.packages import part_path
from workbench import Workbench
from workbench.demonstration import Demo, run

KIND = {kind.name: kind for kind in KINDS}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    workspace = tmp_path_factory.mktemp("stale") / "workspace"
    run(Demo(world="quickstart", workspace=workspace, seed=5, scale=0.05))
    desk = Workbench.open(workspace)
    desk.person_add("ana")
    return desk


class Scan:
    """All rows of all parts in memory, and nothing of how the workbench finds rows."""

    def __init__(self, desk: Workbench) -> None:
        snapshot = desk.snapshot()
        self.identifiers = desk.observations().identifiers
        clusters = prompt_clusters(
            snapshot.layout, snapshot.manifest, snapshot.loads, key=snapshot.key
        ).to_pandas()
        self.cluster = clusters.set_index("prompt_key")["cluster"]
        parts: dict[str, list[pd.DataFrame]] = {}
        for load in snapshot.loads:
            for part in load.parts:
                rows = pd.read_parquet(part_path(snapshot.layout, load.load_id, part.name))
                rows = rows.assign(load=load.load_id, bucket=part.bucket)
                parts.setdefault(part.event, []).append(rows)
        self.rows = {event: self._winners(pd.concat(some)) for event, some in parts.items()}

    @staticmethod
    def _winners(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.sort_values("row_hash").drop_duplicates(["bucket", "event"])

    def about(self, event: str, accounts: set[str]) -> pd.DataFrame:
        rows = self.rows.get(event)
        return pd.DataFrame() if rows is None else rows[rows["account_id"].isin(accounts)]

    def showing(self, accounts: set[str], kind: str, values: set[str]) -> Iterator[str]:
        """The loads of rows about accounts that show one of some values of a kind."""
        for source in KIND[kind].sources:
            rows = self.about(source.event, accounts)
            if rows.empty:
                continue
            texts = (
                rows[list(source.columns)]
                .astype("object")
                .agg(lambda row: None if row.isna().iloc[-1] else "/".join(row.fillna("")), axis=1)
            )
            if kind == "prompt_cluster":
                texts = texts.fillna(rows["prompt_key"].map(self.cluster))
            clean = cleaned(KIND[kind], pa.chunked_array([texts.dropna().drop_duplicates()]))
            value = dict(zip(*(clean[name].to_pylist() for name in ("raw", "value")), strict=True))
            yield from rows["load"][texts.map(value).isin(values)]

    def behind(self, entry: Mapping[str, Any], pair: set[str]) -> set[str]:
        """The loads behind one cited entry."""
        signal, family = entry["signal"], entry["family"]
        if entry["identifier"]:
            node = NodeRef.parse(entry["identifier"])
            return set(self.showing(pair, node.kind, {node.value}))
        if entry["value"]:
            column = {"ip_prefix": "prefix", "ip_asn": "asn"}[signal.removeprefix("shared ")]
            named = self.identifiers[self.identifiers[column] == entry["value"]]
            return set(self.showing(pair, "ip", set(named["value"])))
        if signal.startswith(("overlap within", "context ")):
            return set()
        traffic = family in ("timing", "prompts") or signal == "model move"
        return set(self.about("exchange" if traffic else "account", pair)["load"])

    def everything(self, accounts: set[str]) -> set[str]:
        found = [self.about(event, accounts) for event in EVENTS]
        return {load for rows in found if len(rows) for load in rows["load"]}


def filed(desk: Workbench) -> dict[int, set[str]]:
    """Findings of every kind; by entry, the loads that a scan finds behind each."""
    scan, rng = Scan(desk), np.random.default_rng(4)
    case = desk.case_open("Stale", by="ana")
    expected = {case.number: set(desk.snapshot().manifest.loads)}
    found = desk.communities()
    members = desk.members(found[0].community)["account"].to_numpy(dtype=object)
    names = desk.observations().accounts["account"].to_numpy(dtype=object)
    chosen = [rng.choice(pool, 2, replace=False) for pool in (members, names) for _ in range(8)]
    for at, (a, b) in enumerate(chosen):
        told = desk.explain(a, b)
        entry = desk.judge(case.case, a, b, ("yes", "no")[at % 2], because="looked", by="ana")
        loads = [scan.behind(one, {a, b}) for one in (*told["signals"], *told["against"])]
        expected[entry.number] = set().union(*loads)
    for community in found[:3]:
        entry = desk.judge_subject(
            case.case, f"community:{community.community}", "yes", because="holds", by="ana"
        )
        own = set(desk.members(community.community)["account"])
        expected[entry.number] = scan.everything(own)
    for account in names[:4]:
        note = desk.note(case.case, f"account:{account}", "seen", by="ana", citing=True)
        expected[note.number] = scan.everything({account})
    plain = desk.note(case.case, f"account:{names[0]}", "a thought", by="ana")
    expected[plain.number] = set()
    return expected


def test_exactly_the_dependent_findings_are_marked(desk: Workbench) -> None:
    expected = filed(desk)
    files = desk.packages().set_index("load_id")["file"].to_dict()
    rests = {number: len(loads) for number, loads in expected.items()}
    assert {0, 2} <= set(rests.values())  # on nothing, on two loads
    marked = 0
    for load, file in sorted(files.items(), key=lambda item: item[1]):
        if file.startswith(("calendar", "indicators", "exchanges/2026-05-0")):
            continue
        told = desk.withdraw(load)
        found = {one["number"] for one in told["findings"]}
        assert found == {number for number, loads in expected.items() if load in loads}, file
        assert {f"{one['finding']} {one['number']}" for one in told["findings"]} < set(
            told["stale"]
        )
        reviews = desk.reviews()
        stale = {word.number for one in reviews.values() if one.stale for word in one.standing}
        assert stale == found & {word.number for one in reviews.values() for word in one.standing}
        marked += len(found)
        desk.ingest([desk.workspace.path.with_name("workspace.world") / file])
        assert not any(one.stale for one in desk.reviews().values())  # the load is back
    assert marked > 40


def test_a_link_stays_rejected_after_the_same_data_is_analysed_again(desk: Workbench) -> None:
    community = desk.communities()[0].community
    a, b = desk.members(community)["account"].head(2).tolist()
    case = desk.case_open("Rejected", by="ana").case
    desk.judge(case, a, b, "no", because="one class", by="ana")
    before = desk.about()["run"]
    desk.ingest([desk.workspace.path.with_name("workspace.world")])
    desk.analyse(seed=1)
    assert desk.about()["run"] != before
    assert desk.review(f"link:{a}|{b}").hidden
    shown, hidden = desk.unrejected(a, desk.links(a))
    assert b in hidden["account"].tolist()
    assert len(shown) + len(hidden) == len(desk.links(a))


def test_new_rows_bring_a_rejected_link_back(desk: Workbench, tmp_path: Path) -> None:
    """The two, strangers until now, log in from one device that nobody else has."""
    accounts = desk.observations().accounts
    members = set(desk.members()["account"])
    a, b = [name for name in accounts["account"] if name not in members][:2]
    case = desk.case_open("Back", by="ana").case
    desk.judge(case, a, b, "no", because="strangers", by="ana")
    file = tmp_path / "logins.csv"
    rows = [
        f"new{at},2026-05-{5 + at // 2:02}T10:00:00Z,{(a, b)[at % 2]},240.99.0.{at},dv_back_7c1f"
        for at in range(8)
    ]
    header = "login_id,ts,account_id,ip,device_fingerprint"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    report = desk.ingest([file])
    assert report.as_json()["loaded"] == 8
    desk.analyse()
    found = desk.review(f"link:{a}|{b}")
    assert (found.state, found.hidden) == ("back", False)
    assert "device:dv_back_7c1f" in [one.identifier for one in found.fresh]
    desk.withdraw(report.as_json()["packages"][0]["load_id"])
    desk.analyse()
    assert desk.review(f"link:{a}|{b}").state == "rejected"
