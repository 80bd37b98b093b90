"""The one table of signals: who may speak, for which family, what it needs, how it misleads.

Every kind of identifier has its *shared* signal through its data sheet (``graph_models.kinds``).
This table holds the signals that compare accounts as a whole. The first sentence of a signal's
docstring is what a user reads as its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graph_models.families import Family
from graph_models.linking import alike, behaviour, lives
from graph_models.linking.context import LinkContext
from graph_models.linking.evidence import Evidence, PairView

__all__ = ["SIGNALS", "Signal", "first_sentence"]


def first_sentence(doc: str | None) -> str:
    """The first sentence of a docstring, as users read it."""
    return " ".join((doc or "").strip().split("\n\n")[0].split())


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One reason why two accounts may have one controller.

    ``needs`` names inputs as ``Observations.lacking`` does; ``heavy`` signals run last, and only on
    pairs that they could still decide; ``most_bits`` bounds what the signal can say.
    ``reads_layers``: what it says depends on the identifiers of other families, so that it must be
    scored again when one of these is left out; no heavy signal may.
    """

    name: str
    family: Family
    score: Callable[[PairView], Evidence]
    needs: tuple[str, ...]
    most_bits: float
    reason: str
    misleads: str
    heavy: bool = False
    reads_layers: bool = False

    @property
    def why(self) -> str:
        """The user-facing explanation."""
        return first_sentence(self.score.__doc__)

    def available(self, context: LinkContext) -> bool:
        """False when a source lacked what this signal reads, or its family is left out."""
        lacks = set(self.needs) & set(context.obs.lacking)
        return not lacks and self.family not in context.without


SIGNALS: tuple[Signal, ...] = (
    Signal(
        name="close first use", family=Family.TIMING, score=behaviour.close_first_use,
        needs=(), most_bits=2.0, reads_layers=True,
        reason="Roll-outs hand a card, a proxy and a frame to many accounts within hours.",
        misleads="A class, a launch or a new office also begins at one hour.",
    ),
    Signal(
        name="no common frame", family=Family.PROMPTS, score=behaviour.no_common_frame,
        needs=("exchange.prompt",), most_bits=0.0,
        reason="Customers who only share a reseller's proxies do unrelated work.",
        misleads="One operator may run several queues that have no frame in common.",
    ),
    Signal(
        name="narrow capability", family=Family.PROMPTS, score=behaviour.capability_mix,
        needs=("exchange.capability",), most_bits=2.0,
        reason="Campaigns of the public reports sat on one or two narrow capabilities.",
        misleads="Products and agents built for one task are just as narrow.",
    ),
    Signal(
        name="close births", family=Family.LIFECYCLE, score=lives.close_births,
        needs=("account.created_at",), most_bits=3.0,
        reason="Accounts are registered in batches; weighed by how many others began then.",
        misleads="Promotions, courses and news bring strangers in the same hour.",
    ),
    Signal(
        name="respawn", family=Family.LIFECYCLE, score=lives.respawn,
        needs=("account.closed_at",), most_bits=2.5,
        reason="A banned account of a pool is replaced (public report of February 2026).",
        misleads="On any day some accounts end and others begin.",
    ),
    Signal(
        name="common end", family=Family.LIFECYCLE, score=lives.common_end,
        needs=("account.closed_at",), most_bits=2.0,
        reason="Accounts of one pool fall together.",
        misleads="A ban wave closes strangers by one rule on one day.",
    ),
    Signal(
        name="model move", family=Family.LIFECYCLE, score=alike.model_move,
        needs=("exchange.model",), most_bits=alike.MOST_ALIKE,
        reason="Half of a campaign's traffic moved to a new model within 24 hours.",
        misleads="Enthusiasts and automatic aliases such as 'latest' move on the same day.",
    ),
    Signal(
        name="same hours", family=Family.TIMING, score=alike.same_hours,
        needs=("exchange.ts",), most_bits=alike.MOST_ALIKE,
        reason="Who works shifts, or round the clock, does so with all of his accounts.",
        misleads="Neighbours keep one time zone, and services of strangers run round the clock.",
    ),
    Signal(
        name="same pace", family=Family.TIMING, score=alike.same_pace,
        needs=("exchange.ts",), most_bits=alike.MOST_ALIKE,
        reason="A pool spreads its load evenly, so its accounts are busy for as long each day.",
        misleads="Batch jobs and products of strangers run at one pace, too.",
    ),
    Signal(
        name="elicitation", family=Family.PROMPTS, score=alike.elicitation,
        needs=("exchange.prompt",), most_bits=alike.MOST_ALIKE,
        reason="Distillation asks for reasoning and grades in most of its exchanges.",
        misleads="Evaluation suites and teachers ask for the same.",
    ),
    Signal(
        name="same profile", family=Family.PROFILE, score=lives.same_profile,
        needs=(), most_bits=5.5,
        reason="A rare organisation or programme narrows down who is behind an account.",
        misleads="Colleagues and classmates name the same organisation honestly.",
    ),
    Signal(
        name="synchrony", family=Family.TIMING, score=behaviour.synchrony,
        needs=("exchange.ts",), most_bits=behaviour.SYNCHRONY_MOST, heavy=True,
        reason="One scheduler drives all accounts; measured against shifts by days and by an hour.",
        misleads="Hourly cron jobs, lessons and shared outages synchronise strangers.",
    ),
)  # fmt: skip
