"""Which accounts share identifiers, and for how many bits: a self-join without hubs, in Ibis.

The bits are those by which ``graph_models.linking.candidates`` decides which pairs are worth
scoring (``met_bits``): for each value that both used and that may bridge, log2(reuse · E / (k · d))
within 0 and the kind's cap, with the reuse that the kind declares. Of the score of a link this is
the rarity of exclusive identifiers before anything is learned or taken away: what callers wrote
themselves, gaps in time, the learned reuse, what two accounts do *not* share, timing, prompts and
behaviour come later, for candidates only, on one machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ibis
from ibis import Table, Value, _

from graph_models.kind import LinkPolicy
from graph_models.kinds import policy_of

__all__ = ["IDENTIFIERS", "SIGHTED", "links", "shared_pairs"]

SIGHTED = ibis.schema({"account": "int64", "code": "int64"})
"""One row per account and identifier; ``code`` names the identifier (``graph_models.codes``)."""
IDENTIFIERS = ibis.schema({"code": "int64", "kind": "string", "linkable": "boolean"})


def shared_pairs(
    sighted: Table, identifiers: Table, *, kinds: Sequence[str], accounts: int
) -> Table:
    """All pairs of accounts that share a value which may bridge them, with what that says.

    Args:
        sighted: ``SIGHTED``, distinct rows.
        identifiers: ``IDENTIFIERS``, one row a code.
        kinds: The kinds that count; of a pair each is summed alone.
        accounts: How many accounts there are, for the hub limit (``LinkPolicy.hub_at``).

    Returns:
        a, b (codes of accounts, a < b), kind, shared (values in common), millibits (whole numbers,
        rounded for each value, so that the sum does not depend on the order of rows).
    """
    uses = sighted.join(identifiers.filter(_.kind.isin(list(kinds))), "code")
    uses = uses.select("account", "code", "kind", "linkable")
    values = uses.group_by("kind", "code", "linkable").aggregate(degree=_.count())
    spread = uses.group_by("kind", "account").aggregate(spread=_.count())
    edges = uses.group_by("kind").aggregate(edges=_.count())
    # Hubs go before the join: a value of k accounts would otherwise make k² / 2 rows.
    limit = _of_policy(values.kind, kinds, lambda policy: float(policy.hub_at(accounts)))
    bridging = values.filter(_.linkable, _.degree >= 2, _.degree <= limit)
    side = (
        uses.join(bridging.select("code", "degree"), "code")
        .join(spread, ["kind", "account"])
        .join(edges, "kind")
        .select("kind", "code", "account", "degree", "spread", "edges")
    )
    other = side.select(kind="kind", code="code", b="account", spread_b="spread")
    met = side.rename(a="account").join(other, ["kind", "code"]).filter(_.a < _.b)
    return (
        met.mutate(millibits=_millibits(met, kinds))
        .group_by("a", "b", "kind")
        .aggregate(shared=_.count(), millibits=_.millibits.sum())
    )


def links(pairs: Table, *, threshold: int) -> Table:
    """Pairs whose kinds together say at least ``threshold`` millibits: a, b, millibits."""
    return (
        pairs.group_by("a", "b")
        .aggregate(millibits=_.millibits.sum())
        .filter(_.millibits >= threshold)
    )


def _millibits(met: Table, kinds: Sequence[str]) -> Value:
    """log2(reuse · E / (k · d)) of one value, d being that of the busier account."""
    reuse = _of_policy(met.kind, kinds, lambda policy: policy.reuse)
    cap = _of_policy(met.kind, kinds, lambda policy: policy.cap_bits)
    busier = ibis.greatest(met.spread, met.spread_b)
    chance = met.degree.cast("float64") * busier.cast("float64")
    bits = (reuse * met.edges.cast("float64") / chance).log2()
    fair = ibis.least(ibis.greatest(bits, ibis.literal(0.0)), cap)
    return (fair * 1000.0).round().cast("int64")


def _of_policy(kind: Value, kinds: Sequence[str], told: Callable[[LinkPolicy], float]) -> Value:
    """A number of each kind's policy, as an expression over its name."""
    cases = [(name, ibis.literal(told(policy_of(name)), "float64")) for name in kinds]
    return kind.cases(*cases, else_=ibis.literal(0.0))
