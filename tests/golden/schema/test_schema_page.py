"""The schema page is in step with the kinds, and says all of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph_models.kind import Kind
from graph_models.kinds import KINDS
from graph_models.schema import schema_markdown
from graph_models.stores import open_store
from tests.contract.graphs import sample_published

PAGE = Path(__file__).parents[3] / "docs/reference/schema.md"


def test_the_page_is_in_step() -> None:
    assert PAGE.read_text(encoding="utf-8") == schema_markdown(), "run `make docs`"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_page_holds_the_whole_card(kind: Kind) -> None:
    page = schema_markdown()
    for text in (kind.doc, kind.means, kind.misleads, kind.policy.reason, f"`{kind.relation}`"):
        assert text in page
    assert all(f"`{prop.name}`" in page for prop in kind.properties)


def test_every_property_that_a_store_tells_is_on_the_page(tmp_path: Path) -> None:
    store = open_store("embedded:", tmp_path)
    with store.writer() as writer:
        writer.publish(sample_published())
    view, page = store.view(), schema_markdown()
    for text in ("acct_c07", "acct_o00", "240.7", "cm_campaign"):
        for entity in view.search(text):
            told = {*entity.properties}
            told |= {name for e in view.expand(entity.node).edges for name in e.properties}
            assert {name for name in told if f"`{name}`" not in page} == set()
