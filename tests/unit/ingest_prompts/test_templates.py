"""Template ids for any texts, and readable labels."""

from __future__ import annotations

import pandas as pd
import pytest

from graph_models.errors import BadDataError
from ingest.prompts import frame_label, templates

FORM = (
    "Please write a short summary of the article about {} and explain it to a child in {} sentences"
)
THINGS = ("cats", "big red dogs", "the moon over the hills", "war", "peace", "the sea at night")


def test_every_id_has_a_template_in_the_order_given() -> None:
    texts = [FORM.format(thing, n) for n, thing in enumerate(THINGS)]
    texts += ["something else entirely", None, "", "something else entirely"]
    frame = pd.DataFrame(
        {"id": [f"t{i}" for i in range(len(texts))], "text": texts}, index=range(50, 60)
    )
    found = templates(frame)
    assert list(found.columns) == ["id", "template"]
    assert found["id"].tolist() == frame["id"].tolist()
    assert found["template"].notna().all()
    assert found["template"].iloc[:6].nunique() == 1
    assert found["template"].iloc[6] == found["template"].iloc[9]
    assert found["template"].nunique() == 4


def test_no_texts_and_missing_columns() -> None:
    assert templates(pd.DataFrame({"id": [], "text": []})).empty
    with pytest.raises(BadDataError, match="text"):
        templates(pd.DataFrame({"id": [1]}))


def test_a_label_is_the_skeleton_with_slots_masked() -> None:
    label = frame_label(FORM.format(thing, n) for n, thing in enumerate(THINGS))
    assert label.startswith("Please write a short summary of the article about …")
    assert len(label) <= 80


def test_a_label_does_not_depend_on_the_order_of_texts() -> None:
    texts = [FORM.format(thing, n) for n, thing in enumerate(THINGS)]
    assert frame_label(texts) == frame_label(reversed(texts))


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> [x](http://e.example) {{7*7}}",
        "\x00\x1b[31m=cmd|' /C calc'!A0",
        "\u202eabc",
        "",
    ],
)
def test_a_label_is_inert(text: str) -> None:
    label = frame_label([text] * 3)
    assert all(char.isalpha() or char in " …" for char in label)
    assert len(label) <= 80
