"""One page of an expansion, counted so that nothing is dropped in silence.

Both stores hand in what they found; this module alone decides what is hidden and what is truncated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graph_models.errors import UsageError
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import Edge, Entity, Expansion
from graph_models.text import inert

__all__ = ["Page", "check_request", "expansion", "no_such_cursor", "no_such_node"]


@dataclass(frozen=True)
class Page:
    """What a store found: the page itself, and how many neighbours there are by kind.

    ``drawable`` counts neighbours that are nodes, ``private`` those that are none, ``earlier``
    those of the asked kind that stand before this page; none of them holds a zero.
    """

    nodes: Sequence[Entity]
    edges: Sequence[Edge]
    drawable: Mapping[str, int]
    private: Mapping[str, int] = field(default_factory=dict)
    earlier: Mapping[str, int] = field(default_factory=dict)


def check_request(kind: str | None, limit: int, *, valid: Iterable[str]) -> None:
    """Refuse a page of nothing and a kind that this graph cannot have."""
    if limit < 1:
        raise UsageError(
            f"A page of {limit} neighbours shows nothing.", fix="Use --limit 1 or more."
        )
    names = list(valid)
    if kind is not None and kind not in names:
        raise UsageError(
            f"{inert(repr(kind))} is no kind in this graph.", fix=f"Use one of {', '.join(names)}."
        )


def no_such_node(node: NodeRef, near: Iterable[str]) -> UsageError:
    """The refusal of a node that this graph does not hold, with the names beside it."""
    names = ", ".join(inert(f"{node.kind}:{value}", 60) for value in near)
    look = (
        "List them with: workbench communities"
        if node.kind == "community"
        else "What one account alone used is no node. Look for it with: workbench search TEXT"
    )
    return UsageError(
        f"There is no {inert(str(node))} in this graph.",
        fix=f"Near names: {names or 'none'}. {look}",
    )


def no_such_cursor(after: str) -> UsageError:
    """The refusal of a cursor that no page of this expansion gave."""
    return UsageError(
        f"{inert(repr(after))} is no cursor of this expansion.",
        fix="Start again without a cursor; the graph or the filter has changed.",
    )


def expansion(node: NodeRef, page: Page, *, kind: str | None) -> Expansion:
    """Count a page: per kind and overall, shown + hidden + truncated = total."""
    names = [*page.drawable, *(name for name in page.private if name not in page.drawable)]
    shown = Counter(entity.node.kind for entity in page.nodes)
    because = {"private": sum(page.private.values()), "filtered": 0, "earlier pages": 0}
    by_kind = {}
    for name in names:
        drawable, private = page.drawable.get(name, 0), page.private.get(name, 0)
        filtered = drawable if kind not in (None, name) else 0
        earlier = 0 if filtered else page.earlier.get(name, 0)
        because["filtered"] += filtered
        because["earlier pages"] += earlier
        by_kind[name] = {
            "shown": shown[name],
            "hidden": private + filtered + earlier,
            "truncated": drawable - filtered - earlier - shown[name],
            "total": drawable + private,
        }
    more = sum(counts["truncated"] for counts in by_kind.values())
    return Expansion(
        node=node,
        nodes=tuple(page.nodes),
        edges=tuple(page.edges),
        hidden=sum(because.values()),
        truncated=more,
        total=sum(counts["total"] for counts in by_kind.values()),
        by_kind=by_kind,
        hidden_because=because,
        cursor=str(page.nodes[-1].node) if more and page.nodes else None,
    )
