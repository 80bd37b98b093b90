"""A page of the triage list as a table, and the words of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

import pandas as pd

from graph_models.inference import ASSESSMENTS, Community, Reason
from graph_models.stores.triage import PAGE, Triage
from workbench import wording
from workbench.app import look
from workbench.app.look import Theme

__all__ = ["fragile_to", "leading", "leave_one_out", "pages", "reasons", "table"]


REASON = 44  # characters that fit its column; the whole text stands below the list


def pages(listed: Triage) -> int:
    """How many pages there are."""
    return max(1, -(-listed.passing // PAGE))


def leading(item: Community) -> str:
    """The words that lead a row: what it is assessed as, or that it is undecided."""
    chances = item.assessment.probabilities
    top = max(ASSESSMENTS, key=lambda name: chances[name])
    chance = f"{wording.ASSESSMENT_WORDS[top]} {wording.probability(chances[top])}"
    return chance if item.assessment.assessed_as != "undecided" else f"undecided · {chance}"


def fragile_to(item: Community) -> tuple[str, ...]:
    """Families of its reasons without which it falls apart."""
    families = [reason.family for reason in item.assessment.reasons if reason.bits > 0]
    return tuple(dict.fromkeys(f for f in families if f and f not in item.robust_to))


def robustness(item: Community) -> str:
    """What losing one family does, in a few words."""
    fragile = fragile_to(item)
    if fragile:
        return f"fails without {fragile[0]}"
    return "holds without any one" if item.robust_to else "–"


def leave_one_out(item: Community) -> list[tuple[str, bool]]:
    """Each family that matters here, and whether the community survives its loss."""
    names = [*fragile_to(item), *item.robust_to]
    return [(name, name in item.robust_to) for name in dict.fromkeys(names)]


def _top_reason(item: Community) -> str:
    best = max(item.assessment.reasons, key=lambda reason: reason.bits, default=None)
    if best is None:
        return "–"
    return f"{wording.bits(best.bits)} · {shorten(best.text.rstrip('.'), REASON, placeholder='…')}"


def table(
    communities: Sequence[Community], theme: Theme, zone: str = wording.UTC_ZONE
) -> pd.DataFrame:
    """One row a community, in the order of triage."""
    return pd.DataFrame(
        {
            "Community": [item.community for item in communities],
            "Core": [item.size.core for item in communities],
            "Probable": [item.size.probable for item in communities],
            "Possible": [item.size.possible for item in communities],
            "Exchanges": [item.exchanges for item in communities],
            "Assessment": [
                look.assessment_bar(item.assessment.probabilities, theme) for item in communities
            ],
            "Leading": [leading(item) for item in communities],
            "Top reason": [_top_reason(item) for item in communities],
            "Robustness": [robustness(item) for item in communities],
            "Last seen": [wording.day(item.last_seen, zone) for item in communities],
        }
    )


def reasons(item: Community) -> list[Reason]:
    """Reasons for, strongest first, then those against."""
    return sorted(item.assessment.reasons, key=lambda r: (r.bits < 0, -abs(r.bits), r.text))
