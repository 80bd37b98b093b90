"""What every registered provider of background data must hold."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ingest.enrichment
from graph_models.kinds import kind_named
from ingest.enrichment import ANSWER, ENRICHMENTS, Enrichment, Site, Source
from ingest.enrichment.run import BIN, absent, at_hand, enrich
from tests.unit.ingest_enrichment.files import bins_csv, networks_csv, small_mmdb

FOLDER = Path(ingest.enrichment.__file__).parent
PAGE = Path(__file__).parents[2] / "docs/enrichment.md"
# Files that declare no provider.
AROUND = {
    "__init__", "calendars", "intervals", "network_classes", "provider", "run", "user_tables",
}  # fmt: skip
KNOWN = {
    "ip": ["95.216.1.1", "240.0.0.1", "2a01:4f8::1", "10.0.0.1"],
    "email_domain": ["mailinator.com", "gmail.com", "dept.ox.ac.uk", "firm.example"],
    "user_agent": ["OpenAI/Python 1.55.3", "Mozilla/5.0 Firefox/130.0", "x"],
    BIN: ["411111", "55555555", "9", "x"],
}

each = pytest.mark.parametrize("item", ENRICHMENTS, ids=lambda item: item.name)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site at which every provider has a source."""
    folder = tmp_path_factory.mktemp("enrichment")
    small_mmdb(folder / "asn.mmdb")
    networks_csv(folder / "nets.csv")
    bins_csv(folder / "bins.csv")
    return Site(folders=(folder,))


def facts(table: pa.Table) -> set[tuple[object, ...]]:
    return {tuple(row.values()) for row in table.to_pylist()}


def test_every_file_is_in_the_registry() -> None:
    registry = (FOLDER / "__init__.py").read_text(encoding="utf-8")
    imported = re.findall(r"^from ingest\.enrichment\.(\w+) import", registry, re.MULTILINE)
    assert {path.stem for path in FOLDER.glob("*.py")} - AROUND == set(imported) - AROUND
    assert len({item.name for item in ENRICHMENTS}) == len(ENRICHMENTS)


@each
def test_it_gives_what_its_kind_declares(item: Enrichment) -> None:
    kind = kind_named("payment_method" if item.reads == BIN else item.reads)
    assert set(item.gives) <= {prop.name for prop in kind.properties}


@each
def test_it_is_on_the_page(item: Enrichment) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"`{item.name}`" in page
    assert all(f"`{name}`" in page for name in item.gives)


@each
def test_its_answers_say_where_they_are_from(item: Enrichment, site: Site) -> None:
    for source in item.open(site):
        assert source.name
        assert source.version
        assert source.licence
        assert re.fullmatch(r"(\d{4}-\d\d(-\d\d)?)?", source.date)
        found = source.look_up(KNOWN[item.reads])
        assert found.schema == ANSWER
        for row in found.to_pylist():
            assert row["property"] in item.gives
            assert row["value"]
            assert row["provider"].startswith(source.name)
            assert row["version"] == source.version
            assert 0 <= row["at"] < len(KNOWN[item.reads])


@each
def test_each_value_is_answered_for_itself(item: Enrichment, site: Site) -> None:
    values = KNOWN[item.reads]
    back = values[::-1]
    for source in item.open(site):
        by_value = {(values[row[0]], *row[1:]) for row in facts(source.look_up(values))}
        assert by_value == {(back[row[0]], *row[1:]) for row in facts(source.look_up(back))}
        assert facts(source.look_up([])) == set()


@each
@settings(max_examples=15, deadline=None)
@given(text=st.text(alphabet=st.characters(codec=None), max_size=300))
def test_any_clean_value_can_be_asked(item: Enrichment, text: str) -> None:
    kind = kind_named("payment_method" if item.reads == BIN else item.reads)
    value = text if item.reads == BIN else kind.clean(text)
    for source in item.open(Site()):
        for row in source.look_up([] if value is None else [value]).to_pylist():
            assert row["value"].encode("utf-8")


