"""The chain: two desks at once, a process killed while it writes, and anything that was altered."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from graph_models.errors import CheckFailedError, StoreUnreachableError
from tests.unit.workbench_casebook.desks import A, B, PaperDesk
from workbench.casebook.entry import Draft
from workbench.casebook.ledger import Ledger


@pytest.fixture
def written(desk: PaperDesk, case: str) -> PaperDesk:
    desk.judge(case, A, B, "no", because="a household", by="ana")
    desk.note(case, "ip:240.0.0.1", "a carrier's exit", by="ana")
    desk.note(case, "ip:240.0.0.2", "another", by="ana")
    return desk


def alter(folder: Path, what: str) -> None:
    verb = "DELETE FROM" if what.startswith("DELETE ") else "UPDATE"
    with sqlite3.connect(folder / "casebook.sqlite") as connection:
        connection.execute(f"{verb} casebook_entries {what.removeprefix('DELETE ')}")
    connection.close()


def test_every_entry_names_the_one_before(written: PaperDesk) -> None:
    entries = written.casebook.ledger.entries()
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.previous for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    told = written.case_check()
    assert (told.ok, told.entries, told.head) == (True, 5, entries[-1].hash)


@pytest.mark.parametrize(
    ("sql", "bad", "what"),
    [
        ("SET body = replace(body, 'hold', 'hole') WHERE number = 3", 3, "content"),
        ("SET body = replace(body, '\"no\"', '\"on\"') WHERE number = 3", 3, "content"),
        ("SET person = 'anb' WHERE number = 4", 4, "content"),
        ("SET subject = 'ip:9' WHERE number = 4", 4, "content"),
        ("SET at = '2020' WHERE number = 2", 2, "content"),
        ("SET body = body || ' ' WHERE number = 4", 4, "body"),
        ("SET body = '{' WHERE number = 4", 4, "cannot be read"),
        ("SET body = '[]' WHERE number = 1", 1, "altered"),
        ("SET signature = 'AA==' WHERE number = 5", 5, "signature"),
        ("SET signature = '?' WHERE number = 5", 5, "signature"),
        ("SET hash = 'beef' || substr(hash, 5) WHERE number = 5", 5, "hash"),
        ("SET previous = 'x' WHERE number = 5", 5, "before"),
        ("DELETE WHERE number = 3", 3, "missing"),
        ("DELETE WHERE number = 1", 1, "missing"),
        ("SET number = 9 WHERE number = 5", 5, "missing"),
    ],
)  # fmt: skip
def test_what_was_altered_is_named(
    written: PaperDesk, tmp_path: Path, sql: str, bad: int, what: str
) -> None:
    written.database.dispose()
    alter(tmp_path, sql)
    told = PaperDesk(tmp_path).case_check()
    assert not told.ok
    assert told.bad_entry == bad
    assert what in told.what


def test_one_byte_of_the_file_is_enough(written: PaperDesk, tmp_path: Path) -> None:
    with written.database.begin() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    written.database.dispose()
    file = tmp_path / "casebook.sqlite"
    whole = file.read_bytes()
    assert whole.count(b"a household") == 1
    file.write_bytes(whole.replace(b"a household", b"b household"))
    told = PaperDesk(tmp_path).case_check()
    assert (told.ok, told.bad_entry) == (False, 3)
    file.write_bytes(b"not a database" * 1_000)
    with pytest.raises(CheckFailedError, match="backup"):
        PaperDesk(tmp_path).case_check()


def test_an_entry_of_somebody_elses_key_is_named(written: PaperDesk, tmp_path: Path) -> None:
    """Who can write the database and makes hash and chain fit still lacks the person's key."""
    book = written.casebook
    forged = Draft(kind="note", person="ana", case="case_x", subject="ip:1", body={"text": "hm"})
    book.ledger.add(lambda _: forged, lambda _: "AAAA", at="2026-06-05T10:41:00Z")
    told = PaperDesk(tmp_path).case_check()
    assert (told.bad_entry, "signature" in told.what) == (6, True)


def test_a_cut_end_shows_when_the_head_was_kept(written: PaperDesk, tmp_path: Path) -> None:
    head = written.case_check().head
    written.database.dispose()
    alter(tmp_path, "DELETE WHERE number = 5")
    desk = PaperDesk(tmp_path)
    assert desk.case_check().ok  # nothing in the table itself can tell
    assert not desk.case_check(head=head).ok
    assert desk.case_check(head=desk.case_check().head[:12]).ok


