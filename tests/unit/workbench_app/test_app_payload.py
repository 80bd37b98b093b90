"""What the canvas receives: allowed keys only, inert text, cells that keep their names."""

from __future__ import annotations

import pytest

from tests.browser.desks import StoredDesk, busy_published, hostile_published
from workbench.app.payload import cell_names, payload
from workbench.export.picture import EDGE_KEYS, NODE_KEYS
from workbench.scenes import cells, opening
from workbench.scenes.graph import Pinned
from workbench.scenes.scene import CELL, Scene, apply

CAMPAIGN = "cm_7c1e04"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Pinned:
    desk = StoredDesk(tmp_path_factory.mktemp("busy"), busy_published())
    return Pinned(desk.store.view())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Pinned:
    desk = StoredDesk(tmp_path_factory.mktemp("hostile"), hostile_published())
    return Pinned(desk.store.view())


def opened(graph: Pinned, community: str) -> Scene:
    return apply(Scene(), opening.open_community(graph, community))


def test_the_payload_has_only_allowed_keys_and_inert_text(hostile: Pinned) -> None:
    scene = opened(hostile, "cm_hostile")
    sent = payload(scene, revision="r1")
    assert len(sent["nodes"]) > 20
    for node in sent["nodes"]:
        assert set(node) <= NODE_KEYS
        for text in (node["label"], node["title"]):
            assert all(mark.isprintable() or mark == "\n" for mark in text)
            assert len(text) <= 700
    for edge in sent["edges"]:
        assert set(edge) <= EDGE_KEYS
    assert not {"color", "font", "image", "shape"} & {key for node in sent["nodes"] for key in node}
    assert sent == payload(scene, revision="r1")


def test_a_kind_nobody_registered_gets_the_grey_pentagon(hostile: Pinned) -> None:
    sheets = {
        sheet["name"]: sheet
        for sheet in payload(opened(hostile, "cm_hostile"), revision="r")["kinds"]
    }
    assert sheets["foreign"]["shape"] == "pentagon"
    assert sheets["account"]["shape"] == "dot"


def test_cells_keep_their_letters_when_one_is_closed(graph: Pinned) -> None:
    scene = opened(graph, CAMPAIGN)
    names = cell_names(scene)
    assert sorted(names.values()) == ["cell A", "cell B", "cell C", "cell D"]
    closed = apply(scene, cells.close_cell(scene, next(iter(names))))
    assert cell_names(closed) == names
    label = next(
        node["label"] for node in payload(closed, revision="r")["nodes"] if node["group"] == CELL
    )
    assert label == names[next(iter(names))]
