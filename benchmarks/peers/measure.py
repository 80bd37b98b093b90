"""One method on one table: its figures under its best setting."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.peers.peer import Labels, Peer, Setting
from benchmarks.peers.table import Table
from workbench.contingency import Contingency, f1

__all__ = ["Outcome", "compared", "score"]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Figures of one method on one table, 0..1; None where there is nothing to divide by.

    ``seconds`` is wall time of the setting that stands here, ``cpu_seconds`` that of this process,
    ``times_ours`` the ratio of wall times to ours in the same run; ``failed`` says what a method
    stumbled over under every setting.
    """

    table: str
    seed: int
    accounts: int
    method: str
    setting: Setting
    pair_precision: float | None = None
    pair_recall: float | None = None
    pair_f: float | None = None
    b3_f: float | None = None
    largest: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    times_ours: float | None = None
    failed: str = ""

    def as_json(self) -> dict[str, Any]:
        """All fields, rounded."""
        row = asdict(self)
        return {name: _round(value) for name, value in row.items()}


def compared(
    table: Table, ours: Sequence[Peer], peers: Sequence[Peer], *, all_settings: bool = True
) -> list[Outcome]:
    """Outcomes of ours, then of each peer that fits the table, with times as multiples of ours."""
    own = [_best(table, method, method.settings) for method in ours if method.fits(table)]
    base = sum(outcome.seconds for outcome in own)
    rows = list(own)
    for peer in peers:
        if not peer.fits(table):
            continue
        best = _best(table, peer, peer.settings if all_settings else peer.settings[:1])
        ratio = best.seconds / base if base and not best.failed else None
        rows.append(Outcome(**{**vars(best), "times_ours": ratio}))
    return rows


def score(table: Table, labels: Labels) -> dict[str, Any]:
    """Figures of a grouping, over the accounts that have an answer."""
    answers = table.truth.reindex(table.accounts)
    known = answers.notna().to_numpy()
    true = pd.factorize(answers[known])[0]
    found = Contingency.of(labels[known], true)
    pairs, b_cubed = found.pairs(), found.b_cubed()
    return {
        "pair_precision": pairs.precision,
        "pair_recall": pairs.recall,
        "pair_f": f1(pairs.precision, pairs.recall) if pairs.recall else pairs.recall,
        "b3_f": f1(b_cubed.precision, b_cubed.recall),
        "largest": int(np.unique(labels[labels >= 0], return_counts=True)[1].max(initial=0)),
    }


def _best(table: Table, method: Peer, settings: Sequence[Setting]) -> Outcome:
    """The outcome of the setting with the most B³ F and pair F: truth chooses, for the peer."""
    tried = [_run(table, method, setting) for setting in settings]
    return max(tried, key=_merit)


def _merit(outcome: Outcome) -> float:
    return -1.0 if outcome.b3_f is None else outcome.b3_f + (outcome.pair_f or 0.0)


def _run(table: Table, method: Peer, setting: Setting) -> Outcome:
    about: Mapping[str, Any] = {
        "table": table.name, "seed": table.seed, "accounts": len(table.accounts),
        "method": method.name, "setting": dict(setting),
    }  # fmt: skip
    _ = table.values, table.uses  # what every method starts from is on nobody's clock
    began, spent = time.perf_counter(), time.process_time()
    try:
        labels = method.find(table, setting)
    except Exception as error:  # noqa: BLE001 – a peer's failure is a result, not ours to raise
        return Outcome(**about, failed=f"{type(error).__name__}: {error}".splitlines()[0][:200])
    cost = {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - spent,
    }
    return Outcome(**about, **score(table, labels), **cost)


def _round(value: object) -> object:
    return round(value, 4) if isinstance(value, float) else value
