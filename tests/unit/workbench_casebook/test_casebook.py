"""The casebook: only registered people, nothing overwritten, every word found again."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from graph_models.errors import UsageError
from tests.unit.workbench_casebook.desks import A, B, PaperDesk

HOSTILE = (
    "<script>alert(1)</script>",
    "'; DROP TABLE casebook_entries; --",
    "\u202egnp\x00\x1b[31m",
    "\ud800 half",
    "![x](https://evil.test)",
    "{0.__class__}",
    "😀\n\tline two",
)


def test_a_person_is_a_key_outside_the_workspace(desk: PaperDesk, tmp_path: Path) -> None:
    (key,) = (tmp_path / "home").rglob("ana.pem")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    (person,) = desk.person_list()
    assert person.name == "ana"
    assert "PRIVATE" not in (tmp_path / "casebook.sqlite").read_bytes().decode("latin-1")


@pytest.mark.parametrize("by", ["", "bo", "../ana"])
def test_who_is_not_registered_judges_nothing(desk: PaperDesk, case: str, by: str) -> None:
    with pytest.raises(UsageError, match="person add"):
        desk.judge(case, A, B, "no", because="an office", by=by)
    with pytest.raises(UsageError, match="person add"):
        desk.note(case, "account:acct_a", "hm", by=by)
    assert not desk.review("link:acct_a|acct_b").standing


def test_a_name_has_one_key(
    desk: PaperDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="registered already"):
        desk.person_add("Ana")
    other = PaperDesk(tmp_path)
    other.casebook.keys = tmp_path / "elsewhere"  # another machine, where somebody says he is ana
    with pytest.raises(UsageError, match="not on this machine"):
        other.case_open("x", by="ana")
    with pytest.raises(UsageError, match="registered already"):
        other.person_add("ana")
    with pytest.raises(UsageError, match="not the registered one"):
        other.case_open("x", by="ana")


def test_a_judgement_keeps_reason_and_what_was_seen(desk: PaperDesk, case: str) -> None:
    desk.judge(case, B, A, "no", because="  the same office  ", by="ana")
    found = desk.review(f"link:{A}|{B}")
    (word,) = found.standing
    assert (found.state, found.hidden, word.because) == ("rejected", True, "the same office")
    assert word.seen["evidence"] == desk.evidence
    assert word.loads == ("l1",)


@pytest.mark.parametrize(("verdict", "because"), [("no", " "), ("maybe", "x"), ("no", "x" * 5_000)])
def test_a_judgement_needs_a_word_and_a_reason(
    desk: PaperDesk, case: str, verdict: str, because: str
) -> None:
    with pytest.raises(UsageError):
        desk.judge(case, A, B, verdict, because=because, by="ana")


@pytest.mark.parametrize(
    "subject", ["account:x", "link:a", "link:a|a", "link:a|b|c", "nothing", "ip:"]
)
def test_only_links_and_communities_are_judged(desk: PaperDesk, case: str, subject: str) -> None:
    with pytest.raises(UsageError):
        desk.judge_subject(case, subject, "no", because="x", by="ana")


def test_a_later_word_wins_and_two_people_may_differ(desk: PaperDesk, case: str) -> None:
    desk.person_add("bo")
    for verdict in ("unsure", "yes"):
        desk.judge(case, A, B, verdict, because="looked", by="ana")
    assert desk.review(f"link:{A}|{B}").state == "confirmed"
    said = desk.judge(case, A, B, "no", because="a household", by="bo")
    found = desk.review(f"link:{A}|{B}")
    assert found.state == "disputed"
    assert not found.hidden
    assert {word.person: word.verdict for word in found.standing} == {"ana": "yes", "bo": "no"}
    with pytest.raises(UsageError, match="by bo"):
        desk.retract(said.number, because="no", by="ana")
    desk.retract(said.number, because="wrong pair", by="bo")
    assert desk.review(f"link:{A}|{B}").state == "confirmed"
    with pytest.raises(UsageError, match="taken back"):
        desk.retract(said.number, because="again", by="bo")
    assert len(desk.case_log(case)) == 5  # opened, three judgements, one taken back


def test_a_closed_case_takes_nothing_until_it_is_opened_again(desk: PaperDesk, case: str) -> None:
    desk.note(case, f"case:{case}", "to do", by="ana")
    desk.case_close(case, because="handed over", by="ana")
    with pytest.raises(UsageError, match="case reopen"):
        desk.note(case, f"case:{case}", "more", by="ana")
    desk.case_reopen(case, because="came back", by="ana")
    desk.case_rename(case, "Amber kiln II", by="ana")
    desk.note(case, f"case:{case}", "more", by="ana")
    shown = desk.case_show(case[:9])
    assert shown["case"].title == "Amber kiln II"
    assert [note.text for note in shown["notes"]] == ["more", "to do"]


def test_replaying_the_log_gives_the_same_case(desk: PaperDesk, case: str, tmp_path: Path) -> None:
    desk.judge(case, A, B, "yes", because="one card", by="ana")
    desk.case_close(case, because="done", by="ana")
    desk.case_reopen(case, because="not done", by="ana")
    desk.note(case, "ip:240.0.0.1", "an exit", by="ana")
    told = desk.case_replay(case)
    assert told.same
    assert told.digest == PaperDesk(tmp_path).case_replay(case).digest
    assert [item["said"] == item["found"] for item in told.closings] == [True]


def test_the_log_is_filtered(desk: PaperDesk, case: str) -> None:
    desk.person_add("bo")
    desk.note(case, "ip:240.0.0.1", "an exit", by="bo")
    assert desk.case_log(case, person="bo")["words"].tolist() == ["an exit"]
    assert desk.case_log(kind="person registered")["person"].tolist() == ["ana", "bo"]
    assert desk.case_log(subject="ip:240.0.0.1")["number"].tolist() == [4]
    with pytest.raises(UsageError, match="case list"):
        desk.case_log("case_nothing")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_what_they_are(desk: PaperDesk, text: str, tmp_path: Path) -> None:
    case = desk.case_open(text, by="ana").case
    desk.judge(case, A, B, "unsure", because=text, by="ana")
    desk.note(case, "account:x", text, by="ana")
    again = PaperDesk(tmp_path)
    assert again.case_show(case)["case"].title == text.strip()
    assert again.notes(["account:x"])[0].text == text.strip()
    assert again.review(f"link:{A}|{B}").standing[0].because == text.strip()
    assert again.case_check().ok


@pytest.mark.parametrize(
    "subject", ["account:\x00", "account:\ud800", "x" * 2_000, "account:" + "x" * 2_000]
)
def test_what_no_database_can_hold_is_refused_as_a_subject(
    desk: PaperDesk, case: str, subject: str
) -> None:
    with pytest.raises(UsageError):
        desk.note(case, subject, "x", by="ana")
