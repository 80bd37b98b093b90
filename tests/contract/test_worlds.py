"""One suite over every shipped world: what a provider may see, what only the truth may say."""

from __future__ import annotations

import hashlib
import ipaddress
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fixtures import WORLDS, SynthReport, World, load_world, synthesise
from fixtures.dials import LOOKALIKE_KINDS
from fixtures.lookalikes import LOOKALIKES
from fixtures.validator import validate
from fixtures.writing import MARKER
from ingest.events import event_named
from ingest.formats.files import source_files, world_of

SCALE, PRESET_SCALE = 0.06, 0.002
HARDER = ("quickstart:hard", "sampled")
THINNED = 12  # the presets' campaigns keep their pace at any scale, which a suite has no time for
SPLIT = {"exchanges": "exchange", "device_sightings": "device_sighting", "logins": "login"}
KINDS = {
    "accounts": "account",
    "payments": "payment",
    "logins": "login",
    "calendar": "calendar",
    "labels": "label",
    "indicators": "indicator",
}
ROLES = {"benign", "reseller_customer", "campaign", "mixed"}


def kind_of(name: str) -> str:
    folder, _, part = name.partition("/")
    return SPLIT[folder] if part else KINDS.get(Path(name).stem, "")


def logins_of(report: SynthReport) -> pd.DataFrame:
    """One file, or one a day."""
    parts = [name for name in report.files if kind_of(name) == "login"]
    return pd.concat([pd.read_parquet(report.out / part) for part in parts], ignore_index=True)


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def thinned(name: str) -> World:
    """A shipped world, its campaigns' own totals (which only presets have) made smaller."""
    world = load_world(name)
    told = sum(operator.exchanges for operator in world.operators)
    operators = tuple(
        replace(operator, exchanges=operator.exchanges // THINNED) for operator in world.operators
    )
    return replace(world, operators=operators, exchanges=world.exchanges - told + told // THINNED)


def scale_of(name: str) -> float:
    """Full presets are a hundred times the size of the other worlds."""
    return PRESET_SCALE if load_world(name).source else SCALE


@pytest.fixture(scope="module", params=[*WORLDS, *HARDER])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SynthReport:
    out = tmp_path_factory.mktemp("worlds") / request.param
    return synthesise(thinned(request.param), out, scale=scale_of(request.param))


@pytest.fixture(scope="module")
def accounts(report: SynthReport) -> pd.DataFrame:
    return pd.read_parquet(report.out / "accounts.parquet")


@pytest.fixture(scope="module")
def exchanges(report: SynthReport) -> pd.DataFrame:
    parts = sorted((report.out / "exchanges").glob("*.parquet"))
    return pd.concat([pd.read_parquet(part) for part in parts], ignore_index=True)


@pytest.fixture(scope="module")
def truth(report: SynthReport) -> pd.DataFrame:
    return pd.read_csv(report.truth / "accounts.csv", keep_default_na=False)


def test_every_toml_is_registered_and_every_name_has_its_toml() -> None:
    folder = Path(__import__("fixtures.worlds").worlds.__file__).parent
    assert {path.stem for path in folder.glob("*.toml")} == set(WORLDS)
    assert sorted(LOOKALIKES) == sorted(LOOKALIKE_KINDS)


def test_same_world_seed_and_scale_give_the_same_bytes(report: SynthReport, tmp_path: Path) -> None:
    again = synthesise(thinned(report.world), tmp_path / "again", scale=report.scale)
    assert digests(again.out) == digests(report.out)
    assert digests(again.truth) == digests(report.truth)


def test_another_seed_gives_another_world(report: SynthReport, tmp_path: Path) -> None:
    world, seed = thinned(report.world), report.seed + 1
    other = synthesise(world, tmp_path / "other", scale=report.scale, seed=seed)
    mine = pq.read_table(report.out / "accounts.parquet", columns=["account_id"])
    theirs = pq.read_table(other.out / "accounts.parquet", columns=["account_id"])
    assert not set(mine["account_id"].to_pylist()) & set(theirs["account_id"].to_pylist())


def test_report_counts_what_is_on_disk(
    report: SynthReport, accounts: pd.DataFrame, exchanges: pd.DataFrame
) -> None:
    world = thinned(report.world).scaled(report.scale)
    assert (report.accounts, report.exchanges) == (len(accounts), len(exchanges))
    assert len(accounts) == world.population.accounts
    assert abs(len(exchanges) - world.exchanges) < 0.15 * world.exchanges
    assert set(report.files) == set(digests(report.out))
    assert not any("truth" in name for name in report.files)


def test_columns_are_the_canonical_ones(report: SynthReport) -> None:
    for name in report.files:
        if not name.endswith(".parquet"):
            continue
        kind = kind_of(name)
        schema = pq.read_schema(report.out / name)
        assert schema.names == [column.name for column in event_named(kind).columns]
        times = [column.name for column in event_named(kind).columns if column.type == "time"]
        assert all(schema.field(time).type == pa.timestamp("us", tz="UTC") for time in times)
        metadata = pq.ParquetFile(report.out / name).metadata.metadata
        assert metadata[b"synthetic"].startswith(b"SYNTHETIC DATA")
        assert b"pandas" not in metadata


def test_required_columns_are_filled_and_ids_occur_once(report: SynthReport) -> None:
    for name in report.files:
        if name.endswith(".parquet"):
            event = event_named(kind_of(name))
            table = pd.read_parquet(report.out / name)
            assert table[list(event.required)].notna().all(axis=None)
            assert not table.duplicated(list(event.id_columns)).any()


def test_rows_are_sorted_by_time(report: SynthReport) -> None:
    for name in report.files:
        if name.endswith(".parquet"):
            event = event_named(kind_of(name))
            assert pd.read_parquet(report.out / name)[event.ts].is_monotonic_increasing


def test_truth_names_every_account_once(truth: pd.DataFrame, accounts: pd.DataFrame) -> None:
    assert sorted(truth["account_id"]) == sorted(accounts["account_id"])
    assert set(truth["role"]) <= ROLES
    campaign = truth[truth["role"].isin(["campaign", "mixed"])]
    assert (campaign[["campaign", "cell", "supplier", "beneficiary"]] != "").all(axis=None)
    innocent = truth[truth["role"].isin(["benign", "reseller_customer"])]
    assert (innocent[["campaign", "cell", "beneficiary", "access_operator"]] == "").all(axis=None)


def test_events_name_known_accounts_within_their_lives(
    accounts: pd.DataFrame, exchanges: pd.DataFrame, report: SynthReport
) -> None:
    lives = accounts.set_index("account_id")
    skew = pd.Timedelta(seconds=load_world(report.world).noise.clock_skew_seconds)
    opened = exchanges["account_id"].map(lives["created_at"])
    closed = exchanges["account_id"].map(lives["closed_at"])
    assert opened.notna().all()
    assert ((lives["closed_at"] > lives["created_at"]) | lives["closed_at"].isna()).all()
    assert (exchanges["ts"] >= opened - skew).all()
    assert ((exchanges["ts"] <= closed + skew) | closed.isna()).all()
    for table in (pd.read_parquet(report.out / "payments.parquet"), logins_of(report)):
        assert set(table["account_id"]) <= set(lives.index)


def test_traffic_truth_adds_up_to_the_mixed_accounts_exchanges(
    report: SynthReport, truth: pd.DataFrame, exchanges: pd.DataFrame
) -> None:
    traffic = pd.read_csv(report.truth / "traffic.csv", keep_default_na=False)
    mixed = set(truth.loc[truth["role"] == "mixed", "account_id"])
    assert set(traffic["account_id"]) <= mixed
    assert traffic["exchanges"].sum() == exchanges["account_id"].isin(mixed).sum()


def test_identifier_truth_names_values_that_are_in_the_files(
    report: SynthReport, exchanges: pd.DataFrame
) -> None:
    table = pd.read_csv(report.truth / "identifiers.csv", keep_default_na=False)
    payments = pd.read_parquet(report.out / "payments.parquet")
    logins = logins_of(report)
    seen = {
        "ip": set(exchanges["ip"]) | set(logins["ip"]),
        "device_fingerprint": set(exchanges["device_fingerprint"])
        | set(logins["device_fingerprint"]),
        "payment_method": set(payments["psp"] + "/" + payments["payment_fingerprint"]),
    }
    assert set(table["status"]) <= {"pivotal", "coincidental", "decoy"}
    for kind, values in table.groupby("kind")["value"]:
        # a value of which every row lost its column to noise is the one exception
        assert len(set(values) - seen[kind]) <= 0.05 * len(values) + 1


def test_nothing_of_the_truth_stands_in_a_providers_file(report: SynthReport) -> None:
    world = load_world(report.world)
    secrets = {"Pelican Account Trading", "reseller_customer"}
    for operator in world.operators:
        secrets |= {
            operator.name,
            operator.supplier,
            operator.access_operator,
            operator.beneficiary,
        }
    secrets |= {reseller.name for reseller in world.resellers}
    for name in report.files:
        if (
            name.endswith(".parquet") and name != "indicators.parquet"
        ):  # outsiders do name operators
            text = pd.read_parquet(report.out / name).to_csv(index=False)
            assert not [secret for secret in secrets if secret in text]


def test_addresses_and_domains_are_reserved(
    report: SynthReport, accounts: pd.DataFrame, exchanges: pd.DataFrame
) -> None:
    allowed = [ipaddress.ip_network("240.0.0.0/4"), ipaddress.ip_network("4000::/3")]
    for text in set(exchanges["ip"].dropna()) | set(accounts["signup_ip"].dropna()):
        address = ipaddress.ip_address(text)
        assert any(address in network for network in allowed)
        assert str(address) == text
    assert accounts["email_domain"].str.contains(r"\.(?:example|test|invalid)$").all()
    domains = accounts["email"].str.split("@").str[1]
    assert domains.tolist() == accounts["email_domain"].tolist()


def test_ingest_is_told_that_the_files_are_synthetic(report: SynthReport) -> None:
    assert world_of([report.out]) == report.world
    assert world_of([report.out / "accounts.parquet"]) == report.world
    assert {file.name for file in source_files([report.out])} == set(report.files) - {MARKER}


def test_world_json_holds_the_whole_dial_vector(report: SynthReport) -> None:
    sheet = json.loads((report.truth / "world.json").read_text("utf-8"))
    given = (report.world, report.seed, scale_of(report.world))
    assert (sheet["world"], sheet["seed"], sheet["scale"]) == given
    assert sheet["dials"]["population"]["accounts"] == report.accounts
    for operator in sheet["dials"]["operators"]:
        assert {"card_reuse", "synchrony", "camouflage", "respawn", "hours", "pivot"} <= set(
            operator
        )


def test_planted_rings_can_be_rebuilt_from_the_files(report: SynthReport) -> None:
    checks = validate(report.out)
    assert [check for check in checks if not check.ok] == []
    rewired = load_world(report.world).noise.rewired
    assert bool(checks) is not rewired
