"""A store's URL holds no secret and sends none in the clear; secrets files are their owner's."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from graph_models.errors import BadDataError, UsageError
from graph_models.stores import open_store
from graph_models.stores.neo4j import runtime
from graph_models.stores.neo4j.address import Address, Credentials
from graph_models.stores.neo4j.cypher import NODES, Label, label_of, typed
from graph_models.stores.neo4j.encoding import LONGEST_NAME, cut
from graph_models.stores.neo4j.server import Server, main
from graph_models.stores.neo4j.store import Neo4jStore

PACKAGE = Path(runtime.__file__).parent


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("neo4j://localhost", "neo4j://localhost:7687/default"),
        ("bolt://127.0.0.1:7999/desk_2", "bolt://127.0.0.1:7999/desk_2"),
        ("bolt://[::1]:7687", "bolt://[::1]:7687/default"),
        ("neo4j+s://graph.example:7473/team", "neo4j+s://graph.example:7473/team"),
        ("bolt+s://203.0.113.9", "bolt+s://203.0.113.9:7687/default"),
    ],
)
def test_urls_that_are_fine(url: str, text: str, tmp_path: Path) -> None:
    assert str(Address.parse(url)) == text
    store = open_store(url, tmp_path)  # connects only when asked
    assert isinstance(store, Neo4jStore)
    assert store.url == text
    store.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("neo4j://graph.example", "unencrypted"),
        ("bolt://10.0.0.7:7687", "unencrypted"),
        ("neo4j://localhost.evil.example", "unencrypted"),
        ("bolt://127.0.0.1.nip.example", "unencrypted"),
        ("neo4j://me:hunter2@127.0.0.1", "no user, password or options"),
        ("neo4j+s://hunter2@graph.example", "no user, password or options"),
        ("neo4j://127.0.0.1?password=hunter2", "no user, password or options"),
        ("neo4j://127.0.0.1:port", "cannot be read"),
        ("neo4j://", "needs a host"),
        ("neo4j://127.0.0.1/a/b", "a name of letters"),
        ("neo4j://127.0.0.1/a'b", "a name of letters"),
        ("neo4j+ssc://graph.example", "no store of this version"),
    ],
)
def test_urls_that_are_refused(url: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=says) as refusal:
        open_store(url, tmp_path)
    assert "hunter2" not in str(refusal.value)


def secrets_file(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_credentials_come_from_the_environment_or_the_file(tmp_path: Path) -> None:
    path = secrets_file(tmp_path / "s.toml", '[neo4j]\nuser = "ann"\npassword = "from the file"\n')
    told = Credentials.known({"WORKBENCH_SECRETS": str(path)})
    assert told.pair == ("ann", "from the file")
    both = {"WORKBENCH_SECRETS": str(path), "WORKBENCH_NEO4J_PASSWORD": "from outside"}
    assert Credentials.known(both).pair == ("neo4j", "from outside")
    assert "outside" not in repr(Credentials.known(both))


def test_without_credentials_the_ways_to_give_them_are_named() -> None:
    with pytest.raises(UsageError, match="WORKBENCH_NEO4J_PASSWORD"):
        Credentials.known({})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o620])
def test_a_secrets_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = secrets_file(tmp_path / "s.toml", '[neo4j]\npassword = "hunter2"\n', mode)
    with pytest.raises(UsageError, match="chmod 600") as refusal:
        Credentials.from_file(path)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    "text", ["", "password = 1", "[neo4j]\npassword = 7", 'neo4j = "hunter2"', "[neo4j", "[neo4j]"]
)
def test_a_secrets_file_without_a_password_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadDataError, match="no password") as refusal:
        Credentials.from_file(secrets_file(tmp_path / "s.toml", text))
    assert "hunter2" not in str(refusal.value)


def test_a_missing_secrets_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.toml"):
        Credentials.known({"WORKBENCH_SECRETS": str(tmp_path / "nowhere.toml")})


def test_the_default_password_is_refused() -> None:
    with pytest.raises(UsageError, match="everybody knows it"):
        Credentials.known({"WORKBENCH_NEO4J_PASSWORD": "neo4j"})


# ---- statements


def test_only_declared_names_enter_a_statement() -> None:
    assert "n:IPAddress" in typed(NODES, label_of("ip"))
    assert label_of("`x`:Account") is Label["ForeignIdentifier"]
    with pytest.raises(TypeError, match="no declared label"):
        typed(NODES, "Account")  # type: ignore[arg-type]


def test_no_statement_is_built_from_values() -> None:
    words = ("MATCH", "MERGE", "UNWIND", "RETURN", "CREATE")
    built = [
        f"{path.name}:{node.lineno}"
        for path in PACKAGE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr)
        and any(
            word in part.value
            for part in node.values
            if isinstance(part, ast.Constant)
            for word in words
        )
    ]
    assert built == []


def test_long_names_are_cut_and_stay_apart() -> None:
    long = "device:" + "x" * 5000
    assert cut("device:short") == "device:short"
    assert len(cut(long)) <= LONGEST_NAME
    assert cut(long) != cut(long + "y")


# ---- the server runner, without a server


def test_a_missing_java_is_told_with_the_way_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    told = runtime.lacking(runtime.release("5.26.30"))
    assert told is not None
    assert "openjdk-17-jre-headless" in told


def fake_java(folder: Path, version: str) -> None:
    java = folder / "java"
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n", encoding="utf-8")
    java.chmod(0o755)


@pytest.mark.parametrize(("java", "version"), [("11.0.2", "5.26.30"), ("17.0.15", "2026.08.1")])
def test_an_old_java_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, java: str, version: str
) -> None:
    fake_java(tmp_path, java)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    told = runtime.lacking(runtime.release(version))
    assert told is not None
    assert f"the one here is {java.partition('.')[0]}" in told


def test_missing_jars_without_maven_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_java(tmp_path, "17.0.15")
    monkeypatch.setenv("PATH", f"{tmp_path}")
    monkeypatch.setenv("WORKBENCH_NEO4J_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(runtime, "java", lambda _needs: tmp_path / "java")
    assert "apt-get install maven" in str(runtime.lacking(runtime.release("5.26.30")))
    (tmp_path / "cache" / "5.26.30" / "lib").mkdir(parents=True)  # a filled cache needs no Maven
    assert runtime.lacking(runtime.release("5.26.30")) is None


@pytest.mark.parametrize("version", ["4.4.0", "5", "../../x", "5.26.30 ", "5.26.30;x"])
def test_odd_versions_are_refused(version: str) -> None:
    with pytest.raises(UsageError, match="no Neo4j version"):
        runtime.release(version)


def test_children_never_see_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_NEO4J_PASSWORD", "hunter2")
    assert "hunter2" not in runtime.environment().values()
    assert runtime.environment()["PATH"] == os.environ["PATH"]


def test_a_server_that_does_not_run_says_how_to_start_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_NEO4J_HOME", str(tmp_path))
    assert main(["status"]) == 2
    assert "make neo4j" in capsys.readouterr().err
    assert main(["stop"]) == 0
    assert capsys.readouterr().out == "it did not run\n"
    stale = Server.usual()
    stale.home.mkdir()
    (stale.home / "server.json").write_text(f'{{"pid": {os.getpid()}, "port": 1}}')
    assert main(["status"]) == 2  # a process of that number lives, and is no Neo4j
