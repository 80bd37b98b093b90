"""Small canonical logs for tests of the observation store: rows as dicts, files in any format."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.load import IngestReport, ingest_paths
from ingest.store.workspace import Workspace

NOW = datetime(2026, 7, 1, tzinfo=UTC)
START = datetime(2026, 5, 1, tzinfo=UTC)
Row = dict[str, Any]

TIMES = ("ts", "created_at", "closed_at", "valid_from", "valid_to")
PROMPT = (
    "You grade answers. Score the answer to question {n} from one to ten and say why, step by step."
)


def at(days: float) -> str:
    """ISO time so many days after the start."""
    return (START + timedelta(days=days)).isoformat().replace("+00:00", "Z")


def accounts(count: int = 6) -> list[Row]:
    """Accounts ``acct_0`` …, one a day."""
    return [
        {
            "account_id": f"acct_{i}",
            "created_at": at(i / 10),
            "email_domain": f"mail{i % 2}.example",
            "signup_ip": f"8.8.{i % 3}.7",
            "status": "active",
        }
        for i in range(count)
    ]


def exchanges(count: int = 40, *, seed: int = 0, people: int = 6, days: int = 3) -> list[Row]:
    """Exchanges over some days: every account has an address, two share a device."""
    draw = np.random.default_rng(seed)
    rows = []
    for i in range(count):
        who = int(draw.integers(people))
        rows.append(
            {
                "exchange_id": f"ex_{i}",
                "ts": at(round(float(draw.uniform(0, days)), 3)),
                "account_id": f"acct_{who}",
                "ip": f"9.9.{who // 2}.{int(draw.integers(3)) + 1}",
                "device_fingerprint": f"dv_{who // 2}",
                "user_agent": "client/1.0",
                "model": "large" if who % 2 else "small",
                "input_tokens": int(draw.integers(1, 500)),
                "output_tokens": int(draw.integers(1, 500)),
                "prompt": PROMPT.format(n=i) if who < 3 else f"What is {i} + {i}?",
                "claimed": "user_agent",
            }
        )
    return rows


def payments(people: int = 6) -> list[Row]:
    """One payment an account; accounts 0 and 1 share a card."""
    return [
        {
            "payment_id": f"pay_{i}",
            "ts": at(i / 5),
            "account_id": f"acct_{i}",
            "psp": "stripe",
            "payment_fingerprint": f"fp_{max(i, 1)}",
        }
        for i in range(people)
    ]


def write(path: Path, rows: Sequence[Row]) -> Path:
    """Write rows in the format that the name ends with: parquet, csv or jsonl."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = list(dict.fromkeys(name for row in rows for name in row))
    if path.suffix == ".parquet":
        columns = {name: [_typed(name, row.get(name)) for row in rows] for name in names}
        pq.write_table(pa.table(columns), path)
    elif path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(rows)
    else:
        lines = (json.dumps(row) for row in rows)
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def _typed(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in TIMES and value is not None else value


def load(workspace: Workspace, *paths: Path) -> IngestReport:
    """Ingest with the tests' clock."""
    return ingest_paths(workspace, list(paths), now=NOW)


def small_world(folder: Path) -> Path:
    """A folder with the three kinds that most tests need."""
    write(folder / "accounts.csv", accounts())
    write(folder / "exchanges.jsonl", exchanges())
    write(folder / "payments.parquet", payments())
    return folder
