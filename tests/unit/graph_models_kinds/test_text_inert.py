"""Hostile text is shown, and does nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_models.text import inert


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\r\nb\tc", "a\\x0d\\x0ab\\x09c"),
        ("nul\0", "nul\\x00"),
        ("c1\x85\x9b", "c1\\x85\\x9b"),
        ("exe\u202egnp", "exe\\u202egnp"),
        ("\u2066iso\u2069", "\\u2066iso\\u2069"),
        ("ze\u200bro\ufeff", "ze\\u200bro\\ufeff"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("no\u00a0break\u3000", "no\\u00a0break\\u3000".replace("\\u00a0", "\\xa0")),
        ("sep\u2028", "sep\\u2028"),
        ("half\ud800", "half\\ud800"),
        ("v\ufe0f\U000e0100", "v\\ufe0f\\U000e0100"),
        ("\u3164filler", "\\u3164filler"),
    ],
)
def test_unseen_characters_are_shown(hostile: str, shown: str) -> None:
    assert inert(hostile) == shown


@pytest.mark.parametrize(
    "plain",
    ["", "acct_1", "Zoë Müller", "東京", "שלום", "नमस्ते", "a\u0301", "<b>&'\"", "😀", "x — y…"],
)
def test_ordinary_text_of_any_script_stays(plain: str) -> None:
    assert inert(plain) == plain


def test_a_tower_of_marks_is_taken_down() -> None:
    tower = inert("a" + "\u0301" * 50)
    assert tower.count("\u0301") == 4
    assert "\\u0301" in tower


def test_a_long_text_is_cut_and_says_so() -> None:
    assert inert("a" * 300, limit=10) == "a" * 9 + "…"
    assert inert("a" * 10, limit=10) == "a" * 10
    assert inert("é" * 11, limit=10) == "é" * 9 + "…"
    assert inert("\u202e" * 4, limit=10) == "\\u202e…"  # never cut inside an escape
    with pytest.raises(ValueError, match="at least one"):
        inert("a", limit=0)


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(alphabet=st.characters(codec=None), max_size=80),
    limit=st.integers(min_value=1, max_value=90),
)
def test_whatever_comes_in_nothing_unseen_comes_out(text: str, limit: int) -> None:
    shown = inert(text, limit=limit)
    assert len(shown) <= limit
    assert not {unicodedata.category(mark) for mark in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert inert(shown, limit=limit) == shown
