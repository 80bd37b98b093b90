"""Published graphs for tests: one to read by eye, and random ones of any size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np
import pandas as pd

from graph_models.families import FAMILIES
from graph_models.inference import (
    ASSESSMENTS,
    LINK_COLUMNS,
    MEMBER_COLUMNS,
    Assessment,
    Community,
    Inference,
    Reason,
    TierSizes,
)
from graph_models.kinds import kind_named
from graph_models.lineage import LOG_COLUMNS, ROLL_COLUMNS, Lineage
from graph_models.observations import COLUMNS, Observations
from graph_models.stores.protocol import Published

START = np.datetime64("2026-04-22T00:00:00", "us")
DAY = np.timedelta64(86_400_000_000, "us")
HOSTILE_PROVIDER = "<b>\u202elist</b>'; DROP"

Use = tuple[str, str, str]  # account, kind, value


def published(
    uses: Iterable[Use], *, snapshot: str, inference: Inference | None = None
) -> Published:
    """A graph in which each account used each identifier; counts and days follow from the place."""
    frame = pd.DataFrame(sorted(set(uses)), columns=["account", "kind", "value"])
    return Published(
        observations=observations(frame, snapshot=snapshot),
        inference=inference,
        origin={"synthetic": True, "world": "test"},
    )


def observations(frame: pd.DataFrame, *, snapshot: str) -> Observations:
    """Observations from a table of account, kind, value (distinct rows)."""
    names = sorted(frame["account"].unique())
    pairs = frame[["kind", "value"]].drop_duplicates().sort_values(["kind", "value"])
    identifiers = pairs.reset_index(drop=True)
    sightings = _sightings(frame, names, identifiers)
    identifiers["accounts"] = np.bincount(
        sightings["identifier"], minlength=len(identifiers)
    ).astype("int32")
    identifiers["linkable"] = [_linkable(k, v) for k, v in _rows(identifiers)]
    identifiers["prefix"] = [_prefix(k, v) for k, v in _rows(identifiers)]
    identifiers["asn"] = identifiers["label"] = pd.Series([None] * len(identifiers), dtype="str")
    return Observations(
        snapshot=snapshot,
        accounts=_accounts(names),
        identifiers=identifiers.astype(COLUMNS["identifiers"]),
        sightings=sightings,
        enrichment=_enrichment(identifiers),
    )


def _enrichment(identifiers: pd.DataFrame) -> pd.DataFrame:
    """Two providers speak of every address that does not end in 9, one of every user agent."""
    facts = []
    for position, (kind, value) in enumerate(_rows(identifiers)):
        if kind == "ip" and not value.endswith("9"):
            facts += [
                (position, "network_class", ("hosting", "vpn")[position % 2], "nets.csv", "1f", ""),
                (position, "network_class", "hosting", HOSTILE_PROVIDER, "2e", "2026-10-01"),
                (position, "registry_country", "DE", "iptocc", "3.3.170", ""),
            ]
        elif kind == "user_agent":
            facts.append((position, "client_kind", "sdk", "table", "3d", "2026-11-21"))
    table = pd.DataFrame(facts, columns=list(COLUMNS["enrichment"]))
    return table.astype(COLUMNS["enrichment"])


def _rows(identifiers: pd.DataFrame) -> Iterable[tuple[str, str]]:
    return zip(identifiers["kind"], identifiers["value"], strict=True)


def _linkable(kind: str, value: str) -> bool:
    return kind != "ip" or kind_named("ip").linkable(value)


def _prefix(kind: str, value: str) -> str | None:
    return kind_named("ip").derive(value)["prefix"] if kind == "ip" else None


def _sightings(frame: pd.DataFrame, names: list[str], identifiers: pd.DataFrame) -> pd.DataFrame:
    where = pd.MultiIndex.from_frame(identifiers[["kind", "value"]])
    table = pd.DataFrame(
        {
            "account": pd.Index(names).get_indexer(frame["account"]).astype("int32"),
            "identifier": where.get_indexer(pd.MultiIndex.from_frame(frame[["kind", "value"]])),
        }
    ).sort_values(["identifier", "account"], ignore_index=True)
    place = np.arange(len(table))
    table["count"] = 1 + place % 7
    table["first"] = START + (place % 11) * DAY
    table["last"] = START + (11 + place % 13) * DAY
    table["days"] = 1 + place % 5
    table["claimed"] = (place % 3) / 2
    return table.astype(COLUMNS["sightings"])


def _accounts(names: list[str]) -> pd.DataFrame:
    place = np.arange(len(names))
    table = pd.DataFrame({"account": names})
    table["created_at"] = START - (1 + place % 30) * DAY
    table["closed_at"] = np.where(place % 9 == 8, START + 30 * DAY, np.datetime64("NaT"))
    table["close_reason"] = np.where(place % 9 == 8, "terms", None)
    table["status"] = np.where(place % 9 == 8, "closed", "active")
    table["email_domain"] = "example.org"
    table["pathway"] = np.where(place % 4 == 0, "research", "self-serve")
    table["organisation"] = table["country"] = None
    table["exchanges"] = 10 * (1 + place)
    table["first_seen"] = START + (place % 5) * DAY
    table["last_seen"] = START + (20 + place % 20) * DAY
    return table.astype(COLUMNS["accounts"])[list(COLUMNS["accounts"])]


def links_table(
    pairs: Iterable[tuple[int, int]], millibits: Iterable[int], family: str = "instrument"
) -> pd.DataFrame:
    """A table of links over account positions, all bits in one family and 500 in network."""
    table = pd.DataFrame(sorted({(min(p), max(p)) for p in pairs}), columns=["a", "b"])
    values = [bits for bits, _ in zip(millibits, range(len(table)), strict=False)]
    table["millibits"] = values
    for name in FAMILIES:
        table[name.value] = 0
    table["network"] = 500
    table[family] = table["millibits"] - (0 if family == "network" else 500)
    return table.astype(LINK_COLUMNS)[list(LINK_COLUMNS)]


def community(name: str, size: TierSizes, *, mostly: str, cells: tuple[str, ...] = ()) -> Community:
    """A community whose assessment puts 0.88 on one class."""
    chances = {key: 0.88 if key == mostly else 0.02 for key in ASSESSMENTS}
    return Community(
        community=name,
        size=size,
        exchanges=1000 * size.accused,
        first_seen=datetime(2026, 4, 22),
        last_seen=datetime(2026, 6, 5),
        assessment=Assessment(
            probabilities=chances,
            confidence="high",
            reasons=(
                Reason("Two cards pay for most of the accounts.", 11.5, "instrument"),
                Reason("The accounts have ordinary working hours.", -1.25, "timing"),
            ),
            innocent_explanations=("One organisation may pay for its staff.",),
        ),
        held_together=0.93,
        robust_to=("network", "prompts"),
        chance_p=0.0005,
        cells=cells,
    )


def members_table(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Members from rows that may leave out all but account and community."""
    usual = {"cell": "", "tier": "core", "member_confidence": 0.97, "share": 1.0}
    table = pd.DataFrame([{**usual, **row} for row in rows], columns=list(MEMBER_COLUMNS))
    table = table.sort_values(["community", "account"], ignore_index=True)
    return table.astype(MEMBER_COLUMNS)


