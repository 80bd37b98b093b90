"""The Cypher on the Neo4j page runs as it stands and answers what its heading says."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from graph_models.nodes import NodeRef
from graph_models.stores.neo4j.server import Server
from tests.contract.graphs import sample_published
from tests.integration.neo4j_dump import ask, open_named

pytestmark = pytest.mark.xdist_group("neo4j")
PAGE = Path(__file__).parents[2] / "docs/neo4j.md"
Asked = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def answers(neo4j_server: Server) -> list[list[dict[str, Any]]]:
    name = uuid.uuid4().hex
    store = open_named(neo4j_server, name)
    with store.writer() as writer:
        writer.publish(sample_published())
    store.close()
    told = {
        "store": name, "card": "payment_method:stripe/fp_camp_0", "account": "account:acct_c00",
        "other": "account:acct_c01", "community": "community:cm_campaign",
    }  # fmt: skip
    page = PAGE.read_text(encoding="utf-8")
    # The page tells a user to set exactly the parameters that the statements take.
    (parameters,) = re.findall(r"^:param \{(.*)\}$", page, re.MULTILINE)
    assert re.findall(r"(\w+):\s'", parameters) == list(told)
    return [
        ask(neo4j_server, text, **told) for text in re.findall(r"```cypher\n(.*?)```", page, re.S)
    ]


def test_every_statement_answers(answers: list[list[dict[str, Any]]]) -> None:
    assert [len(rows) > 0 for rows in answers] == [True] * 7


def test_who_shares_this_card(answers: list[list[dict[str, Any]]]) -> None:
    assert {row["account"] for row in answers[2]} == {f"acct_c0{i}" for i in range(4)}
    assert [row["paid.first"] for row in answers[2]] == sorted(r["paid.first"] for r in answers[2])


def test_two_hops_without_hubs(answers: list[list[dict[str, Any]]]) -> None:
    found = {row["account"]: row["shared"] for row in answers[3]}
    assert set(found) == {f"acct_c0{i}" for i in range(1, 8)}  # nobody behind the VPN exit
    assert answers[3][0]["account"] == "acct_c01"


def test_members_and_why_linked(neo4j_server: Server, answers: list[list[dict[str, Any]]]) -> None:
    assert [row["m.tier"] for row in answers[4]] == ["core"] * 7 + ["possible"]
    assert sum(row["bits"] for row in answers[5]) == answers[5][0]["in_all"]
    shared = {row["shared"]: row for row in answers[6]}
    rack = shared[str(NodeRef("device", "dv_rack_0"))]
    assert rack["one"] > 0 < rack["other"]
    assert shared["ip:240.99.0.1"]["hub"] is True
