"""From answers about values to facts about identifiers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from graph_models.enrichment import bundles, classes, properties
from graph_models.observations import COLUMNS, empty_table
from ingest.enrichment import Enrichment, Site, Source
from ingest.enrichment.provider import answer
from ingest.enrichment.run import Asked, at_hand, enrich
from tests.unit.ingest_enrichment.files import bins_csv, networks_csv, small_mmdb

NOTHING: pd.DataFrame = pd.DataFrame(
    {"identifier": pd.Series(dtype="int64"), "bin": pd.Series(dtype="str")}
)


def identifiers() -> pd.DataFrame:
    rows = [
        ("email_domain", "gmail.com", 9),
        ("ip", "240.12.7.1", 3),
        ("ip", "8.8.8.8", 2),
        ("payment_method", "stripe/fp_1", 2),
        ("payment_method", "stripe/fp_2", 2),
        ("payment_method", "stripe/fp_3", 2),
    ]
    return pd.DataFrame(rows, columns=["kind", "value", "accounts"])


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "enrichment").mkdir()
    networks_csv(tmp_path / "enrichment/nets.csv")
    bins_csv(tmp_path / "enrichment/bins.csv")
    return tmp_path


def told(found: pd.DataFrame, position: int) -> dict[str, str]:
    rows = found[found["identifier"] == position]
    return dict(zip(rows["property"][::-1], rows["value"][::-1], strict=True))


def test_facts_stand_at_their_identifiers(workspace: Path) -> None:
    bins = pd.DataFrame({"identifier": [3, 4, 4, 5], "bin": ["411111", "411111", "41111122", "9"]})
    found = enrich(at_hand(workspace), identifiers(), bins, cache=workspace)
    assert list(found.dtypes.astype(str)) == list(COLUMNS["enrichment"].values())
    assert found["identifier"].is_monotonic_increasing
    assert told(found, 0) == {"domain_class": "free_mail", "registered_domain": "gmail.com"}
    assert told(found, 1) == {"network_class": "vpn"}
    assert told(found, 2) == {"registry_country": "US"}
    assert told(found, 3)["bin_issuer"] == "Bank One"
    assert told(found, 4)["bin_issuer"] == "Bank Two"  # the longest BIN that a log gave
    assert told(found, 5) == {}


def test_a_users_list_is_shown_before_anothers(workspace: Path) -> None:
    small_mmdb(workspace / "enrichment/b.mmdb", {"240.12.7.0/24": {"hosting": True}})
    found = enrich(at_hand(workspace), identifiers(), NOTHING, cache=workspace)
    rows = found[(found["identifier"] == 1) & (found["property"] == "network_class")]
    assert rows["value"].tolist() == ["vpn", "hosting"]
    text = bundles(found, np.array([1]))[0].as_py()
    assert properties(text)["network_class"] == "vpn"
    assert len(properties(text)["enrichment"]) == 2
    assert classes(found, 6).tolist() == ["free_mail", "vpn", None, None, None, None]


def test_a_source_with_a_bound_takes_the_values_of_most_accounts() -> None:
    asked: list[str] = []

    def look_up(values: list[str]) -> pa.Table:
        asked.extend(values)
        return answer({"client_kind": ["sdk"] * len(values)}, ("p", "1", ""))

    source = Source(name="p", version="1", date="", licence="x", look_up=look_up, most=2)
    item = Enrichment(
        name="p",
        reads="user_agent",
        gives=("client_kind",),
        doc="A test.",
        open=lambda _: (source,),
    )
    table = pd.DataFrame(
        {"kind": "user_agent", "value": ["a", "b", "c", "d"], "accounts": [2, 7, 2, 9]}
    )
    found = enrich([(item, source)], table, NOTHING, cache=Path("/nowhere"))
    assert asked == ["b", "d"]
    assert found["identifier"].tolist() == [1, 3]
    everything = replace(source, most=None)
    assert len(enrich([(item, everything)], table, NOTHING, cache=Path("/nowhere"))) == 4


def test_another_version_is_looked_up_anew(tmp_path: Path) -> None:
    asked: list[str] = []

    def look_up(values: list[str]) -> pa.Table:
        asked.extend(values)
        return answer({"registry_country": [None] * len(values)}, ("p", "1", ""))

    source = Source(name="p", version="1", date="", licence="x", look_up=look_up)
    item = Enrichment(
        name="p", reads="ip", gives=("registry_country",), doc="A test.", open=lambda _: ()
    )
    for version in ("1", "1", "2"):
        own = replace(source, version=version)
        enrich([(item, own)], identifiers(), NOTHING, cache=tmp_path)
    assert asked == ["240.12.7.1", "8.8.8.8"] * 2


def test_progress_is_told_for_many_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.enrichment.run.CHUNK", 1)
    said: list[float] = []
    enrich(
        at_hand(tmp_path),
        identifiers(),
        NOTHING,
        cache=tmp_path / "none",
        say=lambda _, share: said.append(share),
    )
    assert said
    assert all(0 <= share < 1 for share in said)


def test_values_of_a_kind_keep_their_positions() -> None:
    asked = Asked.of_kind(identifiers(), "ip")
    assert asked.values == ["240.12.7.1", "8.8.8.8"]
    assert asked.identifier.tolist() == [1, 2]
    assert asked.weight.tolist() == [3, 2]


def test_bundles_of_nothing_are_null() -> None:
    found = bundles(empty_table("enrichment"), np.array([0, 1]))
    assert found.to_pylist() == [None, None]
    assert properties(None) == {}
    assert classes(empty_table("enrichment"), 2).tolist() == [None, None]


def test_bundles_differ_where_facts_do() -> None:
    rows = [
        (0, "network_class", "vpn", "a", "1", ""),
        (0, "registry_country", "DE", "i", "3", ""),
        (1, "network_class", "vpn", "a", "1", ""),
        (3, "network_class", "vpn", "a", "1", "2026-01-01"),
        (4, "network_class", "vpn", "a", "1", ""),
        (4, "registry_country", "DE", "i", "3", ""),
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS["enrichment"])).astype(COLUMNS["enrichment"])
    found = bundles(table, np.array([4, 3, 2, 1, 0]))
    assert [text and list(properties(text)["enrichment"]) for text in found.to_pylist()] == [
        ["network_class vpn: a 1", "registry_country DE: i 3"],
        ["network_class vpn: a 1, data of 2026-01-01"],
        None,
        ["network_class vpn: a 1"],
        ["network_class vpn: a 1", "registry_country DE: i 3"],
    ]
    assert len(found.dictionary) == 3


def test_a_site_without_folders_has_no_files(tmp_path: Path) -> None:
    assert Site.of(tmp_path).files(".mmdb") == ()
