"""The Case page, the judgement's panel and the notebook: what they show, file and refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.browser.desks import HOSTILE, StoredDesk, busy_published, hostile_published
from workbench.app import session

MAIN = Path(session.__file__).with_name("main.py")
JUDGING = """
from workbench.app import judging, session
desk = session.open_desk()
judging.link_judgement(desk, {{"a": {a!r}, "b": {b!r}, "bits": 12.0}})
"""
NOTES = """
from workbench.app import notes, session
notes.panel(session.open_desk(), {subjects!r})
"""
A, B = "acct_be00031", "acct_be00032"
LINK = f"link:{A}|{B}"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoredDesk:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    desk = StoredDesk(tmp_path, busy_published())
    desk.person_add("ana")
    monkeypatch.setattr(session, "open_desk", lambda: desk)
    return desk


def words(app: AppTest) -> str:
    kinds = ("markdown", "caption", "info", "warning", "error", "success", "title", "text")
    return "\n".join(str(item.value) for kind in kinds for item in getattr(app, kind))


def page(**query: str) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=90)
    app.switch_page("screens/case.py")
    app.query_params.update(query)
    app.run()
    assert not app.exception, app.exception
    return app


def part(script: str, **query: str) -> AppTest:
    app = AppTest.from_string(script, default_timeout=90)
    app.query_params.update(query)
    app.run()
    assert not app.exception, app.exception
    return app


def judging(a: str = A, b: str = B, **query: str) -> AppTest:
    return part(JUDGING.format(a=a, b=b), **query)


def file(app: AppTest, answer: str | None, because: str) -> AppTest:
    if answer:
        app.session_state[f"judge_answer_{LINK}"] = answer
    app.text_area(f"judge_because_{LINK}").input(because)
    app.button(f"judge_file_{LINK}").click().run()
    assert not app.exception, app.exception
    return app


def test_who_is_nobody_is_told_how_to_become_somebody(desk: StoredDesk) -> None:
    app = judging()
    assert "person add" in words(app)
    assert not app.button


def test_nothing_is_chosen_beforehand_and_a_reason_is_required(desk: StoredDesk) -> None:
    app = judging(**{"as": "ana"})
    (asked,) = app.button_group
    assert not asked.value
    assert "Nothing was chosen" in words(file(app, None, "x"))
    assert "reason is empty" in words(file(app, "no", " "))
    assert not desk.review(LINK).standing


def test_the_first_judgement_opens_a_case_in_the_same_click(desk: StoredDesk) -> None:
    app = judging(**{"as": "ana"})
    assert app.button(f"judge_file_{LINK}").label.startswith("Open a case")
    told = words(file(app, "no", "one household"))
    (case,) = desk.case_list()
    assert (case.focus, case.person) == (f"account:{A}", "ana")
    assert desk.review(LINK).standing[0].because == "one household"
    assert "one household" in told
    assert "rejected" in told
    again = judging(**{"as": "ana", "case": case.case})
    assert again.button(f"judge_file_{LINK}").label == "File judgement"


def test_somebody_who_is_not_registered_gets_no_form(desk: StoredDesk) -> None:
    app = judging(**{"as": "mallory"})
    assert "person add" in words(app)
    assert not app.text_area


def test_all_opinions_stand_side_by_side(desk: StoredDesk) -> None:
    desk.person_add("bo")
    case = desk.case_open("Two minds", by="ana").case
    desk.judge(case, A, B, "yes", because="one card", by="ana")
    desk.judge(case, A, B, "no", because="a hotel", by="bo")
    told = words(judging(**{"as": "ana", "case": case}))
    assert all(text in told for text in ("disputed", "one card", "a hotel", "ana", "bo"))


def test_new_evidence_and_lost_evidence_are_said(desk: StoredDesk) -> None:
    case = desk.case_open("Changes", by="ana").case
    before = desk.seen(LINK)
    desk.seen = lambda _: {**before, "run": "r0", "evidence": before["evidence"][2:]}  # type: ignore[method-assign]
    desk.judge(case, A, B, "no", because="a hotel", by="ana")
    desk.withdrawn = ["l1"]
    told = words(judging(case=case))
    assert "back: 2 pieces of evidence" in told
    assert "no longer all there" in told
    judged = page(case=case).dataframe[0].value
    assert judged["State"].tolist() == ["back with new evidence"]


def test_notes_are_written_on_what_is_selected(desk: StoredDesk) -> None:
    case = desk.case_open("Notes", by="ana").case
    script = NOTES.format(subjects=["ip:240.7.0.1", LINK])
    app = part(script, **{"as": "ana", "case": case})
    assert "Nobody has written" in words(app)
    app.text_area("notes_text").input("an exit of a library")
    app.button("notes_add").click().run()
    assert "an exit of a library" in words(app)
    assert app.text_area("notes_text").value == ""
    assert [note.subject for note in desk.notes()] == ["ip:240.7.0.1"]
    assert "empty" in words(app.button("notes_add").click().run())
    assert "Select something" in words(part(NOTES.format(subjects=[]), **{"as": "ana"}))


def test_without_a_case_the_page_says_what_to_do(desk: StoredDesk) -> None:
    app = page(**{"as": "ana"})
    assert "no case yet" in words(app)
    app.text_input("case_title").input("Amber kiln")
    app.button("case_open").click().run()
    assert [case.title for case in desk.case_list()] == ["Amber kiln"]
    assert "Amber kiln" in words(app)


def test_a_case_is_shown_by_its_address(desk: StoredDesk) -> None:
    case = desk.case_open("Amber kiln", focus="community:cm_x", by="ana").case
    desk.judge(case, A, B, "yes", because="one card", by="ana")
    desk.note(case, "ip:1", "hm", by="ana")
    app = page(case=case)
    assert "Amber kiln" in words(app)
    assert [tab.label for tab in app.tabs] == ["Story", "Notes", "Canvases"]
    judged, log = app.dataframe[0].value, app.dataframe[1].value
    assert judged["State"].tolist() == ["confirmed"]
    assert log["What"].tolist() == ["note", "judgement", "case opened"]
    assert "3 shown + 0 hidden by filter + 0 truncated = 3" in words(app)
    app.selectbox("log_kind_True").select("note").run()
    assert "1 shown + 2 hidden by filter + 0 truncated = 3" in words(app)
    assert "0 cases are named" in words(page(case="case_nothing"))


def test_the_chain_is_checked_from_the_page(desk: StoredDesk) -> None:
    app = page(**{"as": "ana"})
    assert "hang together" in words(app.button("check_False").click().run())
    with desk.database.begin() as connection:
        connection.exec_driver_sql("UPDATE casebook_entries SET at = '2020' WHERE number = 1")
    assert "Entry 1 was altered" in words(app.button("check_False").click().run())


def test_steps_on_canvases_stand_in_the_log_of_their_case(desk: StoredDesk) -> None:
    case = desk.case_open("Drawn", by="ana").case
    community = desk.communities()[0].community
    desk.open_scene(f"community:{community}", by="ana", case=case)
    app = page(case=case)
    drawn, log = app.dataframe[0].value, app.dataframe[1].value
    assert drawn["About"].tolist() == [f"community {community}"]
    assert set(log["What"]) == {"case opened", "step on a canvas"}
    assert len(desk.case_log(case)) == 1
    assert len(desk.case_log(case, scenes=True, kind="step on a canvas")) == len(log) - 1


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoredDesk:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    desk = StoredDesk(tmp_path, hostile_published(), hostile=True)
    desk.person_add("ana")
    monkeypatch.setattr(session, "open_desk", lambda: desk)
    return desk


def test_hostile_texts_are_shown_as_they_are(hostile: StoredDesk) -> None:
    case = ""
    for text in HOSTILE:
        case = hostile.case_open(text[:200], by="ana").case
        hostile.note(case, "ip:1", text, by="ana")
    for app in (page(**{"as": "ana"}), page(case=case, **{"as": "ana"})):
        live = "\n".join(
            str(item.value) for kind in ("markdown", "caption", "title", "info", "warning")
            for item in getattr(app, kind)
        )  # fmt: skip
        for bad in ("](http", "](javascript", "<script", "<img", ":red[", "$\\frac"):
            assert bad not in live
