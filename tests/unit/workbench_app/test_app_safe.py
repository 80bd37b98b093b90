"""Text of a log reaches the screen only through ``safe``; the syntax tree proves it."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest

from tests.browser.desks import HOSTILE
from workbench.app import safe

APP = Path(safe.__file__).parent
# Streamlit calls that read no markup: evidence-and-security.md B2, measured for 1.67.
TEXT_SINKS = {"text", "code", "dataframe", "json", "altair_chart", "image"}
# Calls that show no text at all, or whose text is an option of a widget drawn without markup.
NO_TEXT = {
    "container", "columns", "space", "rerun", "fragment", "cache_resource", "cache_data", "tabs",
    "navigation", "Page", "form", "set_page_config", "logo", "switch_page", "pagination", "progress",
    "selectbox", "pills", "component", "TextColumn", "NumberColumn", "ListColumn", "ImageColumn",
}  # fmt: skip
FORBIDDEN = {"html", "iframe", "write", "write_stream", "table", "toast", "latex"}
TEMPLATES = {"line", "caption", "info", "warning", "success", "badge", "metric", "fill"}


def calls(path: Path) -> list[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


# Parts of Streamlit that hold state and show nothing.
STATE = {"session_state", "query_params", "context"}


def name_of(call: ast.Call) -> tuple[str, str]:
    """("st", "markdown") of ``st.markdown(…)`` and of ``st.sidebar.markdown(…)``."""
    node, parts = call.func, []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    root = node.id if isinstance(node, ast.Name) else ""
    return ("", "") if STATE & set(parts) else (root, parts[0] if parts else "")


def is_ours(node: ast.expr) -> bool:
    """A literal, a choice between literals, or a call of ``safe.fill``."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.IfExp):
        return is_ours(node.body) and is_ours(node.orelse)
    return isinstance(node, ast.Call) and name_of(node) == ("safe", "fill")


SOURCES = sorted(path for path in APP.rglob("*.py") if path.name != "safe.py")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(APP).as_posix())
def test_no_markup_sink_gets_anything_but_our_own_words(path: Path) -> None:
    for call in calls(path):
        root, name = name_of(call)
        assert not any(key.arg == "unsafe_allow_html" for key in call.keywords), call.lineno
        if root != "st":
            continue
        where = f"{path.name}:{call.lineno} st.{name}"
        assert name not in FORBIDDEN, where
        if name in TEXT_SINKS | NO_TEXT:
            continue
        shown = [*call.args[:1], *(k.value for k in call.keywords if k.arg in ("label", "body"))]
        assert all(is_ours(value) for value in shown), where


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(APP).as_posix())
def test_every_template_is_a_literal(path: Path) -> None:
    for call in calls(path):
        root, name = name_of(call)
        if root == "safe" and name in TEMPLATES:
            count = 2 if name == "metric" else 1
            first = call.args[:count]
            assert len(first) == count, f"{path.name}:{call.lineno}"
            assert all(is_ours(value) for value in first), f"{path.name}:{call.lineno}"


def test_the_walk_would_find_a_hostile_call() -> None:
    tree = ast.parse("st.markdown(row.value)").body[0]
    assert isinstance(tree, ast.Expr)
    assert isinstance(tree.value, ast.Call)
    assert not is_ours(tree.value.args[0])


@pytest.mark.parametrize("text", HOSTILE)
def test_plain_leaves_no_markdown_alive(text: str) -> None:
    shown = safe.plain(text)
    if shown.startswith("`"):
        fence = shown[: len(shown) - len(shown.lstrip("`"))]
        inside = shown.removeprefix(fence).removesuffix(fence)
        assert "`" not in inside or inside.startswith(" ")
        assert fence not in inside
        return
    escaped = [shown[place - 1] for place, mark in enumerate(shown) if mark in "`*_[]()<>#!$:|~{}"]
    assert set(escaped) <= {"\\"}


@pytest.mark.parametrize("text", ["https://evil.test/x", "www.evil.test", "a@evil.test"])
def test_what_could_become_a_link_stands_in_a_code_span(text: str) -> None:
    assert safe.plain(text) == f"`{text}`"
    assert safe.plain(f"`{text}`") == f"`` `{text}` ``"


def test_harmless_words_stay_readable() -> None:
    assert safe.plain("acct 17") == "acct 17"
    assert safe.plain("") == "–"
    assert safe.plain("x" * 900).endswith("…")


def test_fill_groups_numbers_and_keeps_our_own_words() -> None:
    said = safe.fill("{n} of {all}, {word}", n=1204318, all=0.5, word=safe.Words("**very** likely"))
    assert said == "1\u202f204\u202f318 of 0.50, **very** likely"


def test_a_template_cannot_be_steered_by_a_value() -> None:
    assert safe.fill("{x}", x="{y.__class__}") == "\\{y\\.\\_\\_class\\_\\_\\}"


def test_a_table_is_made_inert_but_our_pictures_are_kept() -> None:
    uri = "data:image/svg+xml;base64," + "A" * 500
    table = pd.DataFrame({"a": ["\x1b[31m", "b"], "p": [uri, uri], "l": [["\u202ex"], []]})
    shown = safe.frame(table, pictures=("p",))
    assert shown["a"].tolist() == ["\\x1b[31m", "b"]
    assert shown["p"].tolist() == [uri, uri]
    assert shown["l"].tolist() == [["\\u202ex"], []]
    assert table["a"].iloc[0] == "\x1b[31m"
