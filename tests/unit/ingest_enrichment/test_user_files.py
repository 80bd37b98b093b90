"""A user's own files: what they tell, and how a damaged one is refused."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_models.errors import BadDataError
from ingest.enrichment import ENRICHMENTS, SETTING, Site
from ingest.enrichment.intervals import Networks, Span
from ingest.enrichment.run import at_hand
from ingest.enrichment.user_tables import unread
from tests.unit.ingest_enrichment.files import bins_csv, networks_csv, small_mmdb


def told(folder: Path, provider: str, value: str) -> dict[str, str]:
    """Property → value of the first answer that a provider's sources give."""
    item = next(item for item in ENRICHMENTS if item.name == provider)
    rows = [
        row
        for source in item.open(Site(folders=(folder,)))
        for row in source.look_up([value]).to_pylist()
    ]
    return {row["property"]: row["value"] for row in reversed(rows)}


# ---- .mmdb


def test_an_asn_file_is_read(tmp_path: Path) -> None:
    small_mmdb(tmp_path / "asn.mmdb")
    assert told(tmp_path, "mmdb", "203.0.113.9") == {
        "network_asn": "64500",
        "network_organisation": "Example Net",
    }
    assert told(tmp_path, "mmdb", "203.0.112.9") == {}
    assert told(tmp_path, "mmdb", "2001:db8::1") == {}  # an IPv4 file says nothing of IPv6


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"country": {"iso_code": "DE"}}, {"network_country": "DE"}),
        ({"country": "DE", "asn": "AS64500"}, {"network_country": "DE", "network_asn": "64500"}),
        ({"asn": "ASN?"}, {}),
        ({"connection_type": "Cellular"}, {"network_connection": "Cellular"}),
        ({"is_anonymous_vpn": True, "is_hosting_provider": True}, {"network_class": "vpn"}),
        ({"traits": {"is_tor_exit_node": True}}, {"network_class": "tor"}),
        ({"hosting": "true", "vpn": "false"}, {"network_class": "hosting"}),
        ({"is_hosting_provider": False, "is_anonymous_vpn": False}, {}),
        ({"traits": {"user_type": "residential"}}, {"network_user_type": "residential"}),
        (
            {"user_type": "cellular"},
            {"network_user_type": "cellular", "network_class": "carrier"},
        ),
        ({"country": {"iso_code": ["DE"]}, "traits": "x"}, {}),
    ],
)
def test_records_of_many_vendors_are_understood(
    tmp_path: Path, record: dict[str, Any], expected: dict[str, str]
) -> None:
    small_mmdb(tmp_path / "a.mmdb", {"203.0.113.0/24": record})
    assert told(tmp_path, "mmdb", "203.0.113.9") == expected


def test_both_families_of_addresses_are_found(tmp_path: Path) -> None:
    records = {"240.7.0.0/16": {"as_name": "Four"}, "4000:7::/32": {"as_name": "Six"}}
    small_mmdb(tmp_path / "a.mmdb", records, version=6)
    assert told(tmp_path, "mmdb", "240.7.3.1") == {"network_organisation": "Four"}
    assert told(tmp_path, "mmdb", "4000:7::9") == {"network_organisation": "Six"}


@pytest.mark.parametrize("kept", [0, 10, 200])
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, kept: int) -> None:
    whole = small_mmdb(tmp_path / "asn.mmdb").read_bytes()
    (tmp_path / "asn.mmdb").write_bytes(whole[:kept] + b"\0" * 50)
    with pytest.raises(BadDataError, match=r"asn\.mmdb.*Download it again"):
        told(tmp_path, "mmdb", "203.0.113.9")


def test_damage_within_is_refused_or_harmless(tmp_path: Path) -> None:
    whole = small_mmdb(tmp_path / "asn.mmdb").read_bytes()
    refused = 0
    for place in range(0, len(whole), 7):
        broken = bytes([*whole[:place], whole[place] ^ 0xFF, *whole[place + 1 :]])
        (tmp_path / "asn.mmdb").unlink()  # a mapped file is never written over
        (tmp_path / "asn.mmdb").write_bytes(broken)
        try:
            told(tmp_path, "mmdb", "203.0.113.9")
        except BadDataError:
            refused += 1
    assert refused


# ---- networks


def test_the_narrowest_listed_network_holds(tmp_path: Path) -> None:
    networks_csv(tmp_path / "nets.csv")
    assert told(tmp_path, "networks", "240.12.1.1") == {"network_class": "hosting"}
    assert told(tmp_path, "networks", "240.12.7.1") == {"network_class": "vpn"}
    assert told(tmp_path, "networks", "240.13.0.1") == {}
    assert told(tmp_path, "networks", "4000:7::1") == {"network_class": "carrier"}


