"""Faults around an ingest (docs/bad-input.md): torn files, broken sources, the same rows again."""

from __future__ import annotations

import errno
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.formats import sniff
from ingest.store import storage
from ingest.store.snapshots import current_manifest
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs


@pytest.fixture
def desk(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "desk")


class Killed(BaseException):
    """Ends a run where it stands, as a kill would; nothing may catch it."""


def small(folder: Path) -> Path:
    logs.write(folder / "accounts.csv", logs.accounts())
    logs.write(folder / "exchanges.jsonl", logs.exchanges(20))
    return folder


# ---- F03, F04: between two writes


def killed_at(number: int, monkeypatch: pytest.MonkeyPatch, *, after: bool) -> list[int]:
    """Ends the run at the n-th write of a ledger, a manifest or the pointer."""
    calls, real = [0], storage.write_text

    def write(path: Path, text: str) -> None:
        calls[0] += 1
        if calls[0] == number and not after:
            raise Killed
        real(path, text)
        if calls[0] == number:
            raise Killed

    monkeypatch.setattr(storage, "write_text", write)
    return calls


def test_f03_a_run_that_ends_at_any_write_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = small(tmp_path / "logs")
    clean = logs.load(Workspace.open(tmp_path / "clean"), source)
    for number in range(1, 12):
        desk = Workspace.open(tmp_path / f"desk {number}")
        desk.key()
        with monkeypatch.context() as patch:
            calls = killed_at(number, patch, after=bool(number % 2))
            with pytest.raises(Killed):
                logs.load(desk, source)
        assert calls[0] == number
        seen = current_manifest(desk.layout)
        assert seen.digest == clean.snapshot or not seen.loads
        again = logs.load(Workspace.open(desk.path), source)
        assert again.snapshot == clean.snapshot
        assert set(desk.packages()["state"]) == {"published"}
        if number > 1 and seen.loads:
            assert again.total("loaded") == 0
            return
    pytest.fail("the pointer was never reached")


