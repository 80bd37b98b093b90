"""Over random pairs of a real world: bits sum, and entries follow from the rows they name."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from graph_models.nodes import NodeRef
from workbench import Workbench
from workbench.demonstration import Demo, run


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    workspace = tmp_path_factory.mktemp("explain") / "workspace"
    run(Demo(world="quickstart", workspace=workspace, seed=5, scale=0.1))
    return Workbench.open(workspace)


def pairs(desk: Workbench, count: int) -> list[tuple[str, str]]:
    """Half of them linked, half at random."""
    rng = np.random.default_rng(3)
    names = desk.observations().accounts["account"].to_numpy(dtype=object)
    members = desk.members()
    inside = members[members["community"] == desk.communities()[0].community]["account"]
    pools = (inside.to_numpy(dtype=object), names)
    chosen = [rng.choice(pools[at % 2], size=2, replace=False) for at in range(count)]
    return [(str(a), str(b)) for a, b in chosen]


def test_bits_sum_and_follow_from_rows(desk: Workbench) -> None:
    identifiers = desk.observations().identifiers.set_index(["kind", "value"])
    spoke = 0
    for a, b in pairs(desk, 24):
        told = desk.explain(a, b)
        entries = [*told["signals"], *told["against"]]
        assert sum(round(1000 * e["bits"]) for e in entries) == round(1000 * told["bits"])
        for entry in told["signals"]:
            if not entry["signal"].startswith("shared "):
                continue
            spoke += 1
            assert 0 < len(entry["rows"]) <= min(20, entry["rows_total"])
            said = entry["inputs"]
            chance = said["accounts"] * said["values_of_busier"] / said["edges"]
            most = math.log2(said["reuse"] / chance) - math.log2(1 + said["gap_days"])
            assert entry["bits"] <= max(most, 0) + 0.001
            if entry["identifier"]:
                node = NodeRef.parse(entry["identifier"])
                assert identifiers.loc[(node.kind, node.value), "accounts"] == said["accounts"]
    assert spoke > 10


def test_named_rows_hold_the_value_and_the_account(desk: Workbench) -> None:
    columns = {"payment_method": "payment_fingerprint", "device": "device_fingerprint", "ip": "ip"}
    checked = 0
    for a, b in pairs(desk, 12):
        for entry in desk.explain(a, b)["signals"]:
            node = NodeRef.parse(entry["identifier"]) if entry["identifier"] else None
            if node is None or node.kind not in columns:
                continue
            for cited in entry["rows"][:3]:
                row = desk.snapshot().rows(cited["file"], [cited["row"]]).iloc[0]
                assert row["account_id"] in (a, b)
                assert node.value.endswith(str(row[columns[node.kind]]))
                checked += 1
    assert checked > 5


def test_what_was_published_is_explained_when_a_load_is_withdrawn(
    desk: Workbench, tmp_path: Path
) -> None:
    copy = Workbench.open(shutil.copytree(desk.workspace.path, tmp_path / "copy"))
    before = [copy.explain(a, b) for a, b in pairs(desk, 4)]
    cited = {row["file"] for told in before for entry in told["signals"] for row in entry["rows"]}
    packages = copy.packages().set_index("file")["load_id"]
    copy.withdraw(str(packages[min(name for name in cited if "exchange" in name)]))
    assert copy.snapshot().digest != copy.about()["snapshot"]
    assert [copy.explain(told["a"], told["b"]) for told in before] == before
