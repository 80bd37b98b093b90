"""The frame of every page: who works, whose clock, the tour, the keys."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from streamlit.testing.v1 import AppTest

from tests.browser.desks import HOSTILE, StoredDesk, busy_published
from workbench.app import keys, session, tour
from workbench.habits import Habits

MAIN = Path(session.__file__).with_name("main.py")
SCREENS = MAIN.with_name("screens")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoredDesk:
    made = StoredDesk(tmp_path, busy_published())
    monkeypatch.setattr(session, "open_desk", lambda: made)
    return made


def opened(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=90)
    app.switch_page(f"screens/{page}.py")
    app.query_params.update(query)
    app.run()
    assert not app.exception, app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def said(app: AppTest) -> str:
    return "\n".join(str(item.value) for item in [*app.markdown, *app.caption])


@pytest.mark.usefixtures("desk")
def test_times_are_shown_in_the_zone_of_the_address_and_utc_where_it_names_none() -> None:
    assert "5 Jun 2026 04:15 UTC" in said(opened("triage"))
    assert "06:15 Europe/Berlin" in said(opened("triage", tz="Europe/Berlin"))
    assert "04:15 UTC" in said(opened("triage", tz="../../etc/passwd"))


@pytest.mark.usefixtures("desk")
def test_the_tour_is_walked_to_its_end_and_stays_away() -> None:
    app = opened("triage")
    for at in range(len(tour.STOPS["triage"])):
        assert f"Tour {at + 1} of" in said(app)
        app.button("tour_next").click().run()
    assert "Tour " not in said(app)
    app.button("tour_again").click().run()
    assert "Tour 1 of" in said(app)


def test_the_tour_is_remembered_for_the_person_who_closed_it(desk: StoredDesk) -> None:
    for name in ("ana", "ben"):
        desk.person_add(name)
    app = opened("triage", **{"as": "ana"})
    app.button("tour_close").click().run()
    assert "Tour " not in said(app)
    assert "Tour " not in said(opened("data", **{"as": "ana"}))
    assert "Tour 1 of" in said(opened("data", **{"as": "ben"}))
    assert {person for person, _ in desk.used_to} == {"ana"}


def test_a_name_that_nobody_registered_is_nobody(desk: StoredDesk) -> None:
    opened("triage", **{"as": HOSTILE[1]}).button("tour_close").click().run()
    assert desk.used_to == {}


@pytest.mark.usefixtures("desk")
def test_a_link_for_others_keeps_the_case_and_the_clock_and_never_the_person() -> None:
    def page() -> None:
        import streamlit as st

        from workbench.app import session

        st.session_state.update(carried_as="ana", carried_case="case_1", carried_tz="Asia/Tokyo")
        st.text(session.link("explore", community="cm_1"))

    shown = AppTest.from_function(page).run().text[0].value
    assert shown == "/explore?case=case_1&tz=Asia%2FTokyo&community=cm_1"


def test_every_tour_and_every_key_belongs_to_a_page() -> None:
    there = set(re.findall(r'"([a-z]+)": "[A-Z]', MAIN.read_text()))
    assert set(tour.STOPS) == there
    assert set(keys.KEYS) <= there
    for stops in tour.STOPS.values():
        assert 2 <= len(stops) <= 6


def test_every_shortcut_of_a_button_is_listed_under_keys() -> None:
    listed = {key for page in keys.KEYS.values() for key, _ in page}
    app = MAIN.parent
    found = {
        key
        for path in app.rglob("*.py")
        for key in re.findall(r'shortcut="([^"]+)"', path.read_text())
    }
    assert found <= listed


def test_the_last_habit_holds_for_its_person_alone() -> None:
    habits = Habits(create_engine("sqlite://"))
    habits.keep("ana", "tour_triage", "seen")
    habits.keep("ana", "tour_triage", "")
    habits.keep("ben", "tour_data", "seen")
    assert habits.of("ana") == {"tour_triage": ""}
    assert habits.of("ben") == {"tour_data": "seen"}
    assert habits.of("<script>") == {}