@pytest.mark.parametrize("damage", ["empty ledger", "half ledger", "half part", "no part"])
def test_f04_what_a_power_cut_tore_is_made_again(
    desk: Workspace, tmp_path: Path, damage: str
) -> None:
    source = small(tmp_path / "logs")
    first = logs.load(desk, source)
    ledger = sorted(desk.layout.loads.glob("*/ledger.json"))[0]
    part = sorted(desk.layout.loads.glob("*/*/*.parquet"))[0]
    target = ledger if "ledger" in damage else part
    data = target.read_bytes()
    target.write_bytes(b"" if "empty" in damage else data[: len(data) // 2])
    if damage == "no part":
        target.unlink()
    again = logs.load(Workspace.open(desk.path), source)
    assert again.snapshot == first.snapshot
    assert set(desk.packages()["state"]) == {"published"}
    assert target == ledger or part.read_bytes() == data
    assert len(desk.current().observations().accounts) == 6


# ---- F07, F08: sources that cannot be read to their end


def test_f07_an_error_of_the_disk_refuses_that_file_alone(
    desk: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, real = small(tmp_path / "logs"), sniff.open_decoded

    class Broken:
        def __init__(self, stream: Any) -> None:
            self.stream, self.left = stream, 1_000

        def consumed(self) -> int:
            return 0

        def read(self, size: int) -> bytes:
            if self.left <= 0:
                raise OSError(errno.EIO, "Input/output error")
            data: bytes = self.stream.read(min(size, self.left))
            self.left -= len(data)
            return data

    from contextlib import contextmanager

    @contextmanager
    def broken(path: Path, compression: str | None) -> Iterator[Any]:
        with real(path, compression) as stream:
            yield Broken(stream) if path.suffix == ".jsonl" else stream

    monkeypatch.setattr(sniff, "open_decoded", broken)
    report = logs.load(desk, source)
    (refused,) = report.refused
    assert refused.file == "exchanges.jsonl"
    assert "1,000 bytes" in refused.reason
    assert report.total("loaded") == 6


def test_f07_a_file_of_the_kernel_that_cannot_be_read_is_refused(desk: Workspace) -> None:
    report = logs.load(desk, Path("/proc/self/mem"))
    assert "cannot be read" in report.refused[0].reason


@pytest.mark.parametrize("name", ["cut.csv.gz", "cut.parquet"])
def test_f08_a_packed_file_that_was_cut_is_refused_whole(
    desk: Workspace, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    if name.endswith(".gz"):
        plain = logs.write(tmp_path / "plain.csv", logs.accounts(500))
        path.write_bytes(gzip.compress(plain.read_bytes())[:-40])
    else:
        path.write_bytes(logs.write(tmp_path / "p.parquet", logs.accounts()).read_bytes()[:-40])
    assert len(logs.load(desk, path).refused) == 1
    assert desk.snapshots().empty


def test_f08_a_text_file_that_was_cut_loses_only_the_row_that_was(
    desk: Workspace, tmp_path: Path
) -> None:
    path = logs.write(tmp_path / "exchanges.jsonl", logs.exchanges(20))
    path.write_bytes(path.read_bytes()[:-30])
    report = logs.load(desk, path)
    assert (report.total("loaded"), report.total("quarantined")) == (19, 1)
    assert desk.quarantine()["row"].tolist() == [20]


# ---- F10 to F12: the same rows again, elsewhere, in another order


def test_f10_the_same_content_again_renamed_or_packed_adds_nothing(
    desk: Workspace, tmp_path: Path
) -> None:
    path = logs.write(tmp_path / "exchanges.jsonl", logs.exchanges(20))
    first = logs.load(desk, path)
    renamed, packed = tmp_path / "renamed.log", tmp_path / "packed.jsonl.gz"
    renamed.write_bytes(path.read_bytes())
    packed.write_bytes(gzip.compress(path.read_bytes()))
    for again in (path, renamed, packed):
        report = logs.load(desk, again)
        assert report.snapshot == first.snapshot
        assert (report.total("loaded"), report.total("duplicate")) == (0, 20)


def test_f11_f12_overlapping_files_in_any_order_are_one_graph(tmp_path: Path) -> None:
    rows = logs.exchanges(40)
    parts = [rows[:25], rows[15:], rows[10:30]]
    files = [logs.write(tmp_path / f"{i}.jsonl", part) for i, part in enumerate(parts)]
    digests = set()
    for number, order in enumerate(((0, 1, 2), (2, 1, 0), (1, 0, 2))):
        desk = Workspace.open(tmp_path / f"desk {number}")
        reports = [logs.load(desk, files[place]) for place in order]
        assert sum(report.total("loaded") for report in reports) == 40
        assert sum(report.total("duplicate") for report in reports) == 30
        digests.add(desk.current().digest)
    assert len(digests) == 1


# ---- F14: the shape of a source changes


def drifted(rows: list[logs.Row], change: Callable[[logs.Row], logs.Row]) -> list[logs.Row]:
    return [change(dict(row)) for row in rows]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_f14_new_missing_renamed_and_retyped_columns(
    desk: Workspace, tmp_path: Path, form: str
) -> None:
    rows = logs.exchanges(20)

    def load(name: str, change: Callable[[logs.Row], logs.Row]) -> Any:
        return logs.load(desk, logs.write(tmp_path / f"{name}.{form}", drifted(rows, change)))

    new = load("new", lambda row: row | {"region": "eu"})
    assert new.packages[0].unknown_columns == {"region": 20}
    assert any("region" in text for text in new.packages[0].warnings)
    fewer = load("fewer", lambda row: {k: v for k, v in row.items() if k != "ip"})
    assert (fewer.total("loaded"), fewer.total("quarantined")) == (0, 0)
    renamed = load("renamed", lambda row: {("when" if k == "ts" else k): v for k, v in row.items()})
    assert renamed.total("loaded") == 0
    assert renamed.refused or renamed.total("quarantined") == 20
    retyped = load("retyped", lambda row: row | {"input_tokens": "many"})
    assert retyped.total("quarantined") == 20
    assert set(desk.quarantine(retyped.packages[0].load_id)["column"]) == {"input_tokens"}
