"""Each page in Streamlit's own test harness: what it shows, what it says when there is nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from graph_models.lineage import Lineage
from graph_models.stores.protocol import Published
from tests.browser.desks import StoredDesk, busy_published, hostile_published
from tests.contract.graphs import sample_lineage, sample_published
from workbench.app import session

MAIN = Path(session.__file__).with_name("main.py")
GRAPHS: dict[str, Callable[[], Any]] = {
    "busy": busy_published, "hostile": hostile_published, "sample": sample_published,
    "followed": lambda: followed_published(), "empty": lambda: None,
}  # fmt: skip

Opened = Callable[..., AppTest]


def followed_published() -> Published:
    """The sample, whose campaign stands in a line that an earlier run began."""
    log, roll = (
        table.replace({"community": {"cm_b": "cm_campaign"}})
        for table in (sample_lineage().log, sample_lineage().roll)
    )
    return replace(sample_published(), lineage=Lineage(log, roll))


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    def run(what: str, page: str, **query: str) -> AppTest:
        desk = StoredDesk(tmp_path, GRAPHS[what](), hostile=what == "hostile")
        monkeypatch.setattr(session, "open_desk", lambda: desk)
        app = AppTest.from_file(str(MAIN), default_timeout=90)
        app.switch_page(f"screens/{page}.py")
        app.query_params.update(query)
        app.run()
        assert not app.exception, app.exception
        return app

    return run


def words(app: AppTest) -> str:
    kinds = ("markdown", "caption", "info", "warning", "error", "title", "subheader")
    shown = [str(item.value) for kind in kinds for item in getattr(app, kind)]
    return "\n".join([*shown, *(f"{item.label} {item.value}" for item in app.metric)])


def sent(app: AppTest) -> dict[str, Any]:
    proto = app.get("bidi_component")[0].proto
    return json.loads(proto.json or proto.mixed.json)


@pytest.mark.parametrize("page", ["triage", "explore", "explain", "data"])
def test_without_data_each_page_says_what_to_do(opened: Opened, page: str) -> None:
    app = opened("empty", page)
    assert not app.error
    if page == "data":
        assert [area.label for area in app.text_area] == [
            "Files or folders on this machine, one a line"
        ]
    else:
        assert any(button.label == "Load files" for button in app.button)


def test_triage_tells_what_became_of_a_community_that_an_earlier_run_knew(opened: Opened) -> None:
    said = words(opened("followed", "triage"))
    assert r"2026\-06\-01 · respawn: 2 of 3" in said
    assert "gone: nobody" not in said  # another line's


def test_triage_tells_no_story_of_a_first_run(opened: Opened) -> None:
    assert "respawn" not in words(opened("sample", "triage"))


def test_triage_counts_everything_and_previews_the_first(opened: Opened) -> None:
    app = opened("busy", "triage")
    said = words(app)
    assert "6 shown + 0 hidden by filter + 0 on other pages = 6" in said
    assert "Synthetic world · test" in said
    assert "Assessed as **campaign**, very likely (0.88)" in said
    assert ":orange[\u22121.2 · Against: The accounts have ordinary working hours" in said
    assert len(app.dataframe[0].value) == 6


def test_triage_filters_say_what_they_hide_and_can_be_cleared(opened: Opened) -> None:
    app = opened("busy", "triage")
    app.text_input(key="triage_search").set_value("cm_7c").run()
    assert "1 shown + 5 hidden by filter + 0 on other pages = 6" in words(app)
    app.text_input(key="triage_search").set_value("acct_7c10003").run()
    assert "1 shown + 5 hidden by filter" in words(app)
    app.text_input(key="triage_search").set_value("nobody").run()
    assert "No community passes these filters. 6 exist." in words(app)
    next(button for button in app.button if button.label == "Clear filters").click().run()
    assert "6 shown + 0 hidden" in words(app)


def test_explore_sends_the_whole_once_and_keeps_the_scene(opened: Opened) -> None:
    app = opened("busy", "explore", community="cm_7c1e04")
    data = sent(app)
    assert data["base"] == ""
    assert sum(node["group"] == "account" for node in data["added"]) == 96
    assert data["hook"] is False
    scene = app.query_params["scene"]
    name = scene[0] if isinstance(scene, list) else scene
    again = opened("busy", "explore", community="cm_7c1e04", scene=name)
    assert (sent(again)["revision"], sent(again)["added"]) == (data["revision"], data["added"])


def test_the_table_expands_what_the_canvas_would_and_only_the_difference_is_sent(
    opened: Opened,
) -> None:
    app = opened("busy", "explore", community="cm_5d90aa")
    before = sent(app)
    select_row(app, 0)
    assert sent(app)["marked"] == ["ip:240.99.0.1"]
    press(app, "Expand selected")
    after = sent(app)
    assert after["base"] == before["revision"] != after["revision"]
    fresh = {node["id"] for node in after["added"]}
    assert len(fresh) == 25
    assert not fresh & {node["id"] for node in before["added"]}
    assert not any({"x", "y"} & change.keys() for change in after["changed"])
    press(app, "Undo")
    undone = sent(app)
    assert (undone["base"], undone["revision"]) == (after["revision"], before["revision"])
    assert set(undone["removed"]) == fresh


def select_row(app: AppTest, row: int) -> None:
    key = next(item.proto.id for item in app.dataframe if "nodes_" in item.proto.id)
    key = key[key.index("nodes_") :]
    app.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    app.run()


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception, app.exception


def test_a_filter_of_the_legend_stands_as_a_chip_with_what_it_hides(opened: Opened) -> None:
    app = opened("busy", "explore", community="cm_5d90aa")
    chip = next(button for button in app.button if button.label.startswith("no user agents"))
    assert "1 hidden" in chip.label
    chip.click().run()
    assert any(node["group"] == "user_agent" for node in sent(app)["added"])
    assert not any(button.label.startswith("no user agents") for button in app.button)


def test_explore_starts_from_any_node_and_says_when_there_is_none(opened: Opened) -> None:
    app = opened("sample", "explore", node="account:acct_c00")
    assert [node["id"] for node in sent(app)["added"]] == ["account:acct_c00"]
    app = opened("sample", "explore", node="account:nobody")
    assert app.error


def test_closed_cells_are_said(opened: Opened) -> None:
    app = opened("busy", "explore", community="cm_31fa88")
    assert "closed to keep the scene readable" in words(app)


def test_explain_adds_up_on_the_screen(opened: Opened) -> None:
    app = opened("sample", "explain", a="acct_c00", b="acct_c01")
    said = words(app)
    assert "One controller almost certain" in said
    assert "The entries sum to \\+25\\.1 bits" in said or "The entries sum to +25.1 bits" in said
    assert "6 shown + 0 truncated = 6" in said
    app.selectbox(key="explain_signal").set_value(5).run()
    assert "it cites no row" in words(app)


def test_explain_says_when_an_account_is_unknown(opened: Opened) -> None:
    app = opened("sample", "explain", a="acct_c00", b="nobody")
    assert app.error
    assert opened("sample", "explain").info


def test_data_shows_the_equation_and_loads_by_path(opened: Opened, tmp_path: Path) -> None:
    app = opened("busy", "data")
    assert [metric.value for metric in app.metric] == ["2\u202f054", "2\u202f014", "20", "20"]
    file = tmp_path / "logs.csv"
    file.write_text("a\n1\n", encoding="utf-8")
    app.text_area(key="data_paths").set_value(str(file)).run()
    next(button for button in app.button if button.label == "Load paths").click().run()
    assert "10 rows read = 8 loaded + 1 duplicate + 1 quarantined" in words(app).replace("\\", "")
    app.text_area(key="data_paths").set_value(str(tmp_path / "none.csv")).run()
    next(button for button in app.button if button.label == "Load paths").click().run()
    assert app.error


def test_data_says_what_files_are_before_they_are_loaded(opened: Opened) -> None:
    app = opened("busy", "data")
    app.text_area(key="data_paths").set_value("charges.jsonl").run()
    app.button(key="check_paths").click().run()
    assert any("Would load" in frame.value.columns for frame in app.dataframe)
    assert not app.error


def test_data_analyses_on_request(opened: Opened) -> None:
    app = opened("busy", "data")
    next(button for button in app.button if button.label == "Analyse").click().run()
    assert "3 communities found in 75 accounts" in words(app)


@pytest.mark.parametrize("page", ["triage", "data"])
def test_hostile_text_never_becomes_markup(opened: Opened, page: str) -> None:
    # A code span is only text, and so is a character behind a backslash.
    said = re.sub(r"`[^`]*`|\\.", "", words(opened("hostile", page)))
    assert "![x](" not in said
    assert "<script>" not in said
    assert "<img" not in said


def test_a_fault_shows_no_text_of_a_log(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise RuntimeError("acct_secret ![x](https://evil.test)")

    monkeypatch.setattr(StoredDesk, "triage", fail)
    app = opened("busy", "triage")
    assert "nothing was changed" in app.error[0].value
    assert "secret" not in words(app)


def test_the_strongest_links_lead_from_pair_to_pair(opened: Opened) -> None:
    app = opened("busy", "explain", a="acct_7c10001", b="acct_7c10000")
    app.selectbox(key="explain_partner").set_value("acct_7c10002").run()
    assert app.text_input(key="explain_b").value == "acct_7c10002"
    assert app.query_params["b"] in ("acct_7c10002", ["acct_7c10002"])
    assert not app.exception
    next(button for button in app.button if button.help == "Swap the two").click().run()
    assert app.text_input(key="explain_a").value == "acct_7c10002"
