"""Words and numbers as look.md §2 sets them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pandas as pd
import pytest

from graph_models.inference import ASSESSMENTS
from graph_models.kinds import KINDS
from workbench import wording
from workbench.app import look


@pytest.mark.parametrize(
    ("chance", "word"),
    [(0.0, "almost no chance"), (0.05, "almost no chance"), (0.051, "very unlikely"),
     (0.20, "very unlikely"), (0.21, "unlikely"), (0.45, "unlikely"), (0.5, "even chance"),
     (0.55, "even chance"), (0.56, "likely"), (0.7999, "likely"), (0.80, "very likely"),
     (0.9499, "very likely"), (0.95, "almost certain"), (1.0, "almost certain")],
)  # fmt: skip
def test_probability_words_start_where_icd_203_says(chance: float, word: str) -> None:
    assert wording.in_words(chance) == word


@pytest.mark.parametrize(
    ("chance", "text"), [(0, "<0.01"), (0.0099, "<0.01"), (0.01, "0.01"), (0.84, "0.84"),
                         (0.99, "0.99"), (0.991, ">0.99"), (1, ">0.99")]
)  # fmt: skip
def test_probabilities_are_open_at_both_ends(chance: float, text: str) -> None:
    assert wording.probability(chance) == text


def test_numbers_are_grouped_and_minus_is_a_minus() -> None:
    assert wording.number(1204318) == "1\u202f204\u202f318"
    assert wording.number(-3) == "\u22123"
    assert wording.number(None) == "–"
    assert (wording.bits(12.64), wording.bits(-2.8), wording.bits(0.04)) == (
        "+12.6",
        "\u22122.8",
        "0.0",
    )
    assert (wording.figure(2_640_000), wording.figure(310_400), wording.figure(4321)) == (
        "2.6\u202fM", "310\u202fk", "4\u202f321",
    )  # fmt: skip
    assert (wording.percent(1, 8), wording.percent(1, 200), wording.percent(0, 0)) == (
        "12\u202f%", "0.5\u202f%", "–",
    )  # fmt: skip
    assert (wording.span(4, 4), wording.span(4, 9)) == ("4", "4–9")
    assert (wording.plural(1, "account"), wording.plural(2, "community", "communities")) == (
        "1 account", "2 communities",
    )  # fmt: skip
    assert (wording.p_value(None), wording.p_value(0.0002), wording.p_value(0.03)) == (
        "–",
        "< 0.001",
        "= 0.03",
    )


def test_times_say_utc_and_unknown_is_a_dash() -> None:
    assert wording.moment(datetime(2026, 6, 5, 4, 15)) == "5 Jun 2026 04:15 UTC"
    assert wording.day(None) == "–"


def test_times_name_their_zone_and_a_time_without_a_mark_is_utc() -> None:
    noon = datetime(2026, 6, 5, 23, 30, tzinfo=UTC)
    assert wording.moment(noon) == "5 Jun 2026 23:30 UTC"
    assert wording.moment(noon.replace(tzinfo=None)) == wording.moment(noon)
    assert wording.moment(noon, "Europe/Berlin") == "6 Jun 2026 01:30 Europe/Berlin"
    assert wording.day(noon, "Asia/Tokyo") == "6 Jun 2026"
    assert (wording.moment(None), wording.day(pd.NaT)) == ("–", "–")


@pytest.mark.parametrize(
    ("name", "known"),
    [("UTC", True), ("Europe/Berlin", True), ("", False), ("CEST?", False), ("../../etc", False),
     ("/etc/localtime", False), ("Europe/\x00", False)],
)  # fmt: skip
def test_only_zones_that_this_machine_knows_are_zones(name: str, known: bool) -> None:
    assert wording.is_zone(name) is known


def _svg(uri: str) -> str:
    head, _, body = uri.partition(",")
    assert head == "data:image/svg+xml;base64"
    return base64.b64decode(body).decode()


def test_the_stacked_bar_holds_only_numbers_and_our_colours() -> None:
    chances = dict.fromkeys(ASSESSMENTS, 0.02) | {"campaign": 0.88}
    bar = _svg(look.assessment_bar(chances, look.LIGHT))
    assert bar.count("<rect") == 8  # seven classes and the hatch
    assert "#3B3A8F" in bar
    assert "script" not in bar
    assert look.assessment_bar(chances, look.LIGHT) != look.assessment_bar(chances, look.DARK)


def test_every_registered_kind_has_a_shape_of_the_legend() -> None:
    for kind in KINDS:
        svg = _svg(look.glyph_picture(kind.glyph.shape, kind.glyph.light))
        assert look._SHAPES[kind.glyph.shape] in svg
    assert look._SHAPES["pentagon"] in _svg(look.glyph_picture("unheard-of", "#000000"))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [look.LIGHT, look.DARK], ids=lambda theme: theme.name)
def test_text_has_enough_contrast_in_both_themes(theme: look.Theme) -> None:
    for colour in (theme.text, theme.muted, theme.favour, theme.against):
        assert contrast(colour, theme.background) >= 4.5, colour
