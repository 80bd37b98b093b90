"""A rejected link stays rejected, and comes back only when something new speaks for it."""

from __future__ import annotations

import pytest

from tests.unit.workbench_casebook.desks import A, B, PaperDesk, entry
from workbench.casebook.review import agreed, fresh_evidence
from workbench.casebook.rules import RETURN

LINK = f"link:{A}|{B}"
OLD = [
    entry("shared ip", 4.0, "ip:240.0.0.1", family="network"),
    entry("synchrony", 6.0, None, family="timing"),
    entry("context user_agent", 0.0, "user_agent:curl", family="device"),
    entry("overlap within network", -1.0, None, family="network"),
    entry("shared prompt_cluster", 5.0, "prompt_cluster:pc_1", family="prompts"),
]


@pytest.fixture
def rejected(desk: PaperDesk, case: str) -> PaperDesk:
    desk.evidence = list(OLD)
    desk.judge(case, A, B, "no", because="a carrier", by="ana")
    return desk


def state(desk: PaperDesk, *evidence: dict[str, object]) -> str:
    desk.run, desk.evidence = desk.run + "+", list(evidence)
    return desk.review(LINK).state


def test_the_same_run_is_not_even_asked(rejected: PaperDesk) -> None:
    assert rejected.review(LINK).hidden
    assert rejected.asked == 0


def test_reanalysis_and_drift_do_not_bring_it_back(rejected: PaperDesk) -> None:
    assert state(rejected, *OLD) == "rejected"
    drifted = [{**one, "bits": one["bits"] + 9.0} for one in OLD if one["bits"] > 0]
    assert state(rejected, *drifted) == "rejected"
    # What was context, and is rarer now, is the same fact.
    linking = entry("shared user_agent", 8.0, "user_agent:curl", family="device")
    assert state(rejected, *OLD, linking) == "rejected"


@pytest.mark.parametrize(
    ("fresh", "expected"),
    [
        ([entry("shared device", RETURN.bits, "device:d", family="device")], "back"),
        ([entry("shared device", RETURN.bits - 0.001, "device:d", family="device")], "rejected"),
        ([entry("x", 1.5, "ip:1", family="network"), entry("y", 1.5, family="timing")], "back"),
        ([entry("shared ip_prefix", 4.0, None, family="network", value="1.0.0.0/24")], "back"),
        ([entry("different hours", -9.0, None, family="timing")], "rejected"),
    ],
)  # fmt: skip
def test_new_evidence_of_weight_brings_it_back(
    rejected: PaperDesk, fresh: list[dict[str, object]], expected: str
) -> None:
    assert state(rejected, *OLD, *fresh) == expected
    found = rejected.review(LINK)
    assert found.said == "rejected"
    assert found.hidden is (expected == "rejected")
    if expected == "back":
        assert [one.signal for one in found.fresh] == [one["signal"] for one in fresh]
        assert found.fresh_bits == sum(float(str(one["bits"])) for one in fresh)


def test_what_a_cap_swallows_is_nothing_new(rejected: PaperDesk) -> None:
    capped = entry("overlap within network", -5.0, None, family="network")
    more = entry("shared ip", 5.0, "ip:240.0.0.2", family="network")
    assert state(rejected, *OLD[:3], capped, OLD[4], more) == "rejected"


def test_a_prompt_cluster_under_another_name_is_nothing_new(rejected: PaperDesk) -> None:
    renamed = entry("shared prompt_cluster", 5.5, "prompt_cluster:pc_2", family="prompts")
    assert state(rejected, *OLD[:4], renamed) == "rejected"
    assert state(rejected, *OLD, renamed) == "back"


def test_what_one_of_those_who_rejected_it_had_seen_is_not_new(
    rejected: PaperDesk, case: str
) -> None:
    device = entry("shared device", 7.0, "device:d", family="device")
    assert state(rejected, *OLD, device) == "back"
    rejected.person_add("bo")
    rejected.judge(case, A, B, "no", because="a shop's device", by="bo")
    assert rejected.review(LINK).state == "rejected"


def test_evidence_that_one_no_longer_sees_is_not_missed() -> None:
    fresh, bits = fresh_evidence([{"evidence": OLD}], {"signals": [], "against": []})
    assert (fresh, bits) == ((), 0.0)


def test_people_who_differ_are_a_state_of_its_own() -> None:
    assert agreed([]) == "open"
    assert agreed(["no", "no"]) == "rejected"
    assert [agreed(pair) for pair in (("yes", "no"), ("unsure", "no"))] == ["disputed"] * 2


def test_lists_hide_the_rejected_and_count_them(rejected: PaperDesk) -> None:
    links = rejected.links(A)
    shown, hidden = rejected.unrejected(f"account:{A}", links)
    assert (shown["account"].tolist(), hidden["account"].tolist()) == (["acct_c"], [B])
    assert hidden["judged"].tolist() == ["rejected"]
    state(rejected, *OLD, entry("shared device", 7.0, "device:d", family="device"))
    shown, hidden = rejected.unrejected(A, links)
    assert shown["judged"].tolist() == ["back", ""]
    assert hidden.empty


def test_links_that_nobody_judged_are_all_shown(desk: PaperDesk) -> None:
    for links in (desk.links(A), desk.links(A).head(0)):
        shown, hidden = desk.unrejected(A, links)
        assert (len(shown), len(hidden)) == (len(links), 0)
        assert set(shown["judged"]) <= {""}


def test_a_withdrawn_load_makes_stale_and_keeps_hidden(rejected: PaperDesk) -> None:
    rejected.withdrawn = {"l1": "(x.csv) was withdrawn"}
    found = rejected.review(LINK)
    assert (found.state, found.hidden) == ("stale", True)
    assert "x.csv" in found.stale[0]
    assert [one["finding"] for one in rejected.findings_on(["l1"])] == ["pinned run", "judgement"]
    assert rejected.findings_on(["l3"]) == []


def test_what_is_drawn_is_asked_about_at_once(rejected: PaperDesk) -> None:
    assert {key: one.state for key, one in rejected.judged_among([A, B, "acct_c"]).items()} == {
        LINK: "rejected"
    }
    assert rejected.judged_among([A, "acct_c"]) == {}
