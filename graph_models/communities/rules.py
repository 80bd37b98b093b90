"""The numbers of community finding, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "BEHAVIOUR", "CHANCE", "PARTITION", "STABILITY",
    "BehaviourRule", "ChanceRule", "PartitionRule", "StabilityRule",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PartitionRule:
    """How links become communities."""

    density: float
    whole_density: float
    cell_resolution: float
    reason: str


PARTITION = PartitionRule(
    density=0.06,
    whole_density=0.5,
    cell_resolution=1.0,
    reason="CPM reads its resolution as the least density of links inside a community: below one "
    "pair in sixteen, accounts hang together by chains and not by a common controller.",
)


@dataclass(frozen=True, kw_only=True)
class BehaviourRule:
    """When members who do the same work are told apart from those who share infrastructure."""

    min_size: int
    min_workers: int
    min_exchanges: int
    min_lift: float
    purity: float
    min_share: float
    min_median_share: float
    full_share: float
    apart: float
    little: float
    reason: str


BEHAVIOUR = BehaviourRule(
    min_size=5,
    min_workers=4,
    min_exchanges=15,
    min_lift=8.0,
    purity=0.7,
    min_share=0.05,
    min_median_share=0.25,
    full_share=0.75,
    apart=0.25,
    little=0.1,
    reason="A work queue is a set of frames that members use many times as often as everybody "
    "else; customers of the same reseller use none of it, mixed accounts use it in part. Whose "
    "part in it is less than a quarter of what is usual among workers, with less than a tenth of "
    "their exchanges, may be a stranger with a framed card and a few prompts that look alike.",
)


@dataclass(frozen=True, kw_only=True)
class StabilityRule:
    """How often, and how far, links are dropped to see what holds."""

    runs: int
    min_runs: int
    drop: float
    links_budget: int
    core: float
    probable: float
    possible: float
    one_thread: float
    same: float
    reason: str


STABILITY = StabilityRule(
    runs=12,
    min_runs=5,
    drop=0.2,
    links_budget=1_000_000,
    core=0.7,
    probable=0.4,
    possible=0.1,
    one_thread=0.35,
    same=0.5,
    reason="Every fifth link lost, twelve times (fewer where links are many): who still stands "
    "with the core in most runs is core, who does in two of five is probable.",
)


@dataclass(frozen=True, kw_only=True)
class ChanceRule:
    """How the chance of a community is measured on rewired worlds."""

    worlds: int
    enough_communities: int
    tail: float
    false_share: float
    reason: str


CHANCE = ChanceRule(
    worlds=10,
    enough_communities=2400,
    tail=0.1,
    false_share=0.05,
    reason="A rank among pooled null communities resolves 1 / (their number + 1); beyond the "
    "upper tenth an exponential tail is fitted, so that fewer rewirings give small p (Knijnenburg "
    "et al. 2009).",
)