HOSTILE_AGENT = '<script>alert(1)</script>"); DETACH DELETE n //'
HOSTILE_DEVICE = "dv_\u202egnp\u200b_\x1b[31m"


def _sample_uses() -> list[Use]:
    campaign = [f"acct_c{i:02d}" for i in range(8)]
    office = [f"acct_office_{i}" for i in range(5)]
    household = ["acct_home_a", "acct_home_b"]
    ordinary = [f"acct_o{i:02d}" for i in range(60)]
    uses: list[Use] = []
    for i, account in enumerate(campaign):
        uses += [
            (account, "payment_method", f"stripe/fp_camp_{i // 4}"),
            (account, "device", f"dv_rack_{i // 2}"),
            (account, "ip", f"240.7.0.{i // 3}"),
            (account, "ip", f"240.7.9.{i}"),
            (account, "prompt_cluster", "pc_grader"),
            (account, "user_agent", HOSTILE_AGENT),
        ]
    uses += [(campaign[0], "device", HOSTILE_DEVICE), (campaign[1], "device", HOSTILE_DEVICE)]
    uses += [(a, "ip", "240.20.0.1") for a in office]
    uses += [(a, "payment_method", "stripe/fp_office") for a in office]
    uses += [(a, "email_domain", "office.example") for a in office]
    uses += [(a, "ip", "240.30.0.1") for a in household]
    uses += [(a, "device", "dv_living_room") for a in household]
    uses += [(a, "ip", "240.99.0.1") for a in [*ordinary, *campaign]]  # a VPN exit: a hub
    uses += [(a, "ip", "10.0.0.1") for a in ordinary[:6]]  # never links
    uses += [(a, "device", f"dv_{a}") for a in [*ordinary, *office, *household]]  # private
    uses += [(a, "ip", f"4000::{i + 1:x}") for i, a in enumerate(ordinary)]  # private
    return uses


def sample_published() -> Published:
    """75 accounts: a campaign in two cells, an office, a household, a VPN exit, 60 others."""
    uses = _sample_uses()
    names = sorted({use[0] for use in uses})
    place = {name: names.index(name) for name in names}
    campaign = [name for name in names if name.startswith("acct_c")]
    office = [name for name in names if name.startswith("acct_office")]
    home = [name for name in names if name.startswith("acct_home")]
    pairs = [
        (place[a], place[b]) for who in (campaign, office, home) for a in who for b in who if a < b
    ]
    rows: list[dict[str, object]] = [
        {"account": a, "community": "cm_campaign", "cell": f"cl_{i // 4}"}
        | ({"tier": "possible", "member_confidence": 0.4, "share": 0.3} if i == 7 else {})
        for i, a in enumerate(campaign)
    ]
    rows += [{"account": a, "community": "cm_office"} for a in office]
    rows += [{"account": a, "community": "cm_home", "tier": "probable"} for a in home]
    inference = Inference(
        run="run_sample",
        snapshot="sn_sample",
        seed=7,
        candidate_pairs=60,
        links=links_table(pairs, (9000 + 250 * i for i in range(len(pairs)))),
        communities=(
            community("cm_campaign", TierSizes(7, 0, 1), mostly="campaign", cells=("cl_0", "cl_1")),
            community("cm_office", TierSizes(5, 0, 0), mostly="organisation"),
            community("cm_home", TierSizes(0, 2, 0), mostly="household"),
        ),
        members=members_table(rows),
        lacking=("exchange.tls_fingerprint",),
    )
    return published(uses, snapshot="sn_sample", inference=inference)


