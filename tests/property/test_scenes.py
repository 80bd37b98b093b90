"""Whatever is clicked: the sums add up, nothing moves, and the log gives back the same bytes."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_models.errors import UsageError
from graph_models.nodes import NodeRef
from graph_models.stores.embedded import EmbeddedStore
from tests.browser.desks import busy_published
from tests.property.scene_graphs import CROWD, HUB, PlainGraph
from workbench.scenes.filters import visible
from workbench.scenes.gesture import SORTS, Gesture
from workbench.scenes.graph import Gathering, Pinned
from workbench.scenes.growing import default_kinds
from workbench.scenes.model import BUNDLE, CELL, Command, Filters
from workbench.scenes.opening import open_community, open_node
from workbench.scenes.paths import NoPath, find_paths
from workbench.scenes.preview import preview
from workbench.scenes.record import command_of, record_of, scene_bytes
from workbench.scenes.scene import Scene, apply
from workbench.scenes.steps import STEPS, Answer
from workbench.scenes.sums import around, sums

GRAPHS = [PlainGraph(seed) for seed in range(4)]
FOCI = ("community:cm_1", str(HUB), "account:acct_00003")
FILTERS = (
    Filters(), Filters(bits=6.0), Filters(families=frozenset({"network"})),
    Filters(kinds=frozenset({"account"}), since="2026-06-01"),
)  # fmt: skip
DOES = sorted(STEPS)
few = settings(max_examples=25, deadline=None)
clicks = st.lists(
    st.tuples(st.sampled_from(DOES), st.integers(0, 999), st.integers(0, 999)), max_size=9
)


def start(graph: Gathering, focus: str) -> Command:
    if focus.startswith("community:"):
        return open_community(graph, focus.removeprefix("community:"))
    return open_node(graph, focus)


def gesture(scene: Scene, click: tuple[str, int, int]) -> Gesture:
    """A click on something that is drawn, chosen by two numbers."""
    do, one, two = click
    names = sorted(scene.nodes) or ["account:acct_00001"]
    a, b = names[one % len(names)], names[two % len(names)]
    if do in ("fold", "unfold") and one % 3 == 0:
        return Gesture(do)
    if do == "close_cell":
        return Gesture(do, node=f"ce_{one % 3}")
    return Gesture(
        do,
        node="account:acct_00009" if do == "add" else a,
        names=(b,) if do in ("remove", "fold", "expand", "pin") else (),
        kinds=("account",) if one % 2 else (),
        sort=("", *SORTS)[two % 5],
        limit=(0, 3, 400)[one % 3],
        to=b if do == "path" else "",
        places={a: (float(one), float(two))},
        filters=FILTERS[one % len(FILTERS)],
    )


def played(graph: Gathering, focus: str, some: list[tuple[str, int, int]]) -> list[Command]:
    """Open and click; what is refused leaves the scene as it was."""
    commands = [start(graph, focus)]
    scene = apply(Scene(), commands[0])
    for click in some:
        asked = gesture(scene, click)
        try:
            command, _ = STEPS[asked.do](graph, scene, asked)
        except (Answer, UsageError):
            continue
        assert (command, _) == STEPS[asked.do](graph, scene, asked)  # the same click, the same set
        commands.append(command)
        scene = apply(scene, command)
    return commands


def folded(commands: list[Command]) -> list[Scene]:
    scenes = [Scene()]
    for command in commands:
        scenes.append(apply(scenes[-1], command))
    return scenes[1:]


@few
@given(graph=st.sampled_from(GRAPHS), focus=st.sampled_from(FOCI), some=clicks)
def test_shown_hidden_and_truncated_are_the_total(
    graph: PlainGraph, focus: str, some: list[tuple[str, int, int]]
) -> None:
    scene = folded(played(graph, focus, some))[-1]
    in_sight = {node.id for node in visible(scene)[0]}
    for name, node in scene.held.items():
        if node.kind == CELL:
            continue
        store = Counter(graph.counts(NodeRef.parse(name))) + Counter(node.private)
        lines = {line.kind: line for line in around(scene, name)}
        assert {kind: line.total for kind, line in lines.items()} == dict(store)
        if node.kind != "account":
            drawn = {str(other) for other in graph.neighbours(NodeRef.parse(name))} & in_sight
            assert lines["account"].shown == len(drawn)
    for line in sums(scene):
        assert line.shown == sum(scene.nodes[name].kind == line.kind for name in in_sight)
        held = sum(node.kind == line.kind for node in scene.held.values())
        missing = sum(
            count
            for name in scene.expanded
            if name in scene.shown_as
            for near in around(scene, name)
            if near.kind == line.kind
            for count in (near.truncated, near.why.get("private", 0), near.why.get("not asked", 0))
        )
        cells = sum(scene.in_cell.values()) if line.kind == "account" else 0
        assert line.total == held + cells + missing + scene.truncated.get(line.kind, 0)


@few
@given(graph=st.sampled_from(GRAPHS), focus=st.sampled_from(FOCI), some=clicks)
def test_nothing_that_stays_moves_and_replay_gives_the_same_bytes(
    graph: PlainGraph, focus: str, some: list[tuple[str, int, int]]
) -> None:
    commands = played(graph, focus, some)
    scenes = folded(commands)
    for before, command, after in zip(scenes, commands[1:], scenes[1:], strict=False):
        if command.do != "move":
            both = before.places.keys() & after.places.keys()
            assert {n: before.places[n] for n in both} == {n: after.places[n] for n in both}
    told = [command_of(json.loads(json.dumps(record_of(command)))) for command in commands]
    assert scene_bytes(folded(told)[-1]) == scene_bytes(scenes[-1])


@few
@given(graph=st.sampled_from(GRAPHS), focus=st.sampled_from(FOCI), some=clicks)
def test_a_bundle_opens_exactly(
    graph: PlainGraph, focus: str, some: list[tuple[str, int, int]]
) -> None:
    scene = folded(played(graph, focus, some))[-1]
    names = tuple(name for name, node in scene.nodes.items() if node.kind == "account")
    if len(names) < 2:
        return
    command, _ = STEPS["fold"](graph, scene, Gesture("fold", names=names))
    after = apply(scene, command)
    assert len(after.nodes) == len(scene.nodes) - len(names) + 1
    back, _ = STEPS["unfold"](graph, after, Gesture("unfold", node=command.folds[0].node.id))
    again = apply(after, back)
    assert (again.nodes, again.edges) == (scene.nodes, scene.edges)


@few
@given(graph=st.sampled_from(GRAPHS), focus=st.sampled_from(FOCI), some=clicks, pick=st.integers(0))
def test_the_preview_is_what_comes(
    graph: PlainGraph, focus: str, some: list[tuple[str, int, int]], pick: int
) -> None:
    scene = folded(played(graph, focus, some))[-1]
    names = [n for n, node in scene.nodes.items() if node.kind not in (CELL, BUNDLE)]
    if not names:
        return
    name = sorted(names)[pick % len(names)]
    lines = {line.kind: line for line in preview(graph, scene, name, limit=7)}
    kinds = default_kinds(scene.nodes[name])
    if not kinds:
        return
    command, _ = STEPS["expand"](graph, scene, Gesture("expand", node=name, kinds=kinds, limit=7))
    came = Counter(n.kind for n in command.nodes)
    came.update(scene.held[n].kind for n in command.names)
    for kind in kinds:
        line = lines[kind]
        assert came[kind] == line.new
        assert line.drawn + line.new + line.truncated + sum(line.hidden.values()) == line.total


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Pinned:
    """The same questions to an embedded store."""
    store = EmbeddedStore(tmp_path_factory.mktemp("busy"))
    with store.writer() as writer:
        writer.publish(busy_published())
    return Pinned(store.view())


@settings(max_examples=8, deadline=None)
@given(some=clicks)
def test_counts_are_those_of_an_embedded_store(
    stored: Pinned, some: list[tuple[str, int, int]]
) -> None:
    commands = played(stored, "community:cm_5d90aa", some)
    scene = folded(commands)[-1]
    for name in sorted(scene.held)[::7]:
        if scene.held[name].kind != CELL:
            told = stored.show(name)
            store = Counter(told.counts) + Counter(told.private)
            del store["community"]
            assert {line.kind: line.total for line in around(scene, name)} == dict(store)
    told_again = [command_of(json.loads(json.dumps(record_of(command)))) for command in commands]
    assert scene_bytes(folded(told_again)[-1]) == scene_bytes(scene)


def test_a_hub_of_fifty_thousand_is_counted_and_bounded() -> None:
    graph = GRAPHS[0]
    scene = apply(Scene(), open_node(graph, str(HUB)))
    (line,) = preview(graph, scene, str(HUB))
    assert (line.total, line.new, line.truncated) == (CROWD, 25, CROWD - 25)
    assert line.warning.endswith("000 accounts · 0.0 bit each – context, never a bridge")
    for _ in range(4):
        asked = Gesture("expand", node=str(HUB), kinds=("account",), limit=500)
        command, label = STEPS["expand"](graph, scene, asked)
        scene = apply(scene, command)
    assert len(scene.nodes) <= 300
    assert "folded into" in label
    assert {one.kind: one.total for one in sums(scene)}["account"] == CROWD


@few
@given(graph=st.sampled_from(GRAPHS), one=st.integers(0, 39), two=st.integers(0, 39))
def test_paths_are_shortest_and_never_lead_over_a_hub(
    graph: PlainGraph, one: int, two: int
) -> None:
    a, b = (NodeRef("account", graph.accounts[i]) for i in (one, two))
    if a == b:
        return
    seen, level, steps = {a}, {a}, 0
    while level and b not in seen:
        level = {n for m in level for n in graph.neighbours(m) if n != HUB} - seen
        seen |= level
        steps += 1
    found = find_paths(graph, str(a), str(b))
    if b not in seen or steps > 6:
        assert isinstance(found, NoPath)
        return
    assert not isinstance(found, NoPath)
    assert found.steps == steps
    assert len(set(found.ways)) == len(found.ways) <= 3
    for way in found.ways:
        assert (way[0], way[-1]) == (str(a), str(b))
        assert str(HUB) not in way
        refs = [NodeRef.parse(name) for name in way]
        assert all(y in graph.neighbours(x) for x, y in pairwise(refs))


@pytest.mark.parametrize("do", sorted(STEPS))
def test_a_command_from_another_branch_is_harmless(do: str) -> None:
    graph = GRAPHS[1]
    full = folded(played(graph, "community:cm_1", [("close_cell", 1, 1), ("pin", 3, 4)]))[-1]
    try:
        command, _ = STEPS[do](graph, full, gesture(full, (do, 4, 5)))
    except (Answer, UsageError):
        command = Command(do="unfold", names=tuple(full.folds))
    elsewhere = apply(Scene(), open_node(graph, "account:acct_00030"))
    after = apply(elsewhere, command)
    assert sum(line.total for line in sums(after)) >= 1
    assert scene_bytes(apply(after, command))
