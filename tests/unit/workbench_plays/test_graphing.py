"""The networkx graph of a focus holds what the view says, with honest counts."""

from __future__ import annotations

import pytest

from graph_models.errors import UsageError
from workbench import Workbench


def test_a_community_with_what_it_shares_and_its_links(desk: Workbench) -> None:
    graph = desk.graph("cm_a")
    people = {name for name, told in graph.nodes(data=True) if told["kind"] == "account"}
    assert people == {"account:a1", "account:a2", "account:a3"}
    assert graph.edges["account:a1", "account:a2"] == {"relation": "LINKED", "bits": 12.0}
    assert graph.edges["account:a1", "device:dv_rare"] == {"relation": "used", "count": 1}
    assert graph.nodes["account:a1"]["tier"] == "core"
    assert not any(told.get("hub") for _, told in graph.nodes(data=True))
    counts = graph.graph["counts"]
    for told in counts.values():
        assert told["shown"] + told["hidden"] + told["truncated"] == told["total"]
    assert counts["identifier"]["shown"] == len(graph) - 3
    with_hubs = desk.graph("cm_a", hubs=True)
    assert with_hubs.nodes["ip:192.0.2.1"]["hub"]


def test_around_an_account_an_identifier_and_no_more_than_asked(desk: Workbench) -> None:
    assert "account:quiet" in desk.graph("account:a1")
    shared = desk.graph("device:dv_handed")
    assert {"account:h1", "account:h2", "account:h3", "device:dv_handed"} <= set(shared)
    small = desk.graph("community:cm_a", limit=1).graph["counts"]["account"]
    assert small == {"shown": 1, "hidden": 0, "truncated": 2, "total": 3}
    with pytest.raises(UsageError, match="Near names"):
        desk.graph("cm_nope")
    with pytest.raises(UsageError, match="shows nothing"):
        desk.graph("cm_a", limit=0)


def test_readable_makes_texts_inert_and_keeps_figures(desk: Workbench) -> None:
    answer = desk.play("rarest-shared", community="cm_a")
    table = desk.readable(answer.rows.assign(text="$x^2$ \u202e\x1b[31m"))
    assert "\u202e" not in "".join(table["node"])
    assert table["text"].iloc[0] == "＄x^2＄ \\u202e\\x1b[31m"
    assert table["members"].tolist() == answer.rows["members"].tolist()
    assert "&lt;img" in table._repr_html_()  # pandas escapes what a notebook would render
