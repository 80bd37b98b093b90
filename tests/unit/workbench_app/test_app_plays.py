"""The page of plays in Streamlit's own harness: choose, ask, counts, refusals, hostile texts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.browser.desks import StoredDesk, busy_published, hostile_published
from tests.contract.graphs import sample_published
from workbench.app import session
from workbench.app.finding import label
from workbench.app.screens.plays import command, readable
from workbench.finding import find
from workbench.plays import PLAYS, play_named, run_play

MAIN = Path(session.__file__).with_name("main.py")
GRAPHS: dict[str, Callable[[], Any]] = {
    "busy": busy_published, "hostile": hostile_published, "sample": sample_published,
    "empty": lambda: None,
}  # fmt: skip
Opened = Callable[..., AppTest]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    def run(what: str, *, desk: StoredDesk | None = None, **query: str) -> AppTest:
        found = desk or StoredDesk(tmp_path, GRAPHS[what](), hostile=what == "hostile")
        monkeypatch.setattr(session, "open_desk", lambda: found)
        app = AppTest.from_file(str(MAIN), default_timeout=90)
        app.switch_page("screens/plays.py")
        app.query_params.update(query)
        app.run()
        assert not app.exception, app.exception
        return app

    return run


def words(app: AppTest) -> str:
    kinds = ("markdown", "caption", "info", "warning", "error", "title", "code")
    return "\n".join(str(item.value) for kind in kinds for item in getattr(app, kind))


def press(app: AppTest, text: str) -> AppTest:
    next(button for button in app.button if button.label == text).click().run()
    assert not app.exception, app.exception
    return app


def test_each_play_is_a_card_with_its_question(opened: Opened) -> None:
    app = opened("sample")
    said = words(app)
    for play in PLAYS:
        assert play.title in said
        assert play.question in said
    press(app, "Ask this")
    assert app.query_params["play"] in ([PLAYS[0].name], PLAYS[0].name)


def test_without_data_it_says_what_to_do(opened: Opened) -> None:
    assert any(button.label == "Load files" for button in opened("empty").button)


def test_a_deep_link_is_asked_and_its_counts_add_up(opened: Opened) -> None:
    app = opened("sample", play="rarest-shared", community="cm_campaign", run="1")
    said = words(app)
    assert "shown" in said
    assert "hidden: " in said
    assert "Looked at all 8 members." in said
    assert "How it misleads" in said
    assert "workbench play rarest-shared --community cm_campaign --limit 50" in said
    assert len(app.dataframe) == 1
    assert next(b for b in app.button if b.label == "Draw in Explore").disabled


def test_a_link_that_names_a_node_fills_the_form_and_asks_nothing(opened: Opened) -> None:
    app = opened("sample", play="same-hour", node="device:dv_rack_0")
    assert [field.value for field in app.text_input if field.label == "Node *"] == [
        "device:dv_rack_0"
    ]
    assert not app.dataframe
    assert not app.error


def test_what_is_wrong_is_said_in_its_place(opened: Opened) -> None:
    assert "There is no play" in words(opened("sample", play="<b>nope</b>"))
    assert "needs 1 more" in words(opened("sample", play="rarest-shared", run="1"))
    app = opened("sample", play="rarest-shared", community="cm_nope", run="1")
    assert "Near names" in words(app)
    app = opened("sample", play="handover", days="soon", run="1")
    assert "a number from 0 to 366" in words(app)


def test_none_is_a_result_and_too_many_never_looks_like_none(
    opened: Opened, tmp_path: Path
) -> None:
    app = opened("sample", play="handover", kind="api_key", run="1")
    assert "so that is a result" in words(app)

    class Hurried(StoredDesk):
        def play(self, name: str, *, progress: Any = None, **given: Any) -> Any:
            hours = iter(range(1000))
            start = datetime(2026, 6, 10, tzinfo=UTC)
            return run_play(
                self, play_named(name), given,  # type: ignore[arg-type]
                clock=lambda: start + timedelta(hours=next(hours)),
            )  # fmt: skip

    app = opened("sample", desk=Hurried(tmp_path / "hurried", sample_published()),
                 play="handover", kind="device", run="1")  # fmt: skip
    said = words(app)
    assert "nothing beyond was looked at" in said
    assert "so that is a result" not in said


@pytest.mark.parametrize("name", ["rarest-shared", "quiet-neighbours", "same-template"])
def test_hostile_logs_stay_text(opened: Opened, tmp_path: Path, name: str) -> None:
    desk = StoredDesk(tmp_path, hostile_published(), hostile=True)
    community = desk.communities()[0].community
    app = opened("hostile", desk=desk, play=name, community=community, run="1")
    said = words(app)
    assert "\u202e" not in said
    assert "\x1b" not in said
    answer = desk.play(name, community=community)
    table = readable(answer.rows)
    assert len(table) == answer.shown


def test_the_command_is_quoted_for_a_shell(tmp_path: Path) -> None:
    desk = StoredDesk(tmp_path, sample_published())
    answer = desk.play("handover", kind="device")
    object.__setattr__(answer, "arguments", {"node": "device:x; rm -rf \u202e'y", "days": 7.0})
    assert command(answer) == (
        "workbench play handover --node 'device:x; rm -rf \\u202e'\"'\"'y' --days 7"
    )


def test_what_a_search_found_is_told_in_one_line(tmp_path: Path) -> None:
    desk = StoredDesk(tmp_path, sample_published())

    def told(text: str) -> list[str]:
        return [label(hit) for hit in find(desk, text).hits]  # type: ignore[arg-type]

    assert told("dv_rack_0") == ["dv_rack_0  ·  Device · 2 accounts"]
    assert told("240.99.0.1:443") == [
        "240.99.0.1  ·  IP address · 68 accounts · hub · the same value, written otherwise"
    ]
    assert told("cm_home")[0].startswith("cm_home  ·  Community")
    assert "The rows are not here" in find(desk, "dv_rack").unread[0]  # type: ignore[arg-type]
