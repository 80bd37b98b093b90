"""Gestures on the canvas, in a real browser: counts first, nothing drawn moves, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HOUSEHOLD = "/explore?community=cm_5d90aa"
ACCOUNT = "account:acct_5d90000"
HUB = "ip:240.99.0.1"


def opened(visitor: Any, fake_app: Callable[[str], str], scene: str) -> None:
    # Each test has a scene of its own, as a second person's link would.
    visitor.open(f"{fake_app('busy')}{HOUSEHOLD}&scene=s-{scene}")
    visitor.canvas_ready()


def test_double_click_counts_first_and_expanding_moves_nothing(
    visitor: Any, fake_app: Callable[[str], str]
) -> None:
    opened(visitor, fake_app, "00000001")
    before = visitor.positions()
    visitor.page.mouse.dblclick(*visitor.where(HUB))
    popover = visitor.page.locator(".wb-pop")
    popover.wait_for()
    assert "658 new · 4 drawn" in popover.inner_text()
    assert "662 accounts" in popover.locator(".wb-warn").inner_text()
    assert popover.get_by_role("button", name="Nothing to expand").is_disabled()
    assert visitor.positions() == before
    popover.get_by_role("checkbox").first.check()
    popover.get_by_label("At most").select_option("5")
    assert popover.get_by_role("button", name="Expand 5").is_enabled()
    popover.get_by_label("At most").select_option("25")
    assert popover.get_by_role("button", name="Expand 25").is_enabled()
    visitor.after(popover.get_by_role("button", name="Expand 25").click)
    after = visitor.positions()
    assert len(after) == len(before) + 25
    assert {name: after[name] for name in before} == before
    assert "633 truncated" in visitor.page.locator(".wb-count").inner_text()
    assert visitor.errors == []


def test_keyboard_alone_selects_expands_pins_folds_and_collapses(
    visitor: Any, fake_app: Callable[[str], str]
) -> None:
    opened(visitor, fake_app, "00000002")
    press = visitor.page.keyboard.press
    before = visitor.positions()
    visitor.page.locator(".wb-canvas").focus()
    press("ArrowRight")
    assert len(visitor.page.evaluate("window.__wb.selected()")) == 1
    press("Shift+ArrowRight")
    assert len(visitor.page.evaluate("window.__wb.selected()")) == 2
    assert visitor.page.locator(".wb-live").inner_text() != ""
    press("Escape")
    assert visitor.page.evaluate("window.__wb.selected()") == []
    walk_to(visitor, ACCOUNT)
    press("Enter")
    visitor.page.locator(".wb-pop").wait_for()
    press("Escape")
    assert visitor.page.locator(".wb-pop").count() == 0
    assert visitor.positions() == before
    visitor.after(lambda: press("p"))
    assert visitor.page.evaluate("id => window.__wb.node(id).pinned", ACCOUNT) is True
    visitor.after(lambda: press("p"))
    walk_to(visitor, HUB)
    press("Enter")
    visitor.page.locator(".wb-pop").wait_for()
    press("Space")
    visitor.after(lambda: press("Enter"))
    grown = visitor.positions()
    assert len(grown) == len(before) + 25
    assert {name: grown[name] for name in before} == before
    visitor.after(lambda: press("Backspace"))
    left = visitor.positions()
    assert left.items() <= grown.items()
    press("Escape")
    visitor.after(lambda: press("g"))
    folded = visitor.positions()
    bundle = next(name for name in folded if name.startswith("bundle:"))
    assert len(folded) < len(left)
    walk_to(visitor, bundle)
    visitor.after(lambda: press("Enter"))
    assert visitor.positions() == left
    assert visitor.errors == []


def walk_to(visitor: Any, node: str) -> None:
    """By arrows alone, towards the node first; no arrow is tried twice from the same place."""
    tried: set[tuple[str, str]] = set()
    for _ in range(80):
        chosen = visitor.page.evaluate("window.__wb.selected()")
        if chosen == [node]:
            return
        here, at = (chosen or [""])[0], visitor.positions()
        dx, dy = (at[node][axis] - at.get(here, at[node])[axis] for axis in "xy")
        across, along = ("ArrowRight", "ArrowLeft")[dx < 0], ("ArrowDown", "ArrowUp")[dy < 0]
        first = [across, along] if abs(dx) > abs(dy) else [along, across]
        order = [*first, "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"]
        step = next((key for key in order if (here, key) not in tried), "ArrowRight")
        tried.add((here, step))
        visitor.page.keyboard.press(step)
    raise AssertionError(f"{node} was not reached by arrows")


def test_a_canvas_that_lost_its_revision_asks_for_the_whole_and_shows_the_same(
    visitor: Any, fake_app: Callable[[str], str]
) -> None:
    opened(visitor, fake_app, "00000007")
    visitor.page.evaluate("window.__wb.forget()")
    visitor.page.locator(".wb-item", has_text="Devices").click()
    visitor.page.wait_for_function("window.__wb.revision.endsWith('.2')")
    visitor.idle()
    lost = visitor.positions(), visitor.page.evaluate("window.__wb.edges()")
    visitor.page.reload()
    visitor.idle()
    visitor.canvas_ready()
    assert visitor.positions() == lost[0]
    assert visitor.page.evaluate("window.__wb.edges()") == lost[1]
    assert visitor.errors == []


def test_a_filter_is_a_chip_that_takes_itself_off(
    visitor: Any, fake_app: Callable[[str], str]
) -> None:
    opened(visitor, fake_app, "00000008")
    before = visitor.positions()
    visitor.after(visitor.page.locator(".wb-item", has_text="Devices").click)
    chip = visitor.page.get_by_role("button", name="no devices")
    assert "hidden" in chip.inner_text()
    visitor.after(chip.click)
    assert visitor.positions() == before


def test_a_path_between_two_is_marked_and_a_second_browser_sees_it(
    visitor: Any, fake_app: Callable[[str], str]
) -> None:
    opened(visitor, fake_app, "00000009")
    accounts = sorted(name for name in visitor.positions() if name.startswith("account:"))[:2]
    visitor.page.mouse.click(*visitor.where(accounts[0]))
    visitor.page.keyboard.down("Control")
    visitor.page.mouse.click(*visitor.where(accounts[1]))
    visitor.page.keyboard.up("Control")
    visitor.page.get_by_text("2 of ").wait_for()
    visitor.idle()
    visitor.page.get_by_role("button", name="More").click()
    path = visitor.page.get_by_role("button", name="Path between the two")
    path.wait_for()
    visitor.after(path.click)
    other = visitor.page.context.browser.new_page()
    other.goto(visitor.page.url)
    other.wait_for_function("window.__wb && window.__wb.ready")
    assert other.evaluate("window.__wb.revision") == visitor.page.evaluate("window.__wb.revision")
    other.close()


def test_a_brush_over_the_timeline_becomes_a_filter_step(
    visitor: Any, fake_app: Callable[[str], str]
) -> None:
    opened(visitor, fake_app, "0000000a")
    chart = visitor.page.get_by_test_id("stVegaLiteChart").first
    chart.wait_for()
    chart.scroll_into_view_if_needed()
    visitor.idle()
    box = chart.bounding_box()
    visitor.page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 60)
    visitor.page.mouse.down()
    visitor.page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 62, steps=6)
    visitor.page.mouse.up()
    apply = visitor.page.get_by_role("button", name="Show only these days")
    apply.wait_for()
    visitor.after(apply.click)
    visitor.page.get_by_role("button", name="2026-05-").wait_for()
    assert visitor.errors == []


def test_a_dragged_node_stays_where_it_was_put_after_a_reload_and_undo_brings_it_back(
    visitor: Any, fake_app: Callable[[str], str]
) -> None:
    opened(visitor, fake_app, "00000003")
    before = visitor.positions()
    x, y = visitor.where(ACCOUNT)
    visitor.page.mouse.move(x, y)
    visitor.page.mouse.down()
    visitor.page.mouse.move(x + 60, y + 40, steps=6)
    visitor.after(visitor.page.mouse.up)
    moved = visitor.positions()
    assert moved[ACCOUNT] != before[ACCOUNT]
    visitor.page.reload()
    visitor.idle()
    visitor.canvas_ready()
    again = visitor.positions()
    assert again[ACCOUNT]["x"] == pytest.approx(moved[ACCOUNT]["x"], abs=0.2)
    assert {k: v for k, v in again.items() if k != ACCOUNT} == {
        k: v for k, v in before.items() if k != ACCOUNT
    }
    visitor.after(visitor.page.get_by_role("button", name="Undo").click)
    assert visitor.positions()[ACCOUNT] == pytest.approx(before[ACCOUNT], abs=0.2)


def test_shift_drag_selects_a_rectangle_and_the_table_offers_the_pair(
    visitor: Any, fake_app: Callable[[str], str]
) -> None:
    opened(visitor, fake_app, "00000004")
    box = visitor.page.locator(".wb-canvas").bounding_box()
    visitor.page.keyboard.down("Shift")
    visitor.page.mouse.move(box["x"] + 60, box["y"] + 55)
    visitor.page.mouse.down()
    visitor.page.mouse.move(box["x"] + box["width"] - 5, box["y"] + box["height"] - 5, steps=5)
    visitor.page.mouse.up()
    visitor.page.keyboard.up("Shift")
    total = len(visitor.positions())
    visitor.page.get_by_text(f"{total} of {total} selected").wait_for()
    assert visitor.page.get_by_role("button", name="Explain pair").is_disabled()


def test_the_legend_hides_a_kind_and_the_sum_still_adds_up(
    visitor: Any, fake_app: Callable[[str], str]
) -> None:
    opened(visitor, fake_app, "00000005")
    before = visitor.positions()
    item = visitor.page.locator(".wb-item", has_text="Devices")
    shown = int(item.locator("b").inner_text())
    assert shown > 0
    visitor.after(item.click)
    assert len(visitor.positions()) == len(before) - shown
    words = visitor.page.locator(".wb-count").inner_text()
    numbers = [int(word) for word in words.replace("=", "+").split() if word.isdigit()]
    assert sum(numbers[:3]) == numbers[3]
    visitor.after(visitor.page.locator(".wb-item", has_text="Devices").click)
    assert visitor.positions() == before


def test_a_closed_cell_opens_into_free_room(visitor: Any, fake_app: Callable[[str], str]) -> None:
    visitor.open(f"{fake_app('busy')}/explore?community=cm_31fa88&scene=s-00000006")
    visitor.canvas_ready()
    before = visitor.positions()
    bundle = next(name for name in before if name.startswith("cell:"))
    visitor.after(lambda: visitor.page.mouse.dblclick(*visitor.where(bundle)))
    after = visitor.positions()
    assert bundle not in after
    assert {n: after[n] for n in before if n != bundle} == {
        n: before[n] for n in before if n != bundle
    }
    assert len(after) > len(before) + 30