def test_a_network_may_be_two_things_and_each_names_its_source(tmp_path: Path) -> None:
    (tmp_path / "nets.csv").write_text(
        "network;label;source\n240.1.0.0/16;hosting;a\n240.1.0.0/16;tor;b\n", encoding="utf-8"
    )
    item = next(item for item in ENRICHMENTS if item.name == "networks")
    (source,) = item.open(Site(folders=(tmp_path,)))
    rows = source.look_up(["240.1.0.9"]).to_pylist()
    assert [(row["value"], row["provider"]) for row in rows] == [
        ("tor", "nets.csv: b"),
        ("hosting", "nets.csv: a"),
    ]


spans = st.lists(
    st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(
        lambda pair: str(ipaddress.ip_network((pair[0] >> 20 << 20, pair[1]), strict=False))
    ),
    max_size=12,
    unique=True,
)


@settings(max_examples=80, deadline=None)
@given(networks=spans, numbers=st.lists(st.integers(0, 4095), max_size=12))
def test_intervals_find_the_longest_prefix(networks: list[str], numbers: list[int]) -> None:
    addresses = [str(ipaddress.ip_address(number << 20)) for number in numbers]
    found = Networks([Span.parse(text) for text in networks]).find(addresses)
    for address, number in zip(addresses, found.tolist(), strict=True):
        around = [ipaddress.ip_network(n) for n in networks]
        around = [n for n in around if ipaddress.ip_address(address) in n]
        best = max(around, key=lambda n: n.prefixlen, default=None)
        assert (None if number < 0 else networks[number]) == (best and str(best))


def test_the_last_address_of_all_is_found() -> None:
    networks = Networks([Span.parse("255.0.0.0/8"), Span.parse("::/0")])
    assert networks.find(["255.255.255.255", "ffff::1", "1.1.1.1"]).tolist() == [0, 1, -1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("network,label\n240.1.0.0/16,residential\n", r"nets\.csv, row 2, label.*'residential'"),
        ("network,label\n240.1.0.0/33,vpn\n", r"nets\.csv, row 2, network"),
        ("network,label\nhost.example,vpn\n", r"row 2, network"),
        ("network,label,date\n240.1.0.0/16,vpn,yesterday\n", r"row 2, date.*2026-11-21"),
        ("network,label\n240.1.0.0/16\n", r"row 2.*1 fields and the header 2"),
        ('network,label\n240.1.0.0/16,"vpn\n', r"nets\.csv.*cannot be read"),
    ],
)
def test_a_list_with_a_bad_row_is_refused_whole(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "nets.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadDataError, match=expected):
        told(tmp_path, "networks", "240.1.0.1")


def test_a_list_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nets.csv").write_bytes(b"network,label\n240.1.0.0/16,vpn\n\xff\xfe,x\n")
    with pytest.raises(BadDataError, match="UTF-8"):
        told(tmp_path, "networks", "240.1.0.1")


def test_a_refusal_shows_hostile_text_inert(tmp_path: Path) -> None:
    (tmp_path / "nets.csv").write_text(
        "network,label\n240.1.0.0/16,\x1b[31m\u202evpn\n", encoding="utf-8"
    )
    with pytest.raises(BadDataError) as refused:
        told(tmp_path, "networks", "240.1.0.1")
    assert "\x1b" not in str(refused.value)
    assert "\u202e" not in str(refused.value)


def test_other_tables_in_the_folder_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    (tmp_path / "\x1b[2J.txt").write_text("", encoding="utf-8")
    networks_csv(tmp_path / "nets.csv")
    assert told(tmp_path, "networks", "240.1.0.1") == {}
    assert told(tmp_path, "bins", "411111") == {}
    site = Site(folders=(tmp_path,))
    assert unread(site) == ("\\x1b[2J.txt", "empty.csv", "notes.csv")


# ---- BINs


def test_the_longest_prefix_of_a_card_holds(tmp_path: Path) -> None:
    bins_csv(tmp_path / "bins.csv")
    assert told(tmp_path, "bins", "411111")["bin_issuer"] == "Bank One"
    assert told(tmp_path, "bins", "41111122") == {
        "bin_country": "CA",
        "bin_issuer": "Bank Two",
        "bin_funding": "prepaid",
    }
    assert told(tmp_path, "bins", "500000") == {}


def test_a_bad_prefix_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bins.csv").write_text("bin,country\n4111,US\n4111x1,US\n", encoding="utf-8")
    with pytest.raises(BadDataError, match=r"bins\.csv, row 3, bin"):
        told(tmp_path, "bins", "411111")


# ---- where they lie


def test_a_folder_may_be_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "shared"
    named.mkdir()
    networks_csv(named / "nets.csv")
    assert not Site.of(tmp_path / "ws").files(".csv")
    monkeypatch.setenv(SETTING, str(named))
    assert [path.name for path in Site.of(tmp_path / "ws").files(".csv")] == ["nets.csv"]
    assert "networks" in {item.name for item, _ in at_hand(tmp_path / "ws")}
