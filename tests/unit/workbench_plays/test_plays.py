"""Each play finds whom it must and passes over who only looks like it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from graph_models.errors import UsageError
from tests.unit.workbench_plays.little_world import HOSTILE
from workbench import Workbench
from workbench.plays import PLAYS, run_play
from workbench.plays.play import Answer, Found, Parameter, Play, read_values
from workbench.plays.rarest_shared import RAREST_SHARED


def rows(answer: Answer, *columns: str) -> list[tuple[object, ...]]:
    return list(answer.rows[list(columns)].itertuples(index=False, name=None))


def test_born_after_a_closure_on_the_same_card(desk: Workbench) -> None:
    answer = desk.play("born-after-closure")
    found = rows(answer, "account", "closed_account", "hours", "close_reason", "node")
    assert found == [("account:new", "account:old", 6.0, "policy", "payment_method:stripe/c1")]
    assert {*answer.nodes} == {"account:new", "account:old", "payment_method:stripe/c1"}
    later = desk.play("born-after-closure", days=4)
    assert [row[0] for row in rows(later, "account")] == ["account:new", "account:late"]
    assert desk.play("born-after-closure", kind="device").total == 0
    assert desk.play("born-after-closure", node="payment_method:stripe/c1").total == 1
    assert desk.play("born-after-closure", community="cm_a").total == 0


def test_moved_within_a_day_of_the_release(desk: Workbench) -> None:
    answer = desk.play("moved-within")
    found = rows(answer, "account", "share_after", "share_before", "after", "before", "hours")
    assert found == [("account:mover", 0.778, 0.0, 9, 8, 2.5)]
    assert "1 of 3 (33.3%) accounts" in " ".join(answer.told)
    assert desk.play("moved-within", share=0.1).total == 2  # the one who tried it, too
    inside = desk.play("moved-within", community="cm_a")
    assert inside.total == 0
    assert "0 of 0 active members moved so fast, and 1 of 3" in " ".join(inside.told)
    with pytest.raises(UsageError, match="m-9"):
        desk.play("moved-within", model="m-3")
    with pytest.raises(UsageError, match="No exchanges were logged"):
        desk.play("moved-within", model="m-9")


def test_rarest_identifiers_that_members_share(desk: Workbench) -> None:
    answer = desk.play("rarest-shared", community="cm_a")
    found = rows(answer, "node", "members", "outside")
    assert found == [
        (f"device:{HOSTILE}", 2, 0),
        ("device:dv_rare", 2, 0),
        ("prompt_cluster:pc_t", 2, 1),
        ("device:dv_outside", 3, 1),
    ]
    # The bridge and the lone prompts are one member's, the documentation address is context.
    assert answer.because == {"used by one member": 3, "hub": 1}
    assert answer.rows["accounts"].tolist() == [2, 2, 3, 4]
    assert (answer.rows["bits"] >= 0).all()
    only = desk.play("rarest-shared", community="community:cm_a", kind="device", limit=1)
    assert (only.shown, only.truncated, only.total) == (1, 2, 4)


def test_who_used_a_device_in_that_hour(desk: Workbench) -> None:
    answer = desk.play("same-hour", node="device:dv_lab", at="2026-05-20T14:30")
    assert rows(answer, "account", "rows", "event", "file") == [
        ("account:x1", 1, "exchange", "exchanges.jsonl"),
        ("account:x2", 1, "exchange", "exchanges.jsonl"),
    ]
    for row in answer.rows.itertuples():
        told = desk.snapshot().rows(row.file, [row.row]).iloc[0]
        assert told["device_fingerprint"] == "dv_lab"
        assert told["ts"] == row.first
    # Without a time: the hour in which it was used last.
    assert rows(desk.play("same-hour", node="device:dv_lab"), "account") == [("account:x3",)]
    whole = desk.play("same-hour", node="device:dv_lab", at="2026-05-20T09:00Z", hours=7)
    assert rows(whole, "account", "rows") == [
        ("account:x1", 2), ("account:x2", 1), ("account:x3", 1)
    ]  # fmt: skip
    alone = desk.play("same-hour", node="device:DV_Alone")
    assert rows(alone, "account") == [("account:x1",)]
    with pytest.raises(UsageError, match="There is no device"):
        desk.play("same-hour", node="device:dv_nobody")
    with pytest.raises(UsageError, match="is no identifier"):
        desk.play("same-hour", node="account:x1")


def test_bridges_and_hubs_apart(desk: Workbench) -> None:
    answer = desk.play("bridges", one="cm_a", other="cm_b")
    assert rows(answer, "node", "what", "in_one", "in_other") == [
        ("account:b1", "linked into the other", 1, 1),
        ("device:dv_bridge", "identifier", 1, 1),
        ("ip:192.0.2.1", "hub, context only", 2, 1),
        ("ip:240.0.0.9", "hub, context only", 1, 1),
    ]
    with pytest.raises(UsageError, match="same community"):
        desk.play("bridges", one="cm_a", other="cm_a")


def test_handed_over_but_not_shared(desk: Workbench) -> None:
    answer = desk.play("handover", kind="device", least=2)
    found = rows(answer, "node", "from_account", "to_account", "handovers")
    # Each further device of the little world was used once by each of its users.
    assert [row for row in found if row[0] == "device:dv_handed"] == [
        ("device:dv_handed", "account:h1", "account:h2", 2),
        ("device:dv_handed", "account:h2", "account:h3", 2),
    ]
    assert answer.because.keys() == {"fewer than 2 hand-overs"}
    assert desk.play("handover", node="device:dv_shared").total == 0
    short = desk.play("handover", node="device:dv_handed", days=0.5)
    assert short.total == 0


def test_hand_overs_are_those_of_a_plain_walk(desk: Workbench) -> None:
    answer = desk.play("handover", kind="device", days=3, limit=1000)
    expected = set()
    for device in desk.store.view().values("device", range(100)):
        used = desk.expand(f"device:{device}", limit=100)
        told = sorted(
            (edge.properties["first"], edge.properties["last"], str(edge.source))
            for edge in used.edges
        )
        for place, (first, _, account) in enumerate(told[1:], start=1):
            last, name = max((end, who) for _, end, who in told[:place])
            if timedelta(0) < first - last <= timedelta(days=3):
                expected.add((f"device:{device}", name, account))
    assert {*rows(answer, "node", "from_account", "to_account")} == expected
    assert len(expected) >= 2


def test_quiet_neighbours_are_not_accused_elsewhere(desk: Workbench) -> None:
    answer = desk.play("quiet-neighbours", community="cm_a")
    assert rows(answer, "account", "linked_members", "bits", "strongest", "tier") == [
        ("account:quiet", 2, 9.0, "account:a1", ""),
        ("account:possible", 1, 7.5, "account:a3", "possible"),
    ]
    assert answer.because == {"accused elsewhere": 1}
    assert desk.play("quiet-neighbours", community="cm_a", bits=1).total == 4  # the weak one too


def test_who_used_the_same_prompt_clusters(desk: Workbench) -> None:
    answer = desk.play("same-template", community="cm_a")
    assert rows(answer, "account", "clusters", "exchanges_with_them", "share") == [
        ("account:sameprompt", 1, 5, 1.0)
    ]
    alone = desk.play("same-template", community="cm_a", members=1)
    assert [row[0] for row in rows(alone, "account")] == ["account:oneprompt", "account:sameprompt"]


# ---- what holds for all of them

ARGUMENTS = {
    "rarest-shared": {"community": "cm_a"},
    "same-hour": {"node": "ip:240.0.0.9", "hours": 24},
    "bridges": {"one": "cm_a", "other": "cm_b"},
    "quiet-neighbours": {"community": "cm_a", "bits": 0},
    "same-template": {"community": "cm_a"},
}


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.name)
def test_counts_add_up_and_a_limit_only_truncates(desk: Workbench, play: Play) -> None:
    given = ARGUMENTS.get(play.name, {})
    whole = desk.play(play.name, **given, limit=1000)
    first = desk.play(play.name, **given, limit=1)
    assert whole.shown + whole.hidden + whole.truncated == whole.total == first.total
    assert whole.hidden == sum(whole.because.values())
    assert first.shown == min(1, whole.shown)
    pd.testing.assert_frame_equal(first.rows, whole.rows.head(1))
    assert whole.whole
    assert whole.looked == whole.of
    assert "all" in whole.looked_at


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.name)
def test_time_that_is_up_is_said_and_is_not_none(desk: Workbench, play: Play) -> None:
    """A clock that jumps an hour at every look ends a play before its first step."""
    hours = iter(range(1000))

    def clock() -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=next(hours))

    answer = run_play(desk, play, ARGUMENTS.get(play.name, {}), clock=clock)
    assert answer.looked < answer.of
    assert "nothing beyond was looked at" in answer.looked_at
    assert answer.ended.endswith("seconds")


def test_a_budget_of_rows_ends_a_play_between_steps(desk: Workbench) -> None:
    def ask(asking, values):  # type: ignore[no-untyped-def]
        seen = [len(chunk) for chunk in asking.within(range(50), "things", step=10)
                if asking.count(30) is None]  # fmt: skip
        return Found(rows=pd.DataFrame({"n": seen}), nodes=())

    small = type(RAREST_SHARED.budget)(rows=60, questions=9, seconds=9, why="a test")
    play = Play(
        name="t", title="t", question="t?", misleads="t.", reads="t", budget=small, ask=ask,
        parameters=(Parameter(name="limit", type="limit", default=9, doc=""),),
    )  # fmt: skip
    answer = run_play(desk, play, {}, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    assert (answer.looked, answer.of, answer.ended, answer.shown) == (20, 50, "60 rows", 2)
    assert "Looked at 20 of 50 things; nothing beyond was looked at" in answer.looked_at


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("nope", {}, "The plays are: born-after-closure"),
        ("handover", {"day": 3}, "It takes --days"),
        ("handover", {"days": "soon"}, "a number from 0 to 366"),
        ("handover", {"days": -1}, "a number from 0 to 366"),
        ("handover", {"days": "nan"}, "a number from 0 to 366"),
        ("handover", {"limit": 2.5}, "a whole number from 1"),
        ("handover", {"kind": "wallet"}, "one of payment_method"),
        ("handover", {"node": "dv_1"}, "Write kind:value"),
        ("handover", {"node": "colour:red"}, "Name an identifier of kind"),
        ("handover", {"node": "device:none"}, "There is no device:none"),
        ("rarest-shared", {}, "--community: The community"),
        ("rarest-shared", {"community": "cm_zzz"}, "Near names"),
        ("same-hour", {"node": "device:dv_lab", "at": "noon"}, "a time such as"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_valid(
    desk: Workbench, name: str, given: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError) as error:
        desk.play(name, **given)
    assert said in str(error.value)


def test_values_are_typed_and_defaults_filled_in() -> None:
    play = next(play for play in PLAYS if play.name == "born-after-closure")
    assert read_values(play, {"days": "2", "limit": "7"}) == {
        "days": 2.0, "kind": "payment_method", "community": "", "node": "", "limit": 7,
    }  # fmt: skip


def test_hubs_are_counted_and_left_out(desk: Workbench) -> None:
    answer = desk.play("handover", kind="ip")
    assert answer.total == 0
    assert "2 of kind ip are above the hub limit" in " ".join(answer.told)


def test_a_hostile_value_is_inert_when_an_answer_is_printed(desk: Workbench) -> None:
    text = repr(desk.play("rarest-shared", community="cm_a"))
    assert "\u202e" not in text
    assert "dv_<img" in text  # text, in a sink that reads no markup
