"""What every registered kind must hold, whatever a log says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import graph_models.kinds
from graph_models.cleaning import MAX_VALUE
from graph_models.codes import code
from graph_models.errors import UsageError
from graph_models.kind import Kind
from graph_models.kinds import (
    ACCOUNT,
    FOREIGN_POLICY,
    KINDS,
    glyph_of,
    kind_named,
    policy_of,
    relation_of,
)
from graph_models.nodes import NodeRef

FOLDER = Path(graph_models.kinds.__file__).parent
JUNK = ("", "   ", "null", "NULL", "None", "unknown", "Unknown", "N/A", "undefined", "-", "0", "\0")

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def test_every_file_is_in_the_registry() -> None:
    registry = (FOLDER / "__init__.py").read_text(encoding="utf-8")
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    imported = set(re.findall(r"^from graph_models\.kinds\.(\w+) import", registry, re.MULTILINE))
    assert files == imported
    assert len(files) == len(KINDS) + 1  # the account is a file, too, and no identifier


@pytest.mark.parametrize("attribute", ["name", "label", "relation", "title", "plural"])
def test_names_are_unique(attribute: str) -> None:
    names = [getattr(kind, attribute) for kind in KINDS]
    assert len(set(names)) == len(names)
    assert not set(names) & {"account", "community", "Account", "Community", "LINKED", "MEMBER_OF"}


def test_the_contract_names_its_kinds() -> None:
    named = {kind.name for kind in KINDS} | {ACCOUNT.name}
    assert named >= {
        "account", "ip", "payment_method", "device", "prompt_cluster", "email_domain", "api_key",
        "user_agent", "tls_fingerprint",
    }  # fmt: skip


def test_look_ups_answer_for_known_and_foreign_kinds() -> None:
    assert kind_named("ip") in KINDS
    assert policy_of("ip") is kind_named("ip").policy
    assert relation_of("ip") == kind_named("ip").relation
    assert policy_of("shoe_size") is FOREIGN_POLICY
    assert FOREIGN_POLICY.reason
    assert relation_of("shoe_size") == "USED"
    assert glyph_of("account").shape == "dot"
    assert glyph_of("shoe_size").shape
    with pytest.raises(UsageError, match="payment_method"):
        kind_named("shoe_size")


@each_kind
def test_it_explains_itself(kind: Kind) -> None:
    for text in (kind.doc, kind.means, kind.misleads, kind.policy.reason):
        assert text.endswith(".")
        assert len(text.split()) >= 6
    assert kind.means != kind.misleads
    assert all(prop.doc.endswith(".") for prop in kind.properties)


@each_kind
def test_its_policy_is_within_reason(kind: Kind) -> None:
    assert 2 <= kind.policy.hub_degree <= 1000
    assert 0 < kind.policy.cap_bits <= 16


@each_kind
def test_its_glyph_has_a_colour_for_each_theme(kind: Kind) -> None:
    assert all(re.fullmatch(r"#[0-9A-F]{6}", c) for c in (kind.glyph.light, kind.glyph.dark))
    assert kind.glyph.shape in {"square", "triangle", "diamond", "hexagon", "pentagon"}
    assert kind.glyph.size > 0


@each_kind
def test_its_sources_are_canonical_columns(kind: Kind) -> None:
    events = pytest.importorskip("ingest.events", reason="ingest is not on this path")
    for source in kind.sources:
        known = {column.name for column in events.event_named(source.event).columns}
        assert {*source.columns, *source.where} <= known


@each_kind
@pytest.mark.parametrize("junk", JUNK)
def test_junk_is_no_identifier(kind: Kind, junk: str) -> None:
    assert kind.clean(junk) is None


@each_kind
@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet=st.characters(codec=None), max_size=400))
@example(text="a＠b.c")
@example(text="a.b。")
@example(text="０.０")
def test_any_text_is_cleaned_once_and_for_all(kind: Kind, text: str) -> None:
    value = kind.clean(text)
    if value is None:
        return
    assert value
    assert len(value) <= 2 * MAX_VALUE + 1
    assert kind.clean(value) == value
    assert value.encode("utf-8")
    assert kind.linkable(value) in (True, False)
    assert all(isinstance(told, str) for told in kind.derive(value).values())
    assert NodeRef.parse(f"{kind.name}:{value}") == NodeRef(kind.name, value)
    assert -(2**63) <= code(kind.name, value) < 2**63


@each_kind
def test_outer_blanks_do_not_make_another_value(kind: Kind) -> None:
    sample = {"ip": "240.7.0.1", "email_domain": "office.example"}.get(kind.name, "Ab9-x7_value")
    assert kind.clean(f"  {sample}\t\n") == kind.clean(sample)
    assert kind.clean(sample) is not None