def test_what_nobody_knows_stays_unknown(site: Site) -> None:
    unknown = {
        "ip": ["240.200.3.4", "4000::7"],
        "email_domain": ["firm.example"],
        "user_agent": ["zzz"],
        BIN: ["999999"],
    }
    for item in ENRICHMENTS:
        for source in item.open(site):
            told = source.look_up(unknown[item.reads]).to_pylist()
            assert [row for row in told if row["property"] != "registered_domain"] == []


def test_the_values_that_ship_are_right() -> None:
    def told(kind: str, value: str) -> dict[str, str]:
        rows = [
            row
            for item in ENRICHMENTS
            if item.reads == kind
            for source in item.open(Site())
            for row in source.look_up([value]).to_pylist()
        ]
        return {row["property"]: row["value"] for row in reversed(rows)}

    assert told("ip", "95.216.1.1") == {"registry_country": "DE"}
    assert told("email_domain", "a.mailinator.com") == {
        "domain_class": "disposable",
        "registered_domain": "mailinator.com",
    }
    assert told("email_domain", "gmail.com")["domain_class"] == "free_mail"
    assert told("email_domain", "cs.ox.ac.uk") == {
        "domain_class": "academic",
        "registered_domain": "ox.ac.uk",
    }
    assert "domain_class" not in told("email_domain", "tsinghua-partners.cn")
    assert told(BIN, "411111") == {"card_scheme": "visa"}
    assert told(BIN, "222100") == {"card_scheme": "mastercard"}


OFFLINE = """
import sys
def refuse(event, _):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"):
        raise RuntimeError(event)
sys.addaudithook(refuse)
from ingest.enrichment import ENRICHMENTS, Site
asked = {"ip": "95.216.1.1", "email_domain": "a.gmail.com", "user_agent": "curl/8", "bin": "411111"}
answers = [s.look_up([asked[e.reads]]).num_rows for e in ENRICHMENTS for s in e.open(Site())]
import socket
try:
    socket.getaddrinfo("localhost", 80)
except RuntimeError:
    print(sum(answers))
"""


def test_no_provider_touches_the_network(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE],
        cwd=Path(__file__).parents[2],
        env={"HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 4
    assert list(tmp_path.iterdir()) == []  # no cache is written beside the user's files, either


def identifiers(kind: str, values: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"kind": kind, "value": sorted(values), "accounts": 2})


def no_bins() -> pd.DataFrame:
    return pd.DataFrame({"identifier": pd.Series(dtype="int64"), "bin": pd.Series(dtype="str")})


def test_absent_data_is_named(tmp_path: Path, site: Site) -> None:
    assert "enrichment.network_class" in absent(at_hand(tmp_path))
    assert "enrichment.registry_country" not in absent(at_hand(tmp_path))
    sources: list[tuple[Enrichment, Source]] = [
        (item, source) for item in ENRICHMENTS for source in item.open(site)
    ]
    assert absent(sources) == ()


def test_a_second_look_comes_from_the_cache(tmp_path: Path) -> None:
    table = identifiers("email_domain", KNOWN["email_domain"])
    first = enrich(at_hand(tmp_path), table, no_bins(), cache=tmp_path)
    files = sorted(tmp_path.iterdir())
    assert files
    again = enrich(at_hand(tmp_path), table, no_bins(), cache=tmp_path)
    pd.testing.assert_frame_equal(first, again)
    assert sorted(tmp_path.iterdir()) == files
    files[0].write_bytes(files[0].read_bytes()[:40])
    pd.testing.assert_frame_equal(
        first, enrich(at_hand(tmp_path), table, no_bins(), cache=tmp_path)
    )


def test_facts_do_not_depend_on_what_else_is_known(tmp_path: Path) -> None:
    few = identifiers("ip", ["95.216.1.1", "8.8.8.8"])
    many = identifiers("ip", ["95.216.1.1", "8.8.8.8", "1.1.1.1", "9.9.9.9"])

    def told(table: pd.DataFrame) -> set[tuple[str, ...]]:
        found = enrich(at_hand(tmp_path), table, no_bins(), cache=tmp_path / "none")
        named = found.assign(identifier=table["value"].to_numpy()[found["identifier"]])
        return set(named.astype(str).itertuples(index=False, name=None))

    assert told(few) <= told(many)
    assert len(told(few)) == 2
