"""What an expansion would bring, before anything is fetched: counts for popover and table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from graph_models.kinds import ACCOUNT, KINDS
from workbench import wording
from workbench.scenes.gesture import MOST_PER_KIND
from workbench.scenes.graph import Graph
from workbench.scenes.growing import PER_KIND
from workbench.scenes.joining import links_of
from workbench.scenes.model import Node
from workbench.scenes.scene import Scene
from workbench.scenes.sums import KindSum, around

__all__ = ["KindPreview", "preview", "warning"]

LITTLE_BITS = 1.0  # less than a coin toss in favour: sharing the value says next to nothing
_TITLES = {kind.name: kind.title for kind in KINDS}


@dataclass(frozen=True)
class KindPreview:
    """One kind of neighbour: drawn + new + truncated + hidden = total.

    ``new`` is what an expansion at this limit would draw, ``truncated`` what would be beyond it.
    ``hidden`` tells why: private, filtered, folded, closed, removed. ``within``: with a sort, only
    so many are compared (0: all of them).
    """

    kind: str
    total: int
    drawn: int
    new: int
    truncated: int
    hidden: Mapping[str, int]
    within: int = 0
    warning: str = ""


def preview(graph: Graph, scene: Scene, name: str, *, limit: int = PER_KIND) -> list[KindPreview]:
    """One line a kind of neighbour of a node of the scene. At most one question, for links."""
    node = scene.held[name]
    seen = _with_links(graph, scene, node)
    return [_line(one, node, min(limit, MOST_PER_KIND)) for one in around(seen, name)]


def _with_links(graph: Graph, scene: Scene, node: Node) -> Scene:
    """The scene with the links of this account to what is here, also those never drawn."""
    here = [other for other in scene.held.values() if other.kind == ACCOUNT.name]
    if node.kind != ACCOUNT.name or not node.counts.get(ACCOUNT.name) or len(here) < 2:
        return scene
    among = {other.id for other in here}
    links = {edge.id: edge for edge in links_of(graph, node.id, among)}
    return replace(scene, ties={**links, **scene.ties})


def _line(one: KindSum, node: Node, limit: int) -> KindPreview:
    open_ones = one.why.get("not asked", 0) + one.truncated + one.why.get("collapsed", 0)
    new = min(open_ones, limit)
    stay = {why: n for why, n in one.why.items() if why not in ("not asked", "collapsed")}
    return KindPreview(
        kind=one.kind,
        total=one.total,
        drawn=one.shown,
        new=new,
        truncated=open_ones - new,
        hidden=stay,
        within=MOST_PER_KIND if node.counts.get(one.kind, 0) > MOST_PER_KIND else 0,
        warning=warning(node) if one.kind == ACCOUNT.name else "",
    )


def warning(node: Node) -> str:
    """What a common identifier is worth: "IP address 192.0.2.7: 4,312 accounts · 0.1 bit each"."""
    if node.bits is None or not (node.hub or node.bits < LITTLE_BITS):
        return ""
    accounts = wording.plural(node.counts.get(ACCOUNT.name, 0), "account")
    each = f"{node.bits:.1f} bits each" if node.bits >= LITTLE_BITS else f"{node.bits:.1f} bit each"
    context = " – context, never a bridge" if node.hub else ""
    return f"{_named(node)}: {accounts} · {each}{context}"


def _named(node: Node) -> str:
    title = _TITLES.get(node.kind, "")
    return f"{title} {node.label}" if title and title.lower() not in node.label else node.label
