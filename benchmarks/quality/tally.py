"""From runs to tables: the worst and the median of every measure in every group of worlds."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from scipy.stats import kstest

from benchmarks.quality.calibration import Counts, reliability, together
from graph_models.communities.rules import STABILITY

__all__ = ["MEASURES", "Row", "read_rows", "tally"]

Row = Mapping[str, Any]

# measure: True where more is better, so that "worst" has a direction
MEASURES: dict[str, bool] = {
    "account_precision": True,
    "account_recall": True,
    "pair_precision": True,
    "pair_recall": True,
    "b3_f1": True,
    "weighted_precision": True,
    "grouped_precision": True,
    "grouped_recall": True,
    "campaigns_found": True,
    "undecided": False,
    "cells_ari": True,
    "cells_b3_f1": True,
    "traffic_precision": True,
    "traffic_recall": True,
    "traffic_f1": True,
    "innocents_accused": False,
    "look_alikes_accused": False,
    "resold_accused": False,
    "operator_top1": True,
    "pivot_told": True,
    "lineage_kept": True,
    "campaign_p": False,
    "largest_accounts": False,
    "largest_innocent": False,
    "communities": False,
    "seconds": False,
    "cpu_seconds": False,
    "peak_mb": False,
}


def read_rows(folder: Path, wanted: Collection[str]) -> list[Row]:
    """The finished runs among those wanted, in the order of their names."""
    files = [folder / f"{name}.json" for name in sorted(wanted)]
    return [json.loads(path.read_text(encoding="utf-8")) for path in files if path.is_file()]


def tally(rows: Sequence[Row]) -> dict[str, Any]:
    """Every table of the report, as plain values."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["group"]].append(row)
    return {
        "groups": {name: _group(found) for name, found in sorted(groups.items())},
        "calibration": _calibration(rows),
        "chance": uniformity([row["chance"] for row in groups.get("rewired", ())]),
        "robust": robust(rows),
        "runs": len(rows),
    }


def _group(rows: Sequence[Row]) -> dict[str, Any]:
    """One group of worlds: figures, and who was accused of what kind on the worst seed."""
    accused: Counter[str] = Counter()
    for row in rows:
        for kind, number in row["accused_by_kind"].items():
            accused[kind] = max(accused[kind], number)
    figures = {name: _spread(rows, name) for name in MEASURES}
    return {
        "runs": len(rows),
        "figures": {name: spread for name, spread in figures.items() if spread is not None},
        "accused_by_kind": dict(sorted(accused.items())),
    }


def _spread(rows: Sequence[Row], name: str) -> dict[str, Any] | None:
    """Worst and median, and the run that was worst."""
    known = [(row["figures"][name], row) for row in rows if row["figures"].get(name) is not None]
    if not known:
        return None
    value, row = (min if MEASURES[name] else max)(known, key=lambda item: item[0])
    return {
        "worst": value,
        "median": median(item[0] for item in known),
        "n": len(known),
        "at": {part: row[part] for part in ("world", "seed", "scale", "absent", "without")},
    }


def _calibration(rows: Sequence[Row]) -> dict[str, Any]:
    """Reliability of the three kinds of probability, the runs on one world taken together.

    P(campaign) counts the runs without a family too: as shipped, few communities are in doubt.
    """
    found = {}
    for kind in ("pair", "member", "campaign"):
        worlds: dict[tuple[Any, ...], list[Counts]] = defaultdict(list)
        for row in rows:
            if kind in row["calibration"]:
                worlds[_world(row)].append(row["calibration"][kind])
        found[kind] = reliability([together(runs) for runs in worlds.values()]).as_json()
    return found


def _world(row: Row) -> tuple[Any, ...]:
    """What makes two runs runs on the same world."""
    return (row["world"], row["seed"], row["scale"], *row["absent"])


def uniformity(worlds: Iterable[Sequence[float]]) -> dict[str, Any]:
    """Kolmogorov–Smirnov of chance p against U(0, 1): pooled, and in the worst world."""
    known = [np.asarray(world) for world in worlds if len(world)]
    if not known:
        return {"n": 0, "worlds": 0, "ks": None, "p": None, "worst_ks": None, "worst_p": None}
    pooled = kstest(np.concatenate(known), "uniform")
    apart = [kstest(world, "uniform") for world in known]
    return {
        "n": int(sum(map(len, known))),
        "worlds": len(known),
        "ks": float(pooled.statistic),
        "p": float(pooled.pvalue),
        "worst_ks": float(max(test.statistic for test in apart)),
        "worst_p": float(min(test.pvalue for test in apart)),
    }


def robust(rows: Sequence[Row]) -> dict[str, Any]:
    """``robust_to`` against the truth of running again without the family.

    A community survives when at least ``STABILITY.same`` of its members still share one community.
    """
    checked = agreed = campaigns = campaigns_agreed = 0
    worlds = [row for row in rows if "survivors" in row and not row["without"]]
    for base in worlds:
        main = {campaign.get("community") for campaign in base["campaigns"]}
        for family, again in _ablated(rows, base).items():
            for name, (said, members) in base["survivors"].items():
                same = (family in said) == (_kept(members, again) >= STABILITY.same)
                checked, agreed = checked + 1, agreed + same
                if name in main:
                    campaigns, campaigns_agreed = campaigns + 1, campaigns_agreed + same
    return {
        "worlds": len(worlds),
        "checked": checked,
        "agreed": agreed,
        "campaigns_checked": campaigns,
        "campaigns_agreed": campaigns_agreed,
    }


def _ablated(rows: Sequence[Row], base: Row) -> dict[str, dict[str, str]]:
    """Family to the community of each account, of the runs on the same world without it."""
    found = {}
    for row in rows:
        if len(row["without"]) == 1 and _world(row) == _world(base):
            communities = row["survivors"].items()
            found[row["without"][0]] = {a: name for name, (_, who) in communities for a in who}
    return found


def _kept(members: Sequence[str], again: Mapping[str, str]) -> float:
    """The largest part of the members that share a community in another run."""
    places = Counter(again[account] for account in members if account in again)
    return max(places.values(), default=0) / len(members)
