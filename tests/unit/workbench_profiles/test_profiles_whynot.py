"""Why not linked: hubs only, private values only, no logs – each gets a full answer."""

from __future__ import annotations

from typing import Any

from workbench.profiles.compared import STATES, Compared
from workbench.profiles.gaps import gaps_in
from workbench.profiles.whynot import Stand, why_not

A, B = Stand(account="a"), Stand(account="b")


def kind(name: str, state: str, **told: Any) -> Compared:
    first = {"shared": 3, "hub": 3, "apart": 3, "one": 2, "none": 0, "no log": 0}[state]
    second = {"shared": 2, "hub": 2, "apart": 2, "one": 0, "none": 0, "no log": 0}[state]
    shown = {"a": first, "b": second, "shared": int(state == "shared"), "hubs": int(state == "hub"),
             "exclusive_bits": 9.0, **told}  # fmt: skip
    return Compared(kind=name, family="network", state=state, **shown)


def told(bits: float = 1.5, *, linked: bool = False, candidate: bool = False) -> dict[str, Any]:
    return {"bits": bits, "prior_bits": -8.5, "linked": linked, "candidate": candidate}


def test_a_linked_pair_has_no_why_not() -> None:
    assert (
        why_not(told(12, linked=True, candidate=True), [kind("ip", "shared")], [], (A, B)) is None
    )


def test_only_hubs_are_named_with_their_counts() -> None:
    hubs = [{"named": f"ip_prefix 203.0.{n}.0/24", "accounts": 4312 + n} for n in range(7)]
    found = why_not(told(), [kind("ip", "hub")], hubs, (A, B))
    assert found is not None
    assert (found.short_by, found.candidate) == (7.0, False)
    assert "7.0 too few" in found.reasons[0]
    assert "no candidates" in found.reasons[0]
    assert "ip_prefix 203.0.0.0/24: 4,312 accounts" in found.reasons[1]
    assert "and 2 more" in found.reasons[1]


def test_only_private_values_share_nothing_and_say_what_was_compared() -> None:
    found = why_not(told(), [kind("ip", "apart"), kind("device", "apart")], [], (A, B))
    assert found is not None
    assert "share no identifier at all" in found.reasons[1]
    assert "Looked for, not found: ip (3 and 2 values), device (3 and 2 values)." in found.reasons
    assert found.needs[0].enough


def test_without_logs_unknown_is_not_absent() -> None:
    gone = [
        kind("device", "no log", exclusive_bits=0.0),
        kind("ip", "none", gaps=("login: 3 May 2026",)),
    ]
    found = why_not(told(0.0), gone, [], (A, B))
    assert found is not None
    said = " ".join(found.reasons)
    assert "little to compare" in said
    assert "No log shows: device. Unknown is not absent." in said
    assert "one of the two shows none: ip" in said
    assert "login: 3 May 2026" in said
    assert [need.kind for need in found.needs] == ["ip"]


def test_a_need_says_whether_it_would_be_enough() -> None:
    found = why_not(told(), [kind("ip", "apart", exclusive_bits=6.9)], [], (A, B))
    assert found is not None
    assert [(need.bits, need.enough) for need in found.needs] == [(6.9, False)]


def test_communities_are_told() -> None:
    def last(a: Stand, b: Stand) -> str:
        found = why_not(told(), [kind("ip", "apart")], [], (a, b))
        assert found is not None
        return found.reasons[-1]

    one, other = Stand(account="a", community="cm_1"), Stand(account="b", community="cm_2")
    assert "different communities (cm_1 and cm_2)" in last(one, other)
    assert "Both are in cm_1" in last(one, Stand(account="b", community="cm_1"))
    assert last(one, B) == "a is in cm_1; b is in no community."
    assert last(A, other) == "b is in cm_2; a is in no community."
    assert last(A, B) == "Neither is in a community."


def test_every_state_has_its_words() -> None:
    assert all(kind("ip", state).as_json()["words"] == words for state, words in STATES.items())


def test_days_without_rows_are_named_within_the_span_of_all_logs() -> None:
    days = {
        "exchange": [f"2026-05-{n:02}" for n in range(1, 9)],
        "login": ["2026-05-01", "2026-05-02", "2026-05-06", "2026-05-08"],
        "payment": [],
    }
    assert gaps_in(days) == {"login": ("3 May to 5 May 2026", "7 May 2026")}
    assert gaps_in({}) == {}
