"""The tutorial for somebody with a Stripe export and LiteLLM logs, followed word for word.

Only the scale of the practice world is smaller, and names that a reader picks himself are left out.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from workbench.cli import app

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorials" / "first-import.md"
SCALE = "0.04"
PICKED = ("…", "ACCOUNT_A", "serve")  # a community, two accounts, the browser

pytestmark = pytest.mark.xdist_group("first-import")


def commands() -> list[list[str]]:
    """The lines of the tutorial's shell blocks as words, without comments."""
    text = TUTORIAL.read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.replace("0.15", SCALE).splitlines()]
    return [shlex.split(line, comments=True) for line in lines]


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, (words, result.output, result.exception)
    return result.stdout


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A folder in which all was done, what each ``analyse`` counted, what was found."""
    folder, counts = tmp_path_factory.mktemp("first-import"), []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        for words in commands():
            if words[0] == "export":
                patch.setenv(*words[1].split("=", 1))
            elif words[0] == "mkdir":
                subprocess.run(shlex.join(words).replace("'&&'", "&&"), shell=True, check=True)
                overlay = re.findall(r"```toml\n(.*?)```", TUTORIAL.read_text("utf-8"), re.DOTALL)
                Path("site-charges.toml").write_text(overlay[0], "utf-8")
            elif words[1] == "analyse":
                counts.append(json.loads(run("analyse", "--json")))
            elif not set(PICKED) & set(words) and "cm_…" not in words:
                assert words[0] == "workbench"
                run(*words[1:])
        found = json.loads(run("communities", "--json"))
        grade = json.loads(run("grade", "--truth", "practice.truth", "--json"))
    return folder, counts, found, grade


def test_two_exports_give_communities_and_the_campaign(reader: Any) -> None:
    _, _, communities, grade = reader
    assert any(found["size"]["core"] >= 5 for found in communities)
    assert grade["campaigns"][0]["found"] >= 0.8 * grade["campaigns"][0]["size"]
    assert grade["benign_accused"] == 0


def test_the_table_of_aliases_connects_every_customer(reader: Any) -> None:
    folder, (before, after), _, _ = reader
    truth = pd.read_csv(folder / "practice.truth" / "accounts.csv")
    assert after["accounts"] == len(truth)
    assert before["accounts"] < after["accounts"]
    assert before["sightings"] < after["sightings"]


def test_the_folder_holds_only_what_the_tutorial_promises(reader: Any) -> None:
    folder = reader[0]
    assert sorted(path.name for path in (folder / "first").iterdir()) == ["litellm", "stripe"]
    assert (folder / "first.workspace" / "mappings" / "site-charges.toml").is_file()
