"""The worked notebook runs from top to bottom, and is kept without its outputs."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "investigation.ipynb"
SECONDS = 240  # of one cell; the whole takes some forty on two quiet cores
# What ipykernel itself warns of while it starts and stops is not ours.
STRICT = (
    "import warnings\n"
    "warnings.simplefilter('error')\n"
    "warnings.simplefilter('ignore', PendingDeprecationWarning)"
)


def read() -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


def test_it_is_kept_without_outputs() -> None:
    notebook = read()
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) >= 12
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning:zmq")
def test_every_cell_runs_without_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    root = str(NOTEBOOK.parents[2])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]))
    notebook = read()
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    client = NotebookClient(
        notebook, timeout=SECONDS, kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )  # fmt: skip
    client.execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    said = "\n".join(
        str(output.get("text", "")) for cell in code for output in cell.get("outputs", ())
    )
    assert "sealed and whole: True" in said
    assert "beyond the limit" in said
    assert "stderr" not in {o.get("name") for cell in code for o in cell.get("outputs", ())}
    assert not list(tmp_path.glob("workbench-*")), "the last cell removes what was made"
