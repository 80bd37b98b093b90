"""Who is ahead on which table, and the command that shows it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.peers.causes import cause_of

__all__ = ["LEVEL", "losses", "summary"]

LEVEL = 0.005  # difference of B³ F or pair F below which two methods are level
OWN = ("link", "communities")
Row = Mapping[str, Any]


def summary(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Means over seeds, one line a table and method, in the order of the rows."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["table"], row["method"]), []).append(row)
    measures = ("pair_precision", "pair_recall", "pair_f", "b3_f", "seconds", "times_ours")
    return [
        {
            "table": table, "method": method, "seeds": len(found),
            **{name: _mean([row[name] for row in found]) for name in measures},
            "failed": next((row["failed"] for row in found if row["failed"]), ""),
        }
        for (table, method), found in groups.items()
    ]  # fmt: skip


def losses(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Tables and seeds on which B³ F or pair F of a peer exceeds the best of ours; with causes."""
    best: dict[tuple[str, int], dict[str, float]] = {}
    for row in rows:
        if row["method"] in OWN:
            own = best.setdefault((row["table"], row["seed"]), {"b3_f": 0.0, "pair_f": 0.0})
            for measure in own:
                own[measure] = max(own[measure], row[measure] or 0.0)
    found = []
    for row in rows:
        own = best.get((row["table"], row["seed"]))
        if own is None or row["method"] in OWN:
            continue
        behind = {name: round((row[name] or 0.0) - own[name], 4) for name in own}
        if max(behind.values()) > LEVEL:
            found.append(_loss(row, behind))
    return sorted(found, key=lambda loss: -max(loss["b3_f"], loss["pair_f"]))


def _loss(row: Row, behind: Mapping[str, float]) -> dict[str, Any]:
    words = ["python", "-m", "benchmarks.peers", "--only", row["table"], "--peers", row["method"]]
    if row["seed"]:
        words += ["--seeds", str(row["seed"])]
    return {
        "table": row["table"], "seed": row["seed"], "method": row["method"], **behind,
        "cause": cause_of(row["table"], row["method"]), "command": shlex.join(words),
    }  # fmt: skip


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
