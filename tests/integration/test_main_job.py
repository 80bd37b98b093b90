"""The main job as a user runs it: one small world through every command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

pytestmark = pytest.mark.xdist_group("main-job")


class Desk:
    """Runs ``workbench`` commands in one workspace, with the network unreachable for Python."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "WORKBENCH_WORKSPACE": str(folder / "workspace"),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }

    def run(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "workbench", *arguments],
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        return done

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("main-job"))


@pytest.fixture(scope="module")
def done(desk: Desk) -> Any:
    workspace = desk.environment["WORKBENCH_WORKSPACE"]
    return desk.json(
        "demo", "--no-serve", "--scale", "0.3", "--seed", "11", "--workspace", workspace
    )


def test_the_demo_reports_what_the_contract_names(done: Any) -> None:
    assert set(done) >= {"workspace", "world", "accounts", "exchanges", "snapshot", "communities",
                         "found", "seconds"}  # fmt: skip
    assert done["found"]["account"]["precision"] >= 0.95
    assert done["found"]["account"]["recall"] >= 0.9


def test_the_truth_lies_outside_what_a_provider_sees(done: Any) -> None:
    world = Path(done["workspace"] + ".world")
    assert world.is_dir()
    assert not [path for path in world.rglob("*") if "truth" in path.name]


def test_communities_and_members_agree(desk: Desk, done: Any) -> None:
    listed = desk.json("communities", "--min-size", "0")
    members = pd.DataFrame(desk.json("members"))
    sizes = members.groupby(["community", "tier"]).size()
    for item in listed:
        assert abs(sum(item["assessment"].values()) - 1) < 1e-6
        for tier, count in item["size"].items():
            assert sizes.get((item["community"], tier), 0) == count


def test_expand_adds_up_and_pages_through_everything(desk: Desk, done: Any) -> None:
    account = desk.json("members")[0]["account"]
    seen: list[str] = []
    cursor: list[str] = []
    while True:
        page = desk.json("expand", f"account:{account}", "--limit", "7", *cursor)
        assert page["shown"] + page["hidden"] + page["truncated"] == page["total"]
        seen += [node["node"] for node in page["nodes"]]
        if page["cursor"] is None:
            break
        cursor = ["--after", page["cursor"]]
    assert len(seen) == len(set(seen))


def test_explain_sums_to_its_bits_and_names_rows(desk: Desk, done: Any) -> None:
    campaign = next(item for item in desk.json("communities") if item["assessed_as"] == "campaign")
    members = desk.json("members", "--community", campaign["community"])
    a, b = (item["account"] for item in members[:2])
    found = desk.json("explain", a, b)
    entries = found["signals"] + found["against"]
    assert sum(round(1000 * entry["bits"]) for entry in entries) == round(1000 * found["bits"])
    for entry in found["signals"]:
        assert entry["why"]
        assert entry["misleads"]
        if entry["identifier"]:
            assert 0 < len(entry["rows"]) <= 20
            assert entry["rows_total"] >= len(entry["rows"])


def test_search_and_show_find_the_same_node(desk: Desk, done: Any) -> None:
    account = desk.json("members")[0]["account"]
    found = desk.json("search", account)
    assert found[0]["node"] == f"account:{account}"
    assert desk.json("show", f"account:{account}")["counts"] == found[0]["counts"]


def test_a_pack_verifies_until_one_byte_is_flipped(desk: Desk, done: Any) -> None:
    community = desk.json("communities")[0]["community"]
    out = desk.folder / "pack"
    pack = desk.json("export", "--community", community, "--out", str(out))
    assert "data/report.html" in pack["files"]
    assert desk.json("verify", str(out))["ok"] is True
    victim = out / "data/csv/accounts.csv"
    content = victim.read_bytes()
    victim.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    report = json.loads(desk.run("verify", str(out), "--json", code=1).stdout)
    assert [problem["file"] for problem in report["problems"]] == ["data/csv/accounts.csv"]


def test_attribution_always_keeps_the_standing_hypotheses(desk: Desk, done: Any) -> None:
    community = desk.json("communities")[0]["community"]
    layers = desk.json("attribute", community)["layers"]
    for hypotheses in layers.values():
        names = {item["operator"] for item in hypotheses}
        assert {"unknown", "reseller-only", "benign"} <= names
        assert abs(sum(item["probability"] for item in hypotheses) - 1) < 1e-6


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("show", "nonsense"), 2, "kind:value"),
        (("members", "--community", "cm_none"), 2, "workbench communities"),
        (("explain", "nobody", "noone"), 2, "workbench search"),
        (("verify", "/nonexistent"), 2, "not an evidence pack"),
        (("synth", "no-such-world", "--out", "x"), 2, "quickstart"),
    ],
)
def test_errors_say_what_to_do(
    desk: Desk, done: Any, arguments: tuple[str, ...], code: int, says: str
) -> None:
    stderr = " ".join(desk.run(*arguments, code=code).stderr.split())
    assert says in stderr
    assert "Traceback" not in stderr


def test_doctor_finds_all_well(desk: Desk, done: Any) -> None:
    assert desk.json("doctor")["ok"] is True
