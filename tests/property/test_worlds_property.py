"""Whatever the dials: a world that loads can be written, and keeps its promises."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures import load_world, synthesise
from fixtures.chance import Choices
from fixtures.operator_dials import ABSENT, ADOPTIONS, HOURS, Operator
from fixtures.world import World


def count(rows: dict[str, list[Any]], *prefixes: str) -> int:
    return sum(len(found) for name, found in rows.items() if name.startswith(prefixes))


shares = st.sampled_from([0.0, 0.3, 1.0])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    operator = Operator(
        name="op",
        supplier="s",
        access_operator="a",
        beneficiary="b",
        accounts=draw(st.integers(12, 40)),
        cells=draw(st.integers(1, 4)),
        card_reuse=draw(st.sampled_from([1.0, 4.0, 50.0])),
        device_reuse=draw(st.sampled_from([1.0, 3.0, 50.0])),
        gateway_reuse=draw(st.sampled_from([1.0, 100.0])),
        own_cards=draw(shares),
        own_devices=draw(shares),
        own_exits=draw(shares),
        residential=draw(shares),
        cross_cell=draw(shares),
        camouflage=draw(shares),
        synchrony=draw(shares),
        aged=draw(shares),
        banned=draw(shares),
        respawn=draw(shares),
        pivot=draw(shares),
        catch_all_domains=draw(shares),
        hours=draw(st.sampled_from(HOURS)),
        slow_start_days=draw(st.sampled_from([0.0, 10.0])),
        frames=draw(st.integers(1, 6)),
        absent=tuple(sorted(draw(st.sets(st.sampled_from(sorted(ABSENT)), max_size=2)))),
        paraphrase=draw(shares),
        rotation_days=draw(st.sampled_from([0.0, 0.5, 40.0])),
        births_days=draw(st.sampled_from([0.0, 14.0, 80.0])),
        last_start=draw(shares),
        generations=draw(st.integers(1, 4)),
        adoption=draw(st.sampled_from(ADOPTIONS)),
        name_pattern=draw(shares),
        framed=draw(shares),
        decoys=draw(shares),
        frames_per_cell=draw(st.integers(1, 9)),
    )
    base = load_world("quickstart").scaled(0.03)
    days = draw(st.sampled_from([3, 10, 45]))
    calendar = base.calendar if draw(st.booleans()) else ()
    reseller = replace(
        base.resellers[0], carries="op", residential=draw(shares), service=draw(shares)
    )
    flag = draw(st.sampled_from(["op", ""]))
    second = replace(operator, name="op2", accounts=12, cells=1, absent=(), false_flag=flag)
    population = replace(base.population, accounts=260, vpn=draw(shares), free_tier=draw(shares))
    return replace(
        base,
        name="drawn",
        days=days,
        exchanges=3000,
        calendar=calendar,
        population=population,
        operators=(operator, second),
        device_sightings=draw(shares),
        resellers=(reseller,),
        noise=replace(base.noise, decoys=draw(st.integers(0, 5)), rewired=draw(st.booleans())),
    )


@settings(max_examples=6, deadline=None)
@given(world=worlds(), seed=st.sampled_from([1, 2]))
def test_any_dials_give_a_world_that_keeps_its_promises(world: World, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report = synthesise(world, Path(folder) / "w", seed=seed)
        accounts = pd.read_parquet(report.out / "accounts.parquet").set_index("account_id")
        parts = sorted((report.out / "exchanges").glob("*.parquet"))
        exchanges = pd.concat([pd.read_parquet(part) for part in parts])
        truth = pd.read_csv(report.truth / "accounts.csv", keep_default_na=False)
    assert len(accounts) == len(truth) == world.population.accounts
    for operator in world.operators:
        mine = truth[(truth["role"] == "campaign") & (truth["campaign"] == operator.name)]
        assert len(mine) == operator.accounts
        assert set(mine["heir_of"]) - {""} <= set(mine["account_id"])
    assert set(truth.loc[truth["framed_by"] != "", "role"]) <= {"benign"}
    assert ((accounts["closed_at"] > accounts["created_at"]) | accounts["closed_at"].isna()).all()
    window = (pd.Timestamp(world.start), pd.Timestamp(world.start) + pd.Timedelta(days=world.days))
    skew = pd.Timedelta(seconds=world.noise.clock_skew_seconds)
    assert exchanges["ts"].between(window[0] - skew, window[1] + skew).all()
    assert (accounts["created_at"] < window[1]).all()
    assert exchanges["account_id"].isin(accounts.index).all()
    assert exchanges["exchange_id"].is_unique
    assert exchanges["prompt"].str.len().gt(0).all()
    assert exchanges["user_agent"].notna().all()


@settings(max_examples=3, deadline=None)
@given(world=worlds(), seed=st.sampled_from([1, 2]))
def test_any_dials_give_vendor_logs_of_the_same_events(world: World, seed: int) -> None:
    world = replace(world, http_requests=0.5)
    with tempfile.TemporaryDirectory() as folder:
        canonical = synthesise(world, Path(folder) / "c", seed=seed, format="jsonl")
        vendor = synthesise(world, Path(folder) / "v", seed=seed, as_="vendor")
        rows = {
            name: [json.loads(line) for line in (vendor.out / name).read_bytes().splitlines()]
            for name in vendor.files
            if name.endswith(".jsonl")
        }
        wanted = {
            name: len((canonical.out / name).read_bytes().splitlines()) for name in canonical.files
        }
    assert all(found for name, found in rows.items() if "/" in name)
    assert count(rows, "litellm/") == canonical.exchanges
    assert count(rows, "stripe/", "payments") == wanted["payments.jsonl"]
    assert (
        count(rows, "cloudflare/account_abuse_protection_events/logins") == wanted["logins.jsonl"]
    )
    requests = sum(wanted[name] for name in wanted if name.startswith("http_requests/"))
    assert count(rows, "cloudflare/http_requests/") == requests
    known = {(row["system"], row["external_id"]) for row in rows["aliases.jsonl"]}
    assert {("stripe", row["customer"]) for row in rows.get("stripe/charges.jsonl", [])} <= known


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 99), st.floats(0.01, 100)), max_size=40),
    st.lists(st.tuples(st.integers(0, 6), st.floats(0, 1, exclude_max=True)), max_size=40),
)
def test_a_choice_is_always_one_of_the_owners_own(
    options: list[tuple[int, int, float]], asks: list[tuple[int, float]]
) -> None:
    owners, values, weights = (
        (np.array(column) for column in zip(*options, strict=True))
        if options
        else (
            np.zeros(0, np.int64),
            np.zeros(0, np.int64),
            np.zeros(0),
        )
    )
    choices = Choices.build(7, owners.astype(np.int64), values.astype(np.int64), weights)
    rows = np.array([owner for owner, _ in asks], dtype=np.int64)
    picked = choices.pick(rows, np.array([share for _, share in asks], dtype=np.float64))
    for owner, value in zip(rows.tolist(), picked.tolist(), strict=True):
        own = {number for holder, number, _ in options if holder == owner}
        assert value in own if own else value == -1