def test_a_replaced_casebook_is_read_anew(written: PaperDesk, tmp_path: Path) -> None:
    assert len(written.casebook.ledger.entries()) == 5
    alter(tmp_path, "DELETE WHERE number > 3")
    assert len(written.casebook.ledger.entries()) == 3


def test_two_desks_at_once_lose_nothing(desk: PaperDesk, case: str, tmp_path: Path) -> None:
    desk.person_add("bo")
    desks = {name: PaperDesk(tmp_path) for name in ("ana", "bo")}

    def write(name: str) -> None:
        for at in range(15):
            desks[name].note(case, "ip:1", f"{name} {at}", by=name)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, desks))
    notes = [note.text for note in PaperDesk(tmp_path).notes(["ip:1"])][::-1]
    assert sorted(notes) == sorted(f"{name} {at}" for name in desks for at in range(15))
    assert [text for text in notes if text.startswith("bo")] == [f"bo {at}" for at in range(15)]
    assert PaperDesk(tmp_path).case_check().ok


def test_who_comes_second_is_asked_again(desk: PaperDesk, case: str, tmp_path: Path) -> None:
    """Between looking and writing somebody else closes the case: nothing is filed in it."""
    other = PaperDesk(tmp_path)
    asked = []

    def while_looking(subject: str) -> dict[str, object]:
        asked.append(subject)
        other.case_close(case, because="done", by="ana")
        return {}

    desk.seen = while_looking  # type: ignore[method-assign]
    with pytest.raises(Exception, match="closed"):
        desk.judge(case, A, B, "no", because="x", by="ana")
    assert asked == [f"link:{A}|{B}"]
    assert "judgement" not in desk.case_log(case)["kind"].tolist()


def test_the_same_name_at_the_same_moment_is_one_persons(tmp_path: Path, desk: PaperDesk) -> None:
    desks = [PaperDesk(tmp_path) for _ in range(2)]
    for at, one in enumerate(desks):
        one.casebook.keys = tmp_path / f"machine{at}"

    def register(one: PaperDesk) -> bool:
        try:
            one.person_add("cy")
        except Exception:  # noqa: BLE001
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(register, desks)) == [False, True]
    assert [person.name for person in PaperDesk(tmp_path).person_list()] == ["ana", "cy"]
    assert PaperDesk(tmp_path).case_check().ok


WRITER = """
import sys
from pathlib import Path
from tests.unit.workbench_casebook.desks import PaperDesk
desk = PaperDesk(Path(sys.argv[1]))
print("ready", flush=True)
for at in range(10_000):
    desk.note(sys.argv[2], "ip:1", str(at), by="ana")
    print(at, flush=True)
"""


def test_killed_in_the_middle_the_chain_is_whole(
    desk: PaperDesk, case: str, tmp_path: Path
) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path), case], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )  # fmt: skip
    assert writer.stdout is not None
    said = [writer.stdout.readline() for _ in range(8)]
    time.sleep(0.003)
    writer.send_signal(signal.SIGKILL)
    said += writer.stdout.readlines()
    writer.wait()
    writer.stdout.close()
    kept = [int(note.text) for note in PaperDesk(tmp_path).notes(["ip:1"])][::-1]
    told = [int(line) for line in said[1:] if line.strip()]
    assert kept[: len(told)] == told  # what was said to be kept is there
    assert kept == list(range(len(kept)))
    desk.note(case, "ip:1", "after", by="ana")
    assert PaperDesk(tmp_path).case_check().ok


def test_a_casebook_that_cannot_be_written_says_so(
    written: PaperDesk, tmp_path: Path, case: str
) -> None:
    with written.database.begin() as connection:
        connection.exec_driver_sql("DROP TABLE casebook_entries")
    with pytest.raises(StoreUnreachableError, match="nothing was added"):
        written.note(case, "ip:1", "x", by="ana")


def test_what_is_hashed_is_what_is_stored(written: PaperDesk) -> None:
    for row in Ledger(written.database).rows():
        assert (
            json.dumps(json.loads(row["body"]), sort_keys=True, separators=(",", ":"))
            == row["body"]
        )
