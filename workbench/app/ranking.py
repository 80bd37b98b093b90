"""The triage list as a table: filtered, searched, and counted so that nothing goes missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from graph_models.inference import ASSESSMENTS, Community, Reason
from workbench.app import look
from workbench.app.look import Theme

__all__ = [
    "Ranking",
    "fragile_to",
    "leading",
    "leave_one_out",
    "rank",
    "reasons",
    "table",
    "tally",
]

PAGE = 50  # rows of a page: more cannot be compared by eye


@dataclass(frozen=True)
class Ranking:
    """One page of the list; shown + hidden + truncated = total."""

    shown: tuple[Community, ...]
    passing: int
    total: int

    @property
    def hidden(self) -> int:
        """Hidden by filter or search."""
        return self.total - self.passing

    @property
    def truncated(self) -> int:
        """On other pages."""
        return self.passing - len(self.shown)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.passing // PAGE))


def tally(communities: Sequence[Community]) -> dict[str, int]:
    """How many communities are assessed as each class, undecided last."""
    counts = Counter(item.assessment.assessed_as for item in communities)
    return {name: counts[name] for name in (*ASSESSMENTS, "undecided") if counts[name]}


def rank(
    communities: Sequence[Community],
    *,
    classes: Collection[str] = (),
    found: Collection[str] | None = None,
    page: int = 1,
) -> Ranking:
    """The communities of the chosen classes that the search found (None: no search), one page."""
    passing = [
        item
        for item in communities
        if (not classes or item.assessment.assessed_as in classes)
        and (found is None or item.community in found)
    ]
    start = (max(1, page) - 1) * PAGE
    return Ranking(tuple(passing[start : start + PAGE]), len(passing), len(communities))


def leading(item: Community) -> str:
    """The words that lead a row: what it is assessed as, or that it is undecided."""
    chances = item.assessment.probabilities
    top = max(ASSESSMENTS, key=lambda name: chances[name])
    chance = f"{look.ASSESSMENT_WORDS[top]} {look.probability(chances[top])}"
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


def _top_reason(item: Community) -> list[str]:
    best = max(item.assessment.reasons, key=lambda reason: reason.bits, default=None)
    return [f"{look.bits(best.bits)} · {best.text.rstrip('.')}"] if best else []


def table(communities: Sequence[Community], theme: Theme) -> pd.DataFrame:
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
            "Last seen": [look.day(item.last_seen) for item in communities],
        }
    )


def reasons(item: Community) -> list[Reason]:
    """Reasons for, strongest first, then those against."""
    return sorted(item.assessment.reasons, key=lambda r: (r.bits < 0, -abs(r.bits), r.text))
