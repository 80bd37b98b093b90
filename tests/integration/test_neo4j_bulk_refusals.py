"""Bulk loads that are refused, fail or are killed leave what a server holds; no Java is started."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from graph_models.errors import BadDataError, StoreUnreachableError, UsageError
from graph_models.stores.compilation import compile_graph
from graph_models.stores.embedded import EmbeddedStore
from graph_models.stores.neo4j import bulk, runtime
from graph_models.stores.neo4j.bulk import bulk_load
from graph_models.stores.neo4j.import_csv import BETWEEN
from graph_models.stores.neo4j.server import Server
from graph_models.stores.neo4j.server_commands import run
from tests.contract.graphs import sample_published
from workbench.publication import publish as publish_workspace


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    store = EmbeddedStore(tmp_path_factory.mktemp("inside"))
    with store.writer() as writer:
        writer.publish(sample_published())
    return store


@pytest.fixture
def stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server's home with data of its own, as far as a load looks before Java is started."""
    home = Server(tmp_path / "home", runtime.DEFAULT_VERSION)
    (home.home / "conf").mkdir(parents=True)
    (home.home / "conf" / "neo4j.conf").touch()
    (home.data.path / "databases" / "neo4j").mkdir(parents=True)
    (home.data.path / "databases" / "neo4j" / "store").write_text("precious")
    home.secrets.write_text('[neo4j]\nuser = "neo4j"\npassword = "at-least-8-chars"\n')
    monkeypatch.setattr(Server, "admin", lambda *_, **__: pytest.fail("ran the tool"))
    return home


def precious(server: Server) -> str:
    return (server.data.path / "databases" / "neo4j" / "store").read_text()


def test_data_is_not_replaced_unasked(stopped: Server, inside: EmbeddedStore) -> None:
    with pytest.raises(UsageError, match="replaces all of it"):
        bulk_load(stopped, *inside.compiled())
    assert precious(stopped) == "precious"


def test_a_folder_that_is_no_server_is_refused(tmp_path: Path, inside: EmbeddedStore) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(UsageError, match="no Neo4j server of the workbench"):
        bulk_load(Server(tmp_path), *inside.compiled(), replacing=True)
    assert (tmp_path / "letters.txt").read_text() == "mine"


@pytest.mark.parametrize("step", ["write_csv", "_import", "_publish"])
def test_a_load_that_fails_leaves_the_data(
    stopped: Server, inside: EmbeddedStore, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreUnreachableError("out of space")

    monkeypatch.setattr(bulk, "_import", lambda *_: None)
    monkeypatch.setattr(bulk, step, fail)
    with pytest.raises(StoreUnreachableError, match="out of space"):
        bulk_load(stopped, *inside.compiled(), replacing=True)
    assert precious(stopped) == "precious"
    assert not (stopped.home / "load.unfinished").exists()


def test_a_killed_load_is_swept_by_the_next(
    stopped: Server, inside: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = stopped.home / "load.unfinished" / "data" / "databases" / "neo4j"
    left.mkdir(parents=True)
    (left / "half").touch()
    (stopped.home / "data-1").mkdir()  # moved in, but the pointer was never moved
    assert precious(stopped) == "precious"

    def imported(fresh: Server, _written: object) -> None:
        assert not (fresh.home / "data" / "databases" / "neo4j").exists()
        (fresh.data.path / "databases" / "neo4j").mkdir(parents=True)
        (fresh.data.path / "databases" / "neo4j" / "store").write_text("new")

    monkeypatch.setattr(bulk, "_import", imported)
    monkeypatch.setattr(bulk, "_publish", lambda *_, **__: None)
    bulk_load(stopped, *inside.compiled(), replacing=True)
    assert precious(stopped) == "new"
    assert [path.name for path in stopped.home.glob("data*") if path.is_dir()] == ["data-1"]


def test_what_a_killed_load_left_running_is_ended(stopped: Server) -> None:
    left = stopped.data.unfinished
    left.mkdir()
    sleeper = [sys.executable, "-c", "import time; time.sleep(300)", "org.neo4j.cli.AdminTool"]
    with subprocess.Popen(sleeper) as process:
        (left / "admin.pid").write_text(str(process.pid))
        stopped.sweep()
        with pytest.raises(ProcessLookupError):
            os.kill(process.pid, 0)
    assert not left.exists()
    assert precious(stopped) == "precious"


def test_another_process_of_that_number_is_left_alone(stopped: Server) -> None:
    left = stopped.data.unfinished
    left.mkdir()
    stranger = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(stranger, stdin=subprocess.PIPE) as process:
        (left / "admin.pid").write_text(str(process.pid))
        script = (
            "import sys; from pathlib import Path; "
            "from graph_models.stores.neo4j.processes import end_noted; "
            "end_noted(Path(sys.argv[1]))"
        )
        subprocess.run([sys.executable, "-c", script, str(left / "admin.pid")], check=True)
        assert process.poll() is None
        process.communicate()


def test_a_move_that_fails_leaves_the_pointer(
    stopped: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("killed")))
        with pytest.raises(OSError, match="killed"):
            stopped.data.replace(fresh)
    assert stopped.data.name == "data"
    assert precious(stopped) == "precious"
    stopped.data.sweep()
    assert not (stopped.home / "data-1").exists()


def test_two_loads_at_once_are_refused(stopped: Server, inside: EmbeddedStore) -> None:
    with stopped.data.claimed(), pytest.raises(StoreUnreachableError, match="under way"):
        bulk_load(stopped, *inside.compiled(), replacing=True)


def test_a_list_that_holds_the_separator_is_refused(stopped: Server) -> None:
    graph = sample_published()
    facts = graph.observations.enrichment.copy()
    facts["version"] = facts["version"].astype("str") + BETWEEN
    changed = facts.astype("category").astype({"identifier": "int32"})
    observations = dataclasses.replace(graph.observations, enrichment=changed)
    files = compile_graph(dataclasses.replace(graph, observations=observations))
    with pytest.raises(BadDataError, match="U\\+001F"):
        bulk_load(stopped, files, "digest", replacing=True)


def test_the_commands_refuse_in_words(
    stopped: Server, inside: EmbeddedStore, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    home = stopped.home.parent / stopped.version
    shutil.move(stopped.home, home)
    monkeypatch.setenv("WORKBENCH_NEO4J_HOME", str(home.parent))
    workspace = inside.url.removeprefix("embedded:")
    assert run(["load", "--workspace", workspace, "--version", stopped.version]) == 2
    assert "--replace" in capsys.readouterr().err
    elsewhere = "neo4j+s://graphs.example/team"
    with pytest.raises(UsageError, match="only this machine's own server"):
        publish_workspace(Path(workspace), elsewhere, bulk=True, say=lambda *_: None)
    with pytest.raises(UsageError, match="in the workspace already"):
        publish_workspace(Path(workspace), "embedded:", say=lambda *_: None)
