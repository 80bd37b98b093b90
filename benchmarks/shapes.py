"""Foreign tables with known answers, made from a seed: what ``link`` has to cope with.

Every shape returns attributes and events as ``workbench link`` reads them, and the truth: the
operator of each account, its own name for an account that has none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["SHAPES", "Shape", "make"]

START = pd.Timestamp("2026-03-01T00:00:00Z")
ATTRIBUTES = ["account", "type", "value", "first_seen"]
EVENTS = ["account", "time", "object_type", "object"]
Rows = list[tuple[object, ...]]


@dataclass(frozen=True, eq=False)
class Shape:
    """One table: ``truth`` maps each account to its operator."""

    attributes: pd.DataFrame
    events: pd.DataFrame | None
    truth: pd.Series


def _shape(rows: Rows, acts: Rows, truth: dict[str, str]) -> Shape:
    width = len(rows[0]) if rows else len(ATTRIBUTES)
    attributes = pd.DataFrame(rows, columns=ATTRIBUTES[:width]).astype("str")
    events = pd.DataFrame(acts, columns=EVENTS).astype("str") if acts else None
    return Shape(attributes, events, pd.Series(truth).sort_index())


def _sizes(rng: np.random.Generator, members: int, most: int) -> list[int]:
    """Sizes of operators, heavy-tailed from two to ``most``, about ``members`` in all."""
    sizes: list[int] = []
    while sum(sizes) < members:
        sizes.append(int(min(most, 2 + rng.pareto(0.9) * 2)))
    return sizes


def _activity(rng: np.random.Generator, median: float, spread: float = 1.0) -> int:
    return int(np.clip(rng.lognormal(np.log(median), spread), 1, 800))


def _popular(rng: np.random.Generator, values: int, slope: float, size: int) -> NDArray[np.int64]:
    """Values by a bounded power law of popularity: value 0 is the commonest."""
    rank = np.arange(1, values + 1) ** -slope
    return rng.choice(values, size, p=rank / rank.sum())


def _when(day: float) -> str:
    return (START + pd.Timedelta(days=float(day))).isoformat()


def _owners(rng: np.random.Generator, strangers: int, sizes: list[int]) -> dict[str, str]:
    """Accounts with opaque names, in no order that tells anything, and their operators."""
    owner = [f"one{i}" for i in range(strangers)]
    owner += [f"op{i}" for i, size in enumerate(sizes) for _ in range(size)]
    names = rng.permutation(len(owner))
    return {f"a{name:06d}": who for name, who in zip(names, owner, strict=True)}


def counterparties(seed: int, accounts: int = 2500, *, timed: bool = True) -> Shape:
    """Heavy-tailed accounts and counterparties; operators reuse some of their own, by mixing."""
    rng = np.random.default_rng([seed, 1])
    sizes = _sizes(rng, accounts // 4, 90)
    truth = _owners(rng, accounts - sum(sizes), sizes)
    plan: dict[str, tuple[float, int, float]] = {}
    rows: Rows = []
    for name, who in truth.items():
        total = _activity(rng, 8.0)
        own = 0
        if who.startswith("op"):
            default = (rng.uniform(0.3, 0.8), int(rng.integers(3, 14)), rng.uniform(0, 80))
            share, pool, day = plan.setdefault(who, default)
            own = int(max(1, rng.binomial(total, share)))
            for value in rng.choice(pool, min(own, pool), replace=False):
                rows.append((name, "peer", f"{who}:{value}", _when(day + rng.exponential(2.0))))
        for value in _popular(rng, accounts * 6, 0.95, max(1, total - own)):
            rows.append((name, "peer", f"v{value}", _when(rng.uniform(0, 90))))
    if not timed:
        rows = [row[:3] for row in rows]
    return _shape(rows, [], truth)


def camouflage(seed: int, accounts: int = 2000) -> Shape:
    """As counterparties without times; strangers meet the operators' values too, hubs at 50 %."""
    rng = np.random.default_rng([seed, 2])
    sizes = _sizes(rng, accounts // 5, 60)
    truth = _owners(rng, accounts - sum(sizes), sizes)
    rows: Rows = []
    operators = sorted({who for who in truth.values() if who.startswith("op")})
    for name, who in truth.items():
        total = _activity(rng, 12.0)
        for hub in range(3):
            if rng.random() < 0.5:
                rows.append((name, "site", f"hub{hub}"))
        if who.startswith("op"):
            for value in rng.choice(10, int(rng.integers(2, 7)), replace=False):
                rows.append((name, "site", f"{who}:{value}"))
        elif rng.random() < 0.2:
            rows.append((name, "site", f"{rng.choice(operators)}:{rng.integers(10)}"))
        for value in _popular(rng, accounts * 3, 0.9, total):
            rows.append((name, "site", f"v{value}"))
    return _shape(rows, [], truth)


def topics(seed: int, accounts: int = 2000) -> Shape:
    """Strangers cluster by taste (twenty topics); operators cut across, with own targets."""
    rng = np.random.default_rng([seed, 3])
    sizes = _sizes(rng, accounts // 6, 40)
    truth = _owners(rng, accounts - sum(sizes), sizes)
    targets: dict[str, list[str]] = {}
    rows: Rows = []
    for name, who in truth.items():
        topic, total = int(rng.integers(20)), _activity(rng, 10.0, 0.8)
        if who.startswith("op"):
            mine = [f"t{rng.integers(20)}:{rng.integers(20, 400)}" for _ in range(12)]
            pool = targets.setdefault(who, mine)
            for value in rng.choice(12, int(rng.integers(6, 11)), replace=False):
                rows.append((name, "product", pool[value]))
        for value in _popular(rng, 400, 0.8, total):
            where = topic if rng.random() < 0.8 else int(rng.integers(20))
            rows.append((name, "product", f"t{where}:{value}"))
    return _shape(rows, [], truth)


def persons(seed: int, people: int = 900) -> Shape:
    """Person records: fields of unequal rarity, correlated places, slips, gaps, up to 4 copies."""
    rng = np.random.default_rng([seed, 4])
    suburb = rng.zipf(1.4, people) % 250
    fields = {
        "given_name": rng.zipf(1.35, people) % 200, "surname": rng.zipf(1.3, people) % 700,
        "birth": rng.integers(0, 15000, people), "street": rng.zipf(1.3, people) % 800,
        "house": rng.zipf(1.3, people) % 120, "suburb": suburb, "postcode": suburb // 2,
        "state": suburb % 8, "number": rng.integers(0, 10**7, people),
    }  # fmt: skip
    rows: Rows = []
    truth: dict[str, str] = {}
    for person in range(people):
        for copy in range(1 + int(rng.choice(4, p=[0.5, 0.3, 0.15, 0.05]))):
            record = f"r{rng.integers(10**9):09d}{copy}"
            truth[record] = f"p{person}"
            for name, values in fields.items():
                fate = rng.random()
                if fate < 0.06:
                    continue
                slip = f"x{rng.integers(10**9)}" if fate < 0.2 else f"{name}{values[person]}"
                rows.append((record, name, slip))
    return _shape(rows, [], truth)


def lockstep(seed: int, accounts: int = 1200) -> Shape:
    """Only events on popular objects; operators act on the same ones within minutes."""
    rng = np.random.default_rng([seed, 5])
    sizes = _sizes(rng, accounts // 6, 40)
    truth = _owners(rng, accounts - sum(sizes), sizes)
    calls: dict[str, list[tuple[float, int]]] = {}
    acts: Rows = []
    for name, who in truth.items():
        if who.startswith("op"):
            mine = [(rng.uniform(0, 60), int(_popular(rng, 500, 0.7, 1)[0])) for _ in range(25)]
            for day, thing in calls.setdefault(who, mine):
                if rng.random() < 0.5:
                    acts.append((name, _when(day + rng.exponential(0.003)), "page", f"o{thing}"))
        for thing in _popular(rng, 500, 0.7, _activity(rng, 15.0, 0.8)):
            hour = rng.normal(14, 4) / 24
            acts.append((name, _when(int(rng.uniform(0, 60)) + hour), "page", f"o{thing}"))
    return _shape([], acts, truth)


def reviewers(seed: int, accounts: int = 2000) -> Shape:
    """Reviewers and products with dates; rings rate the same targets within days."""
    rng = np.random.default_rng([seed, 6])
    sizes = [size for size in _sizes(rng, accounts // 6, 40) if size > 2]
    truth = _owners(rng, accounts - sum(sizes), sizes)
    jobs: dict[str, list[tuple[float, int]]] = {}
    acts: Rows = []
    for name, who in truth.items():
        if who.startswith("op"):
            mine = [(rng.uniform(0, 300), int(rng.integers(1500))) for _ in range(10)]
            for day, thing in jobs.setdefault(who, mine):
                if rng.random() < 0.6:
                    acts.append((name, _when(day + rng.uniform(0, 5)), "product", f"p{thing}"))
        for thing in _popular(rng, 1500, 0.8, _activity(rng, 5.0, 0.9)):
            acts.append((name, _when(rng.uniform(0, 300)), "product", f"p{thing}"))
    return _shape([], acts, truth)


def places(seed: int, accounts: int = 1000) -> Shape:
    """Co-membership made from an LFR graph: everybody hosts those whom he knows."""
    graph = nx.LFR_benchmark_graph(
        accounts, 3, 1.5, 0.2, average_degree=8, min_community=15, max_community=80, seed=seed
    )
    rng = np.random.default_rng([seed, 7])
    label: dict[int, int] = {}
    for number, node in enumerate(sorted(graph)):
        label.update(dict.fromkeys(graph.nodes[node]["community"], number))
    rows: Rows = []
    for node in sorted(graph):
        for guest in sorted({node, *graph[node]}):
            rows.append((f"n{guest:05d}", "place", f"m{node}"))
        rows.append((f"n{node:05d}", "place", f"hub{rng.integers(3)}"))
    return _shape(rows, [], {f"n{node:05d}": f"c{label[node]}" for node in sorted(graph)})


def funding(seed: int, accounts: int = 3000) -> Shape:
    """Wallets: funded by exchanges or by an operator's purse, cashed out at his deposit address."""
    rng = np.random.default_rng([seed, 8])
    sizes = _sizes(rng, accounts // 4, 60)
    truth = _owners(rng, accounts - sum(sizes), sizes)
    begun: dict[str, tuple[float, int]] = {}
    rows: Rows = []
    for name, who in truth.items():
        day = rng.uniform(0, 300)
        source = f"exchange{_popular(rng, 30, 1.0, 1)[0]}"
        sink = f"deposit{rng.integers(10**9)}"
        if who.startswith("op"):
            start, style = begun.setdefault(who, (rng.uniform(0, 280), int(rng.integers(3))))
            day = start + rng.exponential(1.0)
            source = f"purse:{who}" if style != 1 else source
            sink = f"sink:{who}" if style != 0 else sink
        rows.append((name, "funded_by", source, _when(day)))
        if rng.random() < 0.7:
            rows.append((name, "paid_to", sink, _when(day + rng.exponential(20))))
        for value in _popular(rng, 1500, 1.0, _activity(rng, 6.0)):
            rows.append((name, "contract", f"c{value}", _when(day + rng.exponential(30))))
        for _ in range(int(rng.poisson(1.0))):
            rows.append((name, "paid_to", f"w{rng.integers(accounts * 2)}", _when(day + 5)))
    return _shape(rows, [], truth)


def lonely(seed: int, accounts: int = 2000) -> Shape:
    """Nobody belongs to anybody: heavy-tailed strangers only, so every link is false."""
    rng = np.random.default_rng([seed, 9])
    truth = _owners(rng, accounts, [])
    rows: Rows = []
    for name in truth:
        for value in _popular(rng, accounts * 4, 0.9, _activity(rng, 10.0)):
            rows.append((name, "peer", f"v{value}"))
    return _shape(rows, [], truth)


def devices(seed: int, accounts: int = 2000) -> Shape:
    """One rare device in common is all that operators leave; addresses are shared by chance."""
    rng = np.random.default_rng([seed, 10])
    sizes = [min(size, 6) for size in _sizes(rng, accounts // 5, 6)]
    truth = _owners(rng, accounts - sum(sizes), sizes)
    rows: Rows = []
    for name, who in truth.items():
        shares = who.startswith("op") and rng.random() < 0.8
        rows.append((name, "device", f"d{who}" if shares else f"d{name}"))
        for value in _popular(rng, accounts, 0.7, int(rng.integers(1, 6))):
            rows.append((name, "address", f"ip{value}"))
    return _shape(rows, [], truth)


SHAPES: dict[str, Callable[[int], Shape]] = {
    "counterparties": counterparties,
    "counterparties-untimed": lambda seed: counterparties(seed, timed=False),
    "camouflage": camouflage,
    "topics": topics,
    "persons": persons,
    "lockstep": lockstep,
    "reviewers": reviewers,
    "places": places,
    "funding": funding,
    "lonely": lonely,
    "devices": devices,
}


def make(name: str, seed: int) -> Shape:
    """The table of that shape and seed."""
    return SHAPES[name](seed)
