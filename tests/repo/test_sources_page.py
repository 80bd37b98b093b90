"""The page on sources is in step with the mappings that ship, and the tutorial with the page."""

from __future__ import annotations

import re
from pathlib import Path

from ingest.mapping.model import parse_mapping
from ingest.mappings import MAPPINGS, load_mapping

DOCS = Path(__file__).parents[2] / "docs"
VENDORS = [name for name in MAPPINGS if not name.startswith("canonical.")]


def tables() -> str:
    """The page on sources without its prose."""
    lines = (DOCS / "sources.md").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if line.startswith("| `"))


def test_every_vendor_mapping_has_one_row() -> None:
    named = re.findall(r"^\| `([a-z0-9_.]+)`", tables(), re.MULTILINE)
    assert sorted(named) == VENDORS


def test_a_row_names_the_kinds_that_its_mapping_gives() -> None:
    for line in tables().splitlines():
        cells = line.split(" | ")
        mapping = load_mapping(cells[0].strip("|` "))
        kinds = {emission.emits for emission in mapping.emissions}
        assert kinds <= set(re.findall(r"`([a-z_]+)`", cells[2])), mapping.id


def test_the_overlay_of_the_tutorial_is_sound() -> None:
    text = (DOCS / "tutorials/first-import.md").read_text(encoding="utf-8")
    (overlay,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    made = parse_mapping(overlay, where="tutorial", base=load_mapping("stripe.charge"))
    assert made.id == "site.stripe_charge"
    accounts = {
        emission.emits: [str(path) for item in emission.fields if item.name == "account_id"
                         for path in item.sources]
        for emission in made.emissions
    }  # fmt: skip
    assert accounts["alias"] == ["metadata.tenant"]
    assert accounts["payment"][0] == "metadata.tenant"
