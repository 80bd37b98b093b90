"""One world, two forms: what both can carry gives the same communities; mixed folders add up."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from fixtures import SynthReport, World, load_world, synthesise
from graph_models.observations import COLUMNS
from workbench import Workbench
from workbench.cli import app

pytestmark = pytest.mark.xdist_group("vendor-equality")

SCALE = 0.04
DAYS = 14


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where every test has its keys, already while the workspaces of all are made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "home"))
        yield


@pytest.fixture(scope="module")
def world() -> World:
    return replace(load_world("quickstart"), days=DAYS, http_requests=0.2, exchanges=150_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vendor-equality")


@pytest.fixture(scope="module")
def canonical(folder: Path, world: World) -> SynthReport:
    return synthesise(world, folder / "canonical", scale=SCALE, fields="common")


@pytest.fixture(scope="module")
def vendor(folder: Path, world: World) -> SynthReport:
    return synthesise(world, folder / "vendor", scale=SCALE, as_="vendor")


@pytest.fixture(scope="module")
def ingested(folder: Path, vendor: SynthReport) -> tuple[Workbench, dict[str, Any]]:
    return loaded(folder / "ws-vendor", vendor.out)


@pytest.fixture(scope="module")
def desks(
    folder: Path, canonical: SynthReport, ingested: tuple[Workbench, dict[str, Any]]
) -> dict[str, Workbench]:
    return {"canonical": loaded(folder / "ws-canonical", canonical.out)[0], "vendor": ingested[0]}


def loaded(workspace: Path, logs: Path) -> tuple[Workbench, dict[str, Any]]:
    desk = Workbench.open(workspace, create=True)
    return desk, desk.ingest([logs]).as_json()


def tables(desk: Workbench, api_keys: bool = True) -> dict[str, pd.DataFrame]:
    """The observation tables by value instead of by position."""
    seen = desk.observations()
    names = seen.identifiers[["kind", "value"]]
    if not api_keys:
        hashed = names["kind"] == "api_key"  # a gateway logs the hash of a key
        names = names.assign(value=names["value"].mask(hashed, ""))
    sightings = seen.sightings.join(names, on="identifier").drop(columns="identifier")
    found = {"accounts": seen.accounts, "identifiers": seen.identifiers.assign(**names)}
    found |= {"sightings": sightings, "activity": seen.activity, "labels": seen.labels}
    found["calendar"] = seen.calendar
    return {
        name: table.sort_values(list(table.columns)).reset_index(drop=True)
        for name, table in found.items()
    }


def test_both_forms_give_the_same_observations(desks: dict[str, Workbench]) -> None:
    here, there = (tables(desk, api_keys=False) for desk in desks.values())
    assert set(here) < set(COLUMNS) | {"calendar"}
    for name, table in here.items():
        assert len(table), name
        pd.testing.assert_frame_equal(table, there[name], obj=name)


def test_both_forms_give_the_same_communities(desks: dict[str, Workbench]) -> None:
    runs = [desk.analyse(seed=3) for desk in desks.values()]
    assert [run.links for run in runs] == [runs[0].links] * 2
    found = [desk.communities(min_size=0) for desk in desks.values()]
    assert max(item.assessment.probabilities["campaign"] for item in found[0]) > 0.5
    assert found[0] == found[1]
    members = [desk.members() for desk in desks.values()]
    pd.testing.assert_frame_equal(*members)
    pair = members[0].loc[members[0]["tier"] == "core", "account"].tolist()[:2]
    bits = [desk.explain(*pair) for desk in desks.values()]
    assert bits[0]["bits"] == bits[1]["bits"]
    named = [{(s["signal"], s["rows_total"]) for s in found["signals"]} for found in bits]
    assert named[0] == named[1]


def test_every_row_of_a_vendor_file_is_loaded(
    ingested: tuple[Workbench, dict[str, Any]], vendor: SynthReport
) -> None:
    report = ingested[1]
    lines = {
        name: len((vendor.out / name).read_bytes().splitlines())
        for name in vendor.files
        if name != "README.md"
    }
    assert {item["file"]: item["rows"] for item in report["packages"]} == lines
    assert (report["rows"], report["loaded"]) == (sum(lines.values()),) * 2
    mappings = {item["mapping"] for item in report["packages"]}
    assert mappings >= {
        "litellm.spend_logs",
        "stripe.charge",
        "stripe.payment_method",
        "cloudflare.account_abuse",
        "cloudflare.http_requests",
        "canonical.account",
        "canonical.alias",
    }


@pytest.fixture(scope="module")
def mixed(folder: Path, world: World, canonical: SynthReport, vendor: SynthReport) -> Path:
    """Every format in one folder; one week twice, in both forms; three broken records."""
    out = folder / "mixed"
    packed = {
        form: synthesise(world, folder / form, scale=SCALE, format=form, fields="common").out
        for form in ("csv.gz", "jsonl.zst")
    }
    weeks = sorted(path.stem for path in (canonical.out / "exchanges").iterdir())
    put(canonical.out / "accounts.parquet", out / "accounts.parquet")
    put(packed["jsonl.zst"] / "calendar.jsonl.zst", out / "calendar.jsonl.zst")
    put(packed["csv.gz"] / "labels.csv.gz", out / "labels.csv.gz")
    put(canonical.out / "indicators.parquet", out / "indicators.parquet")
    put(packed["jsonl.zst"] / "logins.jsonl.zst", out / "logins.jsonl.zst")
    put(vendor.out / "aliases.jsonl", out / "aliases.jsonl")
    put(vendor.out / "payments.jsonl", out / "other-payments.jsonl")
    put(canonical.out / f"exchanges/{weeks[0]}.parquet", out / "first-week.parquet")
    put(packed["csv.gz"] / f"exchanges/{weeks[1]}.csv.gz", out / "second-week.csv.gz")
    again = (vendor.out / f"litellm/spend_logs/{weeks[1]}.jsonl").read_bytes()
    (out / "second-week-again.jsonl.gz").write_bytes(gzip.compress(again))
    parts = [*sorted((vendor.out / "stripe").iterdir())]
    parts += sorted((vendor.out / "cloudflare/http_requests").iterdir())
    broken = ['{"half": ', '{"nobody": "knows me"}', "[]"]
    lines = [line for part in parts for line in part.read_text("utf-8").splitlines()]
    (out / "everything.jsonl").write_text("\n".join([*lines, *broken]) + "\n", encoding="utf-8")
    return out


def put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def test_a_mixed_folder_is_accounted_for_to_the_row(
    folder: Path, mixed: Path, vendor: SynthReport, desks: dict[str, Workbench]
) -> None:
    desk, report = loaded(folder / "ws-mixed", mixed)
    found = pd.DataFrame(report["packages"])
    assert (found["rows"] == found["loaded"] + found["duplicate"] + found["quarantined"]).all()
    for column in ("rows", "loaded", "duplicate", "quarantined"):
        assert report[column] == found[column].sum()
    by_file = found.groupby("file")[["rows", "duplicate", "quarantined"]].sum()
    twice = by_file.loc[["second-week-again.jsonl.gz", "second-week.csv.gz"]]
    assert twice["rows"].nunique() == 1
    assert twice["duplicate"].sum() == twice["rows"].iloc[0]
    assert by_file["duplicate"].sum() == twice["duplicate"].sum()
    assert by_file.loc["everything.jsonl", "quarantined"] == by_file["quarantined"].sum() == 3
    assert by_file.loc["everything.jsonl", "rows"] == len(
        (mixed / "everything.jsonl").read_bytes().splitlines()
    )
    mappings = set(found.loc[found["file"] == "everything.jsonl", "mapping"])
    assert mappings == {"stripe.charge", "stripe.payment_method", "cloudflare.http_requests"}
    assert sorted(desk.quarantine()["row"]) == list(
        range(
            by_file.loc["everything.jsonl", "rows"] - 2, by_file.loc["everything.jsonl", "rows"] + 1
        )
    )
    here, there = tables(desk), tables(desks["canonical"])
    for name in ("accounts", "identifiers", "sightings", "activity", "labels"):
        left, right = without_keys(here[name]), without_keys(there[name])
        pd.testing.assert_frame_equal(left, right, obj=name)


def without_keys(table: pd.DataFrame) -> pd.DataFrame:
    """Of one exchange in two forms either may count; only how they name the key differs."""
    if "kind" not in table:
        return table
    return table[table["kind"] != "api_key"].reset_index(drop=True)


def test_the_command_reports_the_loss(tmp_path: Path) -> None:
    out = str(tmp_path / "w")
    arguments = ["--out", out, "--scale", "0.01", "--as", "vendor", "--json"]
    result = CliRunner().invoke(app, ["synth", "quickstart", *arguments])
    report = json.loads(result.stdout)
    assert (result.exit_code, report["form"]) == (0, "vendor")
    assert report["lost"]["exchange.tools"]
    assert "litellm/spend_logs/2026-04-22.jsonl" in report["files"]
