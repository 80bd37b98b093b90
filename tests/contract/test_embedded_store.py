"""What only a store in a folder can promise: atomic switches, kills, old graphs, one writer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from graph_models.errors import StoreUnreachableError, UsageError
from graph_models.nodes import NodeRef
from graph_models.stores import open_store
from graph_models.stores.embedded import KEPT_GRAPHS, EmbeddedStore
from tests.contract.graphs import random_published, sample_lineage, sample_published

ROOT = Path(__file__).parents[2]
STEPS = ("fsync", "rename", "replace")

PUBLISH_FOR_EVER = """
import sys
from pathlib import Path
from graph_models.stores.embedded import EmbeddedStore
from tests.contract.graphs import random_published
store = EmbeddedStore(Path(sys.argv[1]))
graphs = [random_published(seed) for seed in (1, 2)]
print("ready", flush=True)
while True:
    for graph in graphs:
        with store.writer() as writer:
            writer.publish(graph)
"""


def publish(store: EmbeddedStore, seed: int) -> str:
    with store.writer() as writer:
        writer.publish(random_published(seed))
    return str(store.view().about()["graph"])


def fingerprint(folder: Path) -> dict[str, tuple[int, int]]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


def test_publishing_twice_touches_no_file(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    publish(store, 1)
    before = fingerprint(tmp_path)
    publish(store, 1)
    assert fingerprint(tmp_path) == before


def test_a_graph_that_comes_back_brings_the_longer_log_with_it(tmp_path: Path) -> None:
    store, lineage = EmbeddedStore(tmp_path), sample_lineage()
    first = replace(lineage, log=lineage.log[lineage.log["step"] == 1])
    for seed, told in ((1, first), (2, first), (1, lineage)):
        with store.writer() as writer:
            writer.publish(replace(random_published(seed), lineage=told))
    assert len(store.view().lineage().log) == len(lineage.log) > len(first.log)


def test_the_same_graph_has_the_same_digest_everywhere(tmp_path: Path) -> None:
    one, other = EmbeddedStore(tmp_path / "one"), EmbeddedStore(tmp_path / "other")
    assert publish(one, 1) == publish(other, 1) != publish(other, 2)


def test_a_few_old_graphs_are_kept(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    digests = [publish(store, seed) for seed in range(1, 6)]
    kept = {path.name for path in (tmp_path / "graphs").iterdir() if path.is_dir()}
    assert kept == set(digests[-1 - KEPT_GRAPHS :])


def test_going_back_to_an_old_graph_keeps_it(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    first = publish(store, 1)
    publish(store, 2)
    assert publish(store, 1) == first


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("count", [1, 2, 9])
def test_a_publish_that_dies_at_any_step_leaves_a_whole_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, count: int
) -> None:
    store = EmbeddedStore(tmp_path)
    good = publish(store, 1)
    owner = os if step == "fsync" else Path
    real, calls = getattr(owner, step), []

    def dying(*arguments: object) -> object:
        calls.append(step)
        if len(calls) == count:
            raise KeyboardInterrupt
        return real(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(owner, step, dying)
        for seed in (2, 3):
            try:
                publish(store, seed)
            except KeyboardInterrupt:
                break
    again = EmbeddedStore(tmp_path)
    assert again.view().about()["snapshot"] in ("sn_1", "sn_2", "sn_3")
    assert again.altered() == []
    assert publish(again, 1) == good
    assert not list((tmp_path / "graphs").glob(".unfinished-*"))


def test_kill_9_at_any_moment_leaves_a_whole_graph(tmp_path: Path) -> None:
    publish(EmbeddedStore(tmp_path), 3)
    for delay in (0.0, 0.019, 0.041):
        child = subprocess.Popen(
            [sys.executable, "-c", PUBLISH_FOR_EVER, str(tmp_path)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert child.stdout is not None
        with child:
            assert child.stdout.readline() == "ready\n"
            time.sleep(delay)
            child.send_signal(signal.SIGKILL)
        store = EmbeddedStore(tmp_path)
        assert store.altered() == []
        view = store.view()
        assert view.expand(NodeRef("account", "acct_00000")).total > 0
    publish(EmbeddedStore(tmp_path), 1)


def test_only_one_writer_at_a_time(tmp_path: Path) -> None:
    one, other = EmbeddedStore(tmp_path), EmbeddedStore(tmp_path)
    with (
        one.writer(),
        pytest.raises(StoreUnreachableError, match="Another process"),
        other.writer(),
    ):
        pass
    publish(other, 1)


def test_an_altered_file_is_named(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    digest = publish(store, 1)
    victim = tmp_path / "graphs" / digest / "linked.ends.npy"
    data = bytearray(victim.read_bytes())
    data[-1] ^= 1
    victim.write_bytes(data)
    (tmp_path / "graphs" / digest / "about.json").unlink()
    assert store.altered() == ["about.json", "linked.ends.npy"]


def test_a_url_names_the_place(tmp_path: Path) -> None:
    assert open_store("embedded:", tmp_path).url == f"embedded:{tmp_path}"
    assert open_store(f"embedded:{tmp_path / 'x'}", tmp_path).url.endswith("x")
    for url in ("", "redis://host", "embedded\x1b"):
        with pytest.raises(UsageError, match="embedded:") as refusal:
            open_store(url, tmp_path)
        assert "\x1b" not in str(refusal.value)


def test_a_closed_store_can_be_asked_again(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    with store.writer() as writer:
        writer.publish(sample_published())
    view = store.view()
    store.close()
    assert view.about() == store.view().about()
