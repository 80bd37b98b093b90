"""A desk for tests of the casebook: people with keys, and evidence that a test lays out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from workbench.case_questions import CaseQuestions
from workbench.casebook.subjects import pair_of
from workbench.database import open_database

A, B = "acct_a", "acct_b"


def entry(signal: str, bits: float, identifier: str | None = None, **more: Any) -> dict[str, Any]:
    family = more.pop("family", signal.rpartition(" ")[2])
    return {"signal": signal, "family": family, "bits": bits, "identifier": identifier, **more}


class PaperDesk(CaseQuestions):
    """What the library has, without an ingest: ``evidence`` is what ``explain`` says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.evidence: list[dict[str, Any]] = [entry("shared ip", 4.0, "ip:240.0.0.1")]
        self.loads, self.withdrawn = ["l1"], {}
        self.run = "r1"
        self.asked = 0

    @property
    def database(self) -> Engine:
        if not hasattr(self, "_engine"):
            self._engine = open_database(self.folder)
        return self._engine

    def clock(self) -> datetime:
        return datetime(2026, 6, 5, 10, 40, tzinfo=UTC)

    def about(self) -> Mapping[str, Any]:
        return {"run": self.run, "snapshot": f"sn_{self.run}"}

    def explain(self, a: str, b: str) -> Mapping[str, Any]:
        self.asked += 1
        return {
            "signals": [one for one in self.evidence if one["bits"] > 0],
            "against": [one for one in self.evidence if one["bits"] <= 0],
        }

    def links(self, account: str) -> pd.DataFrame:
        return pd.DataFrame({"account": [B, "acct_c"], "millibits": [4000, 9000]})

    def seen(self, subject: str) -> Mapping[str, Any]:
        evidence = self.evidence if pair_of(subject) else []
        return {"run": self.run, "bits": 4.0, "evidence": evidence, "loads": self.loads}

    def _pin(self) -> Mapping[str, Any]:
        return {"run": self.run, "snapshot": f"sn_{self.run}", "loads": ["l1", "l2"]}

    def _gone(self, loads: Sequence[str]) -> dict[str, str]:
        return {load: why for load, why in self.withdrawn.items() if load in loads}
