"""The pack: same inputs same bytes, every byte sealed, hostile text inert in every format."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from stix2validator import ValidationOptions, validate_string

from graph_models.errors import UsageError
from tests.unit.workbench_export.records import HOSTILE, record
from workbench.export import EXPORTERS, PROFILES, Signer, build_pack, verify_pack
from workbench.export.report import report_html
from workbench.export.seal import TAG_MANIFEST
from workbench.export.stix import TLP_IDS, bundle
from workbench.export.tables import neutralised

SIGNER = Signer("tester", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("packs") / "pack"
    build_pack(record(), out, SIGNER)
    return out


def files_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_record_gives_the_same_bytes(pack: Path, tmp_path: Path) -> None:
    build_pack(record(), tmp_path / "again", SIGNER)
    assert files_of(tmp_path / "again") == files_of(pack)


def test_an_untouched_pack_verifies_and_names_its_signer(pack: Path) -> None:
    report = verify_pack(pack)
    assert (report.ok, report.problems, report.signed_by) == (True, (), "tester")


def test_one_flipped_byte_is_found_and_named_in_every_file(pack: Path) -> None:
    for path in sorted(item for item in pack.rglob("*") if item.is_file()):
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        report = verify_pack(pack)
        path.write_bytes(whole)
        name = path.relative_to(pack).as_posix()
        assert not report.ok, name
        assert name in {problem.file for problem in report.problems}, name


@pytest.mark.parametrize("victim", ["data/csv/links.csv", "signature.json", "manifest-sha256.txt"])
def test_a_missing_file_is_named(pack: Path, victim: str) -> None:
    path = pack / victim
    whole = path.read_bytes()
    path.unlink()
    report = verify_pack(pack)
    path.write_bytes(whole)
    assert victim in {problem.file for problem in report.problems}


def test_an_added_file_is_named(pack: Path) -> None:
    extra = pack / "data" / "extra.txt"
    extra.write_text("planted")
    report = verify_pack(pack)
    extra.unlink()
    assert [(p.file, p.what.split(":")[0]) for p in report.problems] == [
        ("data/extra.txt", "added")
    ]


def test_a_manifest_written_anew_by_another_hand_does_not_verify(
    pack: Path, tmp_path: Path
) -> None:
    """A forger may recompute all digests, but not the signature."""
    forged = tmp_path / "forged"
    build_pack(
        record(value="other"),
        forged,
        Signer("tester", Ed25519PrivateKey.from_private_bytes(b"x" * 32)),
    )
    (forged / "signature.json").write_bytes((pack / "signature.json").read_bytes())
    assert [problem.file for problem in verify_pack(forged).problems] == [TAG_MANIFEST]


def test_a_pack_is_never_written_over(pack: Path) -> None:
    with pytest.raises(UsageError, match="never written over"):
        build_pack(record(), pack, SIGNER)


def test_an_unknown_format_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="graphml"):
        build_pack(record(), tmp_path / "p", SIGNER, formats=("docx",))
    assert not (tmp_path / "p").exists()


def test_a_folder_that_is_no_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not an evidence pack"):
        verify_pack(tmp_path)


def test_the_formats_hold_the_same_counts(pack: Path) -> None:
    counts = json.loads((pack / "data/summary.json").read_text())["counts"]
    with (pack / "data/csv/accounts.csv").open() as stream:
        accounts = list(csv.DictReader(stream))
    graph = nx.read_graphml(pack / "data/graph/graph.graphml")
    kinds = [data["kind"] for _, data in graph.nodes(data=True)]
    stix = json.loads((pack / "data/stix/bundle.json").read_text())["objects"]
    assert counts["accounts"] == len(accounts) == kinds.count("account") == 3
    assert sum(item["type"] == "user-account" for item in stix) == 3
    assert sum(item["type"] == "relationship" for item in stix) == counts["links"] == 2
    assert len(pd.read_parquet(pack / "data/parquet/links.parquet")) == 2


@pytest.mark.parametrize("profile", [profile.name for profile in PROFILES])
def test_the_stix_bundle_is_valid(profile: str) -> None:
    options = ValidationOptions(version="2.1", strict=True, disabled="103,302,244,305")
    result = validate_string(bundle(record(profile)).serialize(), options)
    assert result.is_valid, [error.message for error in result.errors]


def test_the_tlp_ids_are_those_of_oasis() -> None:
    assert TLP_IDS["AMBER+STRICT"] == "939a9414-2ddd-4d32-a0cd-375ea402b003"
    assert len(TLP_IDS) == 5


def test_the_report_holds_no_script_and_escapes_what_logs_say() -> None:
    html = report_html(record())
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "default-src 'none'" in html


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", "＝", "＠"])
def test_formulas_are_neutralised_and_numbers_stay(start: str) -> None:
    frame = pd.DataFrame({"text": [f"{start}cmd|' /C calc'!A0", "plain"], "bits": [-1.5, 2.0]})
    safe = neutralised(frame)
    assert safe["text"].tolist() == [f"'{start}cmd|' /C calc'!A0", "plain"]
    assert safe["bits"].tolist() == [-1.5, 2.0]


def test_a_hostile_value_is_text_in_the_csv(pack: Path) -> None:
    with (pack / "data/csv/identifiers.csv").open() as stream:
        values = {row["kind"]: row["value"] for row in csv.DictReader(stream)}
    assert values == {"ip": "240.1.2.3", "payment_method": "'" + HOSTILE}


def test_every_exporter_says_what_it_is_for() -> None:
    assert all(item.doc.endswith(".") for item in EXPORTERS)
    assert len({item.name for item in EXPORTERS}) == len(EXPORTERS)
