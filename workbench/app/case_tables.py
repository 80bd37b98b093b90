"""Tables of the Case page: cases, judgements, kept views and the log, as they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from workbench import wording
from workbench.app.notes import subject_words
from workbench.casebook.book import Case, Judgement, View
from workbench.casebook.review import Review
from workbench.casebook.rules import WORDS

__all__ = [
    "ICONS", "LONGEST", "by_need", "cases_table", "filtered", "judgements_table", "log_table",
    "scenes_table", "state_words", "views_table",
]  # fmt: skip

_NEED = ("back", "stale", "disputed", "unsure", "confirmed", "rejected", "open")
ICONS: Mapping[str, str] = {
    "judgement": ":material/gavel:",
    "note": ":material/edit_note:",
    "retracted": ":material/undo:",
    "view kept": ":material/bookmark:",
    "case opened": ":material/folder_open:",
    "case closed": ":material/folder:",
}
LONGEST = 200
"""Rows of the log that are shown at once."""
When = Callable[[str], str]


def cases_table(cases: Sequence[Case], when: When) -> pd.DataFrame:
    """One row a case."""
    return pd.DataFrame({
        "Title": [case.title for case in cases],
        "State": [case.state for case in cases],
        "About": [subject_words(case.focus) if case.focus else "–" for case in cases],
        "Opened by": [case.person for case in cases],
        "Opened": [when(case.at) for case in cases],
        "Case": [case.case for case in cases],
    })  # fmt: skip


def judgements_table(reviews: Sequence[Review], when: When) -> pd.DataFrame:
    """One row a subject that was judged: its state, and what each person says."""
    newest = [max(found.standing, key=lambda word: word.number, default=None) for found in reviews]
    return pd.DataFrame({
        "On": [subject_words(found.subject) for found in reviews],
        "State": [WORDS[found.state] for found in reviews],
        "Who says what": [
            ", ".join(f"{word.person}: {word.verdict}" for word in found.standing) or "taken back"
            for found in reviews
        ],
        "Bits seen": [_bits(word) for word in newest],
        "Latest": [when(word.at) if word else "–" for word in newest],
        "Why": [word.because if word else "–" for word in newest],
    })  # fmt: skip


def by_need(reviews: Sequence[Review]) -> list[Review]:
    """What needs a person first, then in the order in which it was judged."""
    return sorted(reviews, key=lambda found: _NEED.index(found.state))


def state_words(reviews: Sequence[Review]) -> str:
    """How many are in each state, with their sum."""
    counts = Counter(found.state for found in reviews)
    parts = [f"{counts[state]} {WORDS[state]}" for state in _NEED if counts[state]]
    return f"{' + '.join(parts)} = {len(reviews)}" if parts else "none"


def _bits(word: Judgement | None) -> str:
    seen = word.seen.get("bits") if word else None
    return "–" if seen is None else wording.bits(float(seen))


def scenes_table(scenes: pd.DataFrame, when: When) -> pd.DataFrame:
    """One row a canvas of the case, the one worked on last first."""
    return pd.DataFrame({
        "About": scenes["focus"].map(subject_words),
        "Steps": scenes["steps"],
        "People": scenes["people"],
        "Latest": scenes["last"].map(when),
    })  # fmt: skip


def views_table(views: Sequence[View], when: When) -> pd.DataFrame:
    """One row a kept view."""
    return pd.DataFrame({
        "Title": [view.title for view in views],
        "Scene": [view.scene for view in views],
        "Step": [view.step for view in views],
        "Kept by": [view.person for view in views],
        "Kept": [when(view.at) for view in views],
    })  # fmt: skip


def filtered(log: pd.DataFrame, chosen: Mapping[str, str], text: str) -> pd.DataFrame:
    """The entries that pass all filters, the newest first."""
    kept = pd.Series(data=True, index=log.index)
    for column, value in chosen.items():
        if value:
            kept &= log[column] == value
    if text := text.strip().casefold():
        words = (log["subject"].astype("str") + " " + log["words"].astype("str")).str.casefold()
        kept &= words.str.contains(text, regex=False)
    return log[kept].iloc[::-1]


def log_table(log: pd.DataFrame, when: When) -> pd.DataFrame:
    """The log as people read it."""
    log = log.head(LONGEST)
    return pd.DataFrame({
        "When": log["at"].map(when),
        "Who": log["person"],
        "What": log["kind"],
        "On": log["subject"].map(subject_words),
        "Words": log["words"],
        "Entry": ["–" if pd.isna(number) else str(int(number)) for number in log["number"]],
        "Chain": log["hash"].str.slice(0, 8),
    })  # fmt: skip
