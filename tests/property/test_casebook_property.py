"""Whatever people say in whatever order: nothing is lost, and the log alone tells the state."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_models.errors import UsageError
from tests.unit.workbench_casebook.desks import PaperDesk
from workbench.casebook.book import Book
from workbench.casebook.review import agreed

PEOPLE = ("ana", "bo", "cy")
PAIRS = (("a", "b"), ("b", "a"), ("a", "c"))
SAID = st.tuples(
    st.just("judge"),
    st.sampled_from(PEOPLE),
    st.sampled_from(PAIRS),
    st.sampled_from(("yes", "no", "unsure")),
)
TAKEN_BACK = st.tuples(st.just("retract"), st.sampled_from(PEOPLE), st.integers(1, 30), st.none())
ACTS = st.lists(st.one_of(SAID, SAID, TAKEN_BACK), max_size=25)


@given(ACTS)
@settings(max_examples=40, deadline=None)
def test_the_latest_word_of_each_person_stands(acts: list[tuple[str, str, object, str]]) -> None:
    with TemporaryDirectory() as folder:
        desk = PaperDesk(Path(folder))
        desk.casebook.keys = Path(folder) / "keys"
        for name in PEOPLE:
            desk.person_add(name)
        case = desk.case_open("x", by="ana").case
        expected = told(desk, case, acts)
        for subject in ("link:a|b", "link:a|c"):
            found = desk.review(subject)
            own = {who: verdict for (who, on), verdict in expected.items() if on == subject}
            assert {word.person: word.verdict for word in found.standing} == own
            assert found.said == agreed(list(own.values()))
        entries = desk.casebook.ledger.read()
        assert desk.case_check().ok
        assert Book.of(entries).holds(case) == desk.casebook.book().holds(case)
        # Every beginning of the log is a state of its own, and reading on changes no entry.
        assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
        desk.database.dispose()


def told(
    desk: PaperDesk, case: str, acts: list[tuple[str, str, object, str]]
) -> Mapping[tuple[str, str], str]:
    """Say it all; what a plain table of the latest words comes to."""
    latest: dict[tuple[str, str], tuple[int, str]] = {}
    author: dict[int, str] = {}
    gone: set[int] = set()
    for act, who, what, verdict in acts:
        if act == "judge":
            assert isinstance(what, tuple)
            number = desk.judge(case, *what, verdict, because="looked", by=who).number
            author[number] = who
            latest[who, f"link:{'|'.join(sorted(what))}"] = number, verdict
        elif author.get(int(str(what))) == who and what not in gone:
            desk.retract(int(str(what)), because="wrong", by=who)
            gone.add(int(str(what)))
        else:
            with pytest.raises(UsageError):
                desk.retract(int(str(what)), because="wrong", by=who)
    return {key: verdict for key, (number, verdict) in latest.items() if number not in gone}
