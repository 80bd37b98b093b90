"""Connected components by alternating stars: whole-table steps that any SQL engine can run.

Kiveris, Lattanzi, Mirrokni, Rastogi, Vassilvitskii: Connected Components in MapReduce and Beyond,
SoCC 2014. Each round is two group-bys and two joins over the edges; the number of rounds grows with
the logarithm of the largest component, and no step gathers a component in one task.
"""

from __future__ import annotations

import ibis
from ibis import Table, _

from graph_models.errors import BadDataError
from ingest.observing.engines import Engine

__all__ = ["MOST_ROUNDS", "components"]

MOST_ROUNDS = 60
"""Rounds grow with the logarithm; so many mean that the edges are not what they should be."""


def components(engine: Engine, edges: Table, *, name: str = "stars") -> Table:
    """The smallest account of each account's component; accounts without an edge are not listed.

    Args:
        engine: Where to run; each round is kept there under ``name``.
        edges: a, b (int64); either order, repeats and loops do no harm.
        name: The name of the table that is left.

    Returns:
        account, component (int64), one row an account.

    Raises:
        BadDataError: no end after ``MOST_ROUNDS`` rounds.
    """
    stars = engine.keep(name, _downward(edges.select(v="a", m="b")))
    for _round in range(MOST_ROUNDS):
        if _is_done(engine, stars):
            centres = stars.select(account="m", component="m").distinct()
            whole = stars.select(account="v", component="m").union(centres, distinct=False)
            return engine.keep(f"{name}_components", whole)
        stars = engine.keep(f"{name}_large", _large_star(stars))
        stars = engine.keep(name, _small_star(stars))
    raise BadDataError(
        f"No connected components after {MOST_ROUNDS} rounds.", where=name,
        fix="Edges need whole numbers a and b that are not null.",
    )  # fmt: skip


def _downward(edges: Table) -> Table:
    """Each edge once, from its larger end v to its smaller end m; loops are left out."""
    low, high = ibis.least(edges.v, edges.m), ibis.greatest(edges.v, edges.m)
    return edges.select(v=high, m=low).filter(_.v != _.m).distinct()


def _large_star(stars: Table) -> Table:
    """Every larger neighbour of a node moves to the smallest of the node and its neighbours."""
    back = stars.select(v="m", m="v")
    around = stars.union(back, distinct=False).rename(u="v", n="m")
    least = around.group_by("u").aggregate(m=_.n.min())
    least = least.select("u", m=ibis.least(least.u, least.m))
    joined = around.filter(_.n > _.u).join(least, "u")
    return _downward(joined.select(v="n", m="m"))


def _small_star(stars: Table) -> Table:
    """A node and its smaller neighbours move to the smallest of them."""
    least = stars.group_by("v").aggregate(least=_.m.min())
    joined = stars.join(least, "v").select("v", "m", "least")
    others = joined.select(v="m", m="least")
    own = joined.select(v="v", m="least")
    return _downward(others.union(own, distinct=False))


def _is_done(engine: Engine, stars: Table) -> bool:
    """Whether every node has one edge at most downward, and no centre of a star has any."""
    inner = stars.select(v="m").distinct().join(stars.select("v").distinct(), "v")
    told = inner.aggregate(inner=_.count()).cross_join(
        stars.aggregate(rows=_.count(), nodes=_.v.nunique())
    )
    found, rows, nodes = engine.numbers(told)
    return found == 0 and rows == nodes
