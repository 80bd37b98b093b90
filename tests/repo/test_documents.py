"""The generated pages are in step with the code; the README's links and commands exist."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(generator().pages()))
def test_generated_pages_are_in_step(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == generator().pages()[name], (
        "run `make docs`"
    )


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
        for target in re.findall(r"\]\(([^)#:]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_top_level_holds_what_was_agreed() -> None:
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    if not files:
        pytest.skip("not a git checkout, so there is no list of files to check")
    top = {name.split("/")[0] for name in files}
    assert {"pyproject.toml", "workbench", "graph_models", "ingest", "fixtures", "tests",
            "README.md"} <= top  # fmt: skip
    names = {Path(name).name for name in files}
    assert not names & {"utils.py", "util.py", "helpers.py", "misc.py", "common.py"}


def test_no_registry_host_and_no_machine_path_is_committed() -> None:
    needle = re.compile(r"(--(extra-)?index-url|registry *= *.?http|(?<![\w.])/(root|home)/\w+/)")
    found = [
        path.name
        for pattern in ("*.lock", "*.toml", "Makefile", ".ci/*")
        for path in ROOT.glob(pattern)
        if needle.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
