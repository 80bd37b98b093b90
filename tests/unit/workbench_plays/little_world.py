"""A world small enough to read: for each play somebody whom it must find, and a look-alike."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from graph_models.inference import Inference, TierSizes
from graph_models.stores.protocol import Published
from tests.contract.graphs import community, links_table, members_table
from workbench import Workbench

NOW = datetime(2026, 6, 10, tzinfo=UTC)
HOSTILE = "dv_<img src=x onerror=alert(1)>\u202e"

Row = dict[str, Any]


def _account(name: str, created: str, closed: str = "", reason: str = "") -> Row:
    row = {"account_id": name, "created_at": f"2026-{created}Z"}
    return row | ({"closed_at": f"2026-{closed}Z", "close_reason": reason} if closed else {})


ACCOUNTS = [
    # One card: closed for policy, born six hours later; later, earlier and elsewhere are not it.
    _account("old", "04-01T00:00:00", "05-10T10:00:00", "policy"),
    _account("new", "05-10T16:00:00"),
    _account("late", "05-13T16:00:00"),
    _account("early", "05-10T09:00:00"),
    _account("elsewhere", "05-10T17:00:00"),
    *(_account(f"crowd_{i:03d}", "04-02T00:00:00") for i in range(80)),
    *(
        _account(name, "04-03T00:00:00")
        for name in (
            "h1", "h2", "h3", "s1", "s2", "mover", "slow", "toe", "x1", "x2", "x3",
            "a1", "a2", "a3", "b1", "b2", "quiet", "weak", "sameprompt", "oneprompt", "possible",
        )
    ),
]  # fmt: skip

_PAID = [("old", "c1"), ("new", "c1"), ("late", "c1"), ("early", "c1"), ("elsewhere", "c2")]
_DEVICES = {
    # Handed over twice; the other one is shared.
    "dv_handed": [("h1", "05-01T08"), ("h1", "05-03T08"), ("h2", "05-04T08"), ("h2", "05-06T08"),
                  ("h3", "05-07T08")],
    "dv_shared": [("s1", "05-01T08"), ("s1", "05-09T08"), ("s2", "05-04T08"), ("s2", "05-06T08")],
    # Two in the same hour, the third an hour later on the same day.
    "dv_lab": [("x1", "05-20T14:05"), ("x2", "05-20T14:50"), ("x3", "05-20T15:10"),
               ("x1", "05-20T09:00")],
    "DV_Alone": [("x1", "05-21T09:00")],
    "dv_bridge": [("a1", "05-20T08"), ("b1", "05-20T09")],
    "dv_rare": [("a1", "05-21T08"), ("a2", "05-21T09")],
    "dv_outside": [("a1", "05-22T08"), ("a2", "05-22T09"), ("a3", "05-22T10"), ("x3", "05-22T11")],
    HOSTILE: [("a2", "05-23T08"), ("a3", "05-23T09")],
}  # fmt: skip
_PROMPTS = [("a1", "pc_t", 3), ("a2", "pc_t", 2), ("sameprompt", "pc_t", 5),
            ("a1", "pc_solo", 1), ("oneprompt", "pc_solo", 9)]  # fmt: skip


def _exchange(number: int, account: str, at: str, **told: str) -> Row:
    return {"exchange_id": f"ex_{number}", "account_id": account, "ts": f"2026-{at}Z", **told}


def _exchanges() -> list[Row]:
    told: list[tuple[str, str, Row]] = []
    for device, users in _DEVICES.items():
        told += [(a, t + (":00:00" if len(t) == 8 else ":00"), {"device_fingerprint": device})
                 for a, t in users]  # fmt: skip
    for account, cluster, times in _PROMPTS:
        told += [(account, f"05-15T08:{i:02d}:00", {"prompt_cluster": cluster})
                 for i in range(times)]  # fmt: skip
    # A documentation address never links, so it is context however few use it.
    told += [(name, "05-16T08:00:00", {"ip": "192.0.2.1"}) for name in ("a1", "a2", "b1")]
    # 80 accounts on one address: a hub. Two of the community on another one with a stranger.
    told += [(f"crowd_{i:03d}", "05-16T09:00:00", {"ip": "240.0.0.9"}) for i in range(80)]
    told += [(name, "05-16T10:00:00", {"ip": "240.0.0.9"}) for name in ("a1", "b1")]
    # The release is on 12 May at midnight: one moves at once, one days later, one tries it once.
    told += [(name, f"05-10T0{i}:00:00", {"model": "m-1"}) for name in ("mover", "slow", "toe")
             for i in range(8)]  # fmt: skip
    told += [("mover", f"05-12T0{i}:30:00", {"model": "m-2" if i > 1 else "m-1"}) for i in range(9)]
    told += [("slow", f"05-12T0{i}:30:00", {"model": "m-1"}) for i in range(9)]
    told += [("slow", f"05-15T0{i}:30:00", {"model": "m-2"}) for i in range(9)]
    told += [("toe", f"05-12T0{i}:30:00", {"model": "m-2" if i == 5 else "m-1"}) for i in range(9)]
    return [_exchange(i, account, at, **more) for i, (account, at, more) in enumerate(told)]


FILES: dict[str, list[Row]] = {
    "accounts.jsonl": ACCOUNTS,
    "exchanges.jsonl": _exchanges(),
    "payments.jsonl": [
        {"payment_id": f"pay_{i}", "account_id": account, "psp": "stripe",
         "payment_fingerprint": card, "ts": "2026-05-14T00:00:00Z"}
        for i, (account, card) in enumerate(_PAID)
    ],
    "calendar.jsonl": [
        {"ts": "2026-05-12T00:00:00Z", "kind": "model_release", "name": "m-2", "who": "us"},
        {"ts": "2027-01-01T00:00:00Z", "kind": "model_release", "name": "m-9", "who": "us"},
    ],
}  # fmt: skip

_LINKS = {
    ("a1", "a2"): 12_000, ("a2", "a3"): 11_000, ("b1", "b2"): 12_500,
    ("a1", "quiet"): 9_000, ("a2", "quiet"): 8_000, ("a1", "b1"): 9_500, ("a2", "weak"): 2_000,
    ("a3", "possible"): 7_500,
}  # fmt: skip


def make(folder: Path) -> Workbench:
    """Ingest the files and publish them with communities cm_a, cm_b (campaigns) and cm_home."""
    logs = folder / "logs"
    logs.mkdir(parents=True)
    for name, rows in FILES.items():
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (logs / name).write_text(text, encoding="utf-8")
    desk = Workbench.open(folder / "workspace", create=True, clock=lambda: NOW)
    desk.ingest([logs / name for name in FILES])
    observations = desk.observations()
    place = pd.Index(observations.accounts["account"])
    pairs = {tuple(sorted(map(place.get_loc, pair))): bits for pair, bits in _LINKS.items()}
    ordered = sorted(pairs)
    inference = Inference(
        run="run_little",
        snapshot=observations.snapshot,
        seed=0,
        candidate_pairs=len(pairs),
        links=links_table(ordered, [pairs[pair] for pair in ordered]),
        communities=(
            community("cm_a", TierSizes(3, 0, 0), mostly="campaign"),
            community("cm_b", TierSizes(2, 0, 0), mostly="campaign"),
            community("cm_home", TierSizes(1, 0, 1), mostly="household"),
        ),
        members=members_table(
            [{"account": name, "community": "cm_a"} for name in ("a1", "a2", "a3")]
            + [{"account": name, "community": "cm_b"} for name in ("b1", "b2")]
            + [{"account": "x3", "community": "cm_home"},
               {"account": "possible", "community": "cm_home", "tier": "possible"}]
        ),
    )  # fmt: skip
    with desk.store.writer() as writer:
        writer.publish(Published(observations, inference, {"synthetic": True, "world": "little"}))
    return desk
