"""A search finds any entity: nodes, private values, other spellings, networks; and counts."""

from __future__ import annotations

import pytest

from graph_models.errors import UsageError
from ingest.observing import known_values
from workbench import Workbench
from workbench.finding import Findings


def told(found: Findings) -> list[tuple[str, str, str]]:
    return [(str(hit.node), hit.match, hit.draw) for hit in found.hits]


@pytest.fixture(params=["scanned", "listed"])
def searched(desk: Workbench, request: pytest.FixtureRequest) -> Workbench:
    """With and without the file of all values; answers are the same."""
    snapshot = desk.snapshot()
    for path in snapshot.layout.cache.glob("*.known_values.parquet"):
        path.unlink()
    if request.param == "listed":
        known_values.index_values(snapshot.layout, snapshot.manifest)
    return desk


def test_private_values_are_found_with_whose_they_are(searched: Workbench) -> None:
    (hit,) = searched.find("DV_Alone").hits
    assert (str(hit.node), hit.match, hit.private) == ("device:DV_Alone", "exact", True)
    assert hit.draw == "account:x1"
    begins = searched.find("dv_al")
    assert told(begins) == [("device:DV_Alone", "prefix", "account:x1")]
    assert begins.total == 1
    assert told(searched.find("payment_method:stripe/c2")) == [
        ("payment_method:stripe/c2", "exact", "account:elsewhere")
    ]
    assert told(searched.find("Card: stripe/c2"))[0][2] == "account:elsewhere"


def test_exact_ones_come_first_and_counts_add_up(searched: Workbench) -> None:
    found = searched.find("crowd_00", limit=3)
    assert (found.shown, found.truncated, found.total) == (3, 7, 10)
    assert told(searched.find("a1"))[0] == ("account:a1", "exact", "account:a1")
    both = searched.find("dv_", limit=100)
    nodes = [str(hit.node) for hit in both.hits]
    assert len(nodes) == len({*nodes}) == both.total
    assert "device:DV_Alone" in nodes
    assert "device:dv_handed" in nodes


def test_another_spelling_and_the_network_of_an_address(searched: Workbench) -> None:
    assert told(searched.find("240.0.0.9:443")) == [("ip:240.0.0.9", "canonical", "ip:240.0.0.9")]
    assert told(searched.find("::ffff:240.0.0.9"))[0][1] == "canonical"
    for text in ("240.0.0.200", "240.0.0.0/24", "ip:240.0.0.77"):
        found = searched.find(text)
        assert told(found) == [("ip:240.0.0.9", "network", "ip:240.0.0.9")]
        assert found.total == 1


def test_communities_and_nothing(searched: Workbench) -> None:
    assert told(searched.find("cm_a")) == [("community:cm_a", "exact", "community:cm_a")]
    assert {node for node, _, _ in told(searched.find("cm_"))} == {
        "community:cm_a", "community:cm_b", "community:cm_home"
    }  # fmt: skip
    assert told(searched.find("no such thing")) == []
    assert searched.find("  ").total == 0
    with pytest.raises(UsageError, match="shows nothing"):
        searched.find("a1", limit=0)


def test_hostile_text_asks_and_breaks_nothing(searched: Workbench) -> None:
    for text in (
        "'; DROP TABLE x; --",
        "\u202e",
        "%",
        "_",
        "\ud800",
        "\ud800abc",
        ":",
        "a" * 5000,
        "\0",
    ):
        assert searched.find(text).total == 0
    (hit,) = searched.find("dv_<img").hits
    assert hit.node.value.startswith("dv_<img")


def test_short_beginnings_say_what_was_not_looked_through(searched: Workbench) -> None:
    found = searched.find("dv")
    assert "by its whole value only" in found.unread[0]
    assert searched.search("dv_al")[0].node.value == "DV_Alone"
