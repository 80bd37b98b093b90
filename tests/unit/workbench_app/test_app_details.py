"""What the details of a node show: every property, each outside source by itself, honest counts."""

from __future__ import annotations

from graph_models.nodes import NodeRef
from graph_models.stores.protocol import Entity
from workbench.app import safe
from workbench.app.details import properties_table


def entity(**properties: object) -> Entity:
    return Entity(
        NodeRef("ip", "240.1.2.3"), properties, counts={"account": 1200}, private={"ip": 3}
    )


def test_every_property_and_count_has_a_row_and_every_source_its_own() -> None:
    said = ["registry_country JP: a 1", "registry_country US: b 2"]
    table = properties_table(entity(accounts=1200, registry_country="JP", enrichment=said))
    assert table.to_numpy().tolist() == [
        ["accounts", "1200"],
        ["registry country", "JP"],
        ["source", said[0]],
        ["source", said[1]],
        ["joined: account", "1\u202f200"],
        ["private: ip", "3"],
    ]


def test_hostile_values_are_text() -> None:
    table = safe.frame(properties_table(entity(label="=cmd()\x1b[31m<img src=x>\u202e")))
    assert "\x1b" not in table["Value"].iloc[0]
    assert "\u202e" not in table["Value"].iloc[0]


def test_a_node_without_properties_has_its_counts() -> None:
    assert properties_table(entity())["Property"].tolist() == ["joined: account", "private: ip"]
