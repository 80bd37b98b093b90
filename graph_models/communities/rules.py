"""The numbers of community finding, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = [
    "BEHAVIOUR", "CELLS", "CHANCE", "MEMBERSHIP", "PARTITION", "SHARES", "STABILITY",
    "BehaviourRule", "CellRule", "ChanceRule", "MembershipRule", "PartitionRule", "ShareRule",
    "StabilityRule",
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
    """How often, and how far, identifiers are taken away to see what holds."""

    runs: int
    min_runs: int
    drop: float
    pairs_budget: int
    same: float
    plain: int
    partners: int
    reason: str


STABILITY = StabilityRule(
    runs=12,
    min_runs=5,
    drop=0.2,
    pairs_budget=3_000_000,
    same=0.5,
    plain=250_000,
    partners=64,
    reason="Every fifth identifier lost, twelve times (fewer where pairs are many): enough to tell "
    "who always stands with the bulk of a community from who does so in two runs of three. Beyond "
    "a quarter of a million links, 64 of each account, drawn at random, tell whether it stands in "
    "a block: they change fewer of the answers than another seed does.",
)


@dataclass(frozen=True, kw_only=True)
class MembershipRule:
    """What the traces of a member's place are worth, in log odds, and where tiers begin.

    ``core`` and ``probable``: the logistic of the weighed traces, before it is calibrated.
    """

    intercept: float
    weights: Mapping[str, float]
    core: float
    probable: float
    reason: str


MEMBERSHIP = MembershipRule(
    intercept=0.0,
    weights=MappingProxyType({
        "real": 0.5, "stood": 0.5, "fell": 1.0, "support": 0.3, "tie": 0.2, "work": 0.3,
        "aside": 2.0,
    }),
    core=0.9,
    probable=0.6,
    reason="Learned by logistic regression with weights that may not be negative, so that no trace "
    "turns against its meaning on other worlds: python -m benchmarks.members.",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ChanceRule:
    """How the chance of a community is measured on rewired worlds."""

    worlds: int
    enough: int
    enough_each: float
    tail: float
    reason: str


CHANCE = ChanceRule(
    worlds=10,
    enough=1_000,
    enough_each=4.0,
    tail=0.1,
    reason="A rank among pooled null communities resolves 1 / (their number + 1), and all ranks of "
    "one world share the null's own error, which four null communities for each observed one keep "
    "to half of theirs: worlds are rewired until both numbers are reached. Beyond the upper tenth "
    "an exponential tail is fitted, so that fewer rewirings give small p (Knijnenburg et al. "
    "2009).",
)


@dataclass(frozen=True, kw_only=True)
class CellRule:
    """How members of one community are told apart by what they use."""

    own: float
    relied_on: float
    worked_on: float
    told: float
    concentrations: tuple[float, ...]
    least_concentration: float
    beginning: float
    resolution: float
    evident: float
    rounds: int
    sample: int
    reason: str


CELLS = CellRule(
    own=0.5,
    relied_on=0.05,
    worked_on=0.02,
    told=0.5,
    concentrations=tuple(4.0**power for power in range(-1, 7)),
    least_concentration=4.0,
    beginning=2.0,
    resolution=2.0,
    evident=0.35,
    rounds=6,
    sample=600,
    reason="A cell has several cards, machines and gateways (so many that four uses repeat none "
    "for sure), and whoever belongs to it relies on one of them for a twentieth of his sightings "
    "or more: exits that a proxy deals out never reach that. Leiden begins with too many cells, "
    "which evidence merges; beyond six hundred members a sample forms the cells and the others "
    "join them. A partition must gain a third of what writing it down costs: random draws gain up "
    "to a fifth, cells of tuning worlds three fifths or more.",
)


@dataclass(frozen=True, kw_only=True)
class ShareRule:
    """How the traffic of members is divided between the operator's work and their own life.

    ``full``: from this share on nothing is an account's own. ``lent``: below it, an account is
    somebody else's that an operator works through. ``shared``: bits of taking part below
    which nothing is the operator's. ``raised``: bits from which taking part is evidence of
    belonging, of which at most ``most_raised`` count: members were found by what they do in common.
    """

    min_exchanges: int
    learned_from: int
    ways: int
    per_way: int
    telling: float
    prior: float
    rounds: int
    period_days: int
    periods: int
    least_sure: float
    read: int
    read_at_once: int
    learned_exchanges: int
    compared: int
    full: float
    lent: float
    shared: float
    raised: float
    most_raised: float
    reason: str


SHARES = ShareRule(
    min_exchanges=20,
    learned_from=4000,
    ways=12,
    per_way=20,
    telling=150.0,
    prior=2.0,
    rounds=20,
    period_days=7,
    periods=16,
    least_sure=50.0,
    read=1_500_000,
    read_at_once=1_500_000,
    learned_exchanges=300_000,
    compared=800,
    full=0.85,
    lent=0.75,
    shared=3.0,
    raised=5.0,
    most_raised=2.0,
    reason="One and a half million exchanges, half a gigabyte while they are read, show the work "
    "and its hours of any campaign; of members beyond that, frames alone tell the share. "
    "Three hundred thousand, of some hundreds of members, show what the work is. "
    "A dozen ways of life cover hours, models and tasks of ordinary accounts; on tuning "
    "worlds (quickstart:hard and sampled, seeds 1 and 2) six or two dozen, and a prior of one to "
    "ten exchanges, move the F1 of the split by less than 0.03. Fewer than fifty exchanges in "
    "frames do not show the hours of a work, so all traffic of its members then does.",
)
