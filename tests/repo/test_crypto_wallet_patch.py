"""A new kind of identifier is one file and its registration, and gets everything else for free."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATCH = ROOT / "tests/repo/crypto_wallet.patch"
SUITE = ("tests/contract/test_kinds.py", "tests/contract/test_stores.py")
COPIED = ("graph_models", "ingest", "tests/contract", "tests/conftest.py", "pyproject.toml")

NEW_KIND_WORKS = """
from pathlib import Path
from graph_models.kinds import kind_named, relation_of
from graph_models.nodes import NodeRef
from graph_models.schema import schema_markdown
from graph_models.stores import open_store
from tests.contract.graphs import published

wallet = kind_named("crypto_wallet").clean("0x" + "Ab" * 20)
assert wallet == "0x" + "ab" * 20
store = open_store("embedded:", Path("store"))
with store.writer() as writer:
    writer.publish(published([("a", "crypto_wallet", wallet), ("b", "crypto_wallet", wallet)],
                             snapshot="sn"))
(edge,) = store.view().expand(NodeRef("account", "a")).edges
assert edge.relation == "PAID_FROM_WALLET" == relation_of("crypto_wallet")
assert "## Crypto wallet" in schema_markdown()
"""


@pytest.fixture(scope="module")
def patched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("patched")
    for name in COPIED:
        source, target = ROOT / name, copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    # A repository around the temporary folder would make git skip files of the patch in silence.
    alone = {**os.environ, "GIT_CEILING_DIRECTORIES": str(copy.parent)}
    subprocess.run(["git", "apply", str(PATCH)], cwd=copy, env=alone, check=True)
    return copy


def test_the_patch_touches_two_files() -> None:
    touched = re.findall(r"^\+\+\+ b/(.+)$", PATCH.read_text(encoding="utf-8"), re.MULTILINE)
    assert touched == ["graph_models/kinds/__init__.py", "graph_models/kinds/crypto_wallet.py"]


def test_the_contract_suite_holds_for_the_new_kind(patched: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SUITE],
        cwd=patched, env=_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert " passed" in done.stdout


def test_the_new_kind_is_in_store_relation_and_schema(patched: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", NEW_KIND_WORKS], cwd=patched, env=_environment(), check=True
    )


def _environment() -> dict[str, str]:
    # The packages of the copy, not those that an editable install points to.
    return {**os.environ, "PYTHONPATH": "."}