def sample_lineage() -> Lineage:
    """Two runs: the campaign that two parts became, and a household that no run has any more."""
    rows: list[tuple[object, ...]] = [
        (1, "run_1", "new", "ln_a", "", "cm_a", "", 0, 3, 0, 3, 0, 0, "3 members"),
        (1, "run_1", "new", "ln_home", "", "cm_home", "", 0, 2, 0, 2, 0, 0, "2 members"),
        (2, "run_2", "respawn", "ln_a", "cm_a", "cm_b", "", 3, 4, 2, 2, 1, 2, "2 of 3 – „neu“"),
        (2, "run_2", "gone", "ln_home", "cm_home", "", "", 2, 0, 0, 0, 2, 0, "nobody"),
    ]
    names = [name for name in LOG_COLUMNS if name not in ("at", "snapshot")]
    log = pd.DataFrame(rows, columns=names)
    log = log.assign(at="2026-06-01T00:00:00+00:00", snapshot="sn")[list(LOG_COLUMNS)]
    roll = pd.DataFrame(
        [
            ("ln_a", "cm_b", "acct_1", 1.0, True),
            ("ln_a", "cm_b", "acct_2", 0.25, True),
            ("ln_home", "cm_home", "acct_3", 1.0, False),
        ],
        columns=list(ROLL_COLUMNS),
    )
    return Lineage(log.astype(LOG_COLUMNS), roll.astype(ROLL_COLUMNS))


_RANDOM_KINDS = ("ip", "payment_method", "device", "prompt_cluster", "wallet")


def random_published(seed: int, *, accounts: int = 60, hub: int = 0, mean: int = 4) -> Published:
    """A random graph: about ``mean`` identifiers per account and kind, and a hub of that degree.

    ``wallet`` is a foreign kind. The hub is ``ip:240.0.0.1``, used by ``hub`` further accounts.
    """
    rng = np.random.default_rng(seed)
    count = accounts * mean
    who = rng.integers(0, accounts, count * len(_RANDOM_KINDS))
    # Squaring makes some values popular, as in life.
    what = (rng.random(len(who)) ** 2 * accounts * 1.5).astype(int)
    kinds = np.repeat(_RANDOM_KINDS, count)
    uses = [
        (f"acct_{a:05d}", str(k), _value(str(k), w))
        for a, k, w in zip(who, kinds, what, strict=True)
    ]
    uses += [(f"acct_{a:05d}", "device", f"dv_own_{a}") for a in range(accounts)]
    uses += [(f"hub_{a:06d}", "ip", "240.0.0.1") for a in range(hub)]
    inference = _random_inference(rng, accounts, snapshot=f"sn_{seed}")
    return published(uses, snapshot=f"sn_{seed}", inference=inference)


def _value(kind: str, number: int) -> str:
    return (
        f"240.1.{number // 256}.{number % 256}" if kind == "ip" else f"{kind[:2].upper()}_{number}"
    )


def _random_inference(rng: np.random.Generator, accounts: int, *, snapshot: str) -> Inference:
    pairs = {(int(a), int(b)) for a, b in rng.integers(0, accounts, (accounts * 3, 2)) if a < b}
    bits = rng.integers(4, 12, len(pairs)) * 1000  # ties on purpose
    cut = accounts // 3
    rows: list[dict[str, object]] = [
        {
            "account": f"acct_{a:05d}",
            "community": "cm_0" if a < cut // 2 else "cm_1",
            "tier": ("core", "probable", "possible")[a % 3],
            "member_confidence": round(float(rng.random()), 6),
        }
        for a in range(cut)
    ]
    # One account whose traffic is shared between two communities.
    if cut >= 2:
        shared = {"account": "acct_00000", "community": "cm_1", "tier": "possible", "share": 0.25}
        rows.append(shared)
    return Inference(
        run=f"run_{snapshot}",
        snapshot=snapshot,
        seed=1,
        candidate_pairs=len(pairs),
        links=links_table(pairs, map(int, bits)),
        communities=(
            community("cm_1", TierSizes(3, 2, 1), mostly="reseller"),
            community("cm_0", TierSizes(3, 2, 1), mostly="campaign"),
        ),
        members=members_table(rows),
    )
