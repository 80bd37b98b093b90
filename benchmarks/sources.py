"""Vendor rows against a plain scan of the same file in the same run: LiteLLM spend logs as JSONL.

    python -m benchmarks.sources --rows 300000

The yardstick is one DuckDB scan (count, min and max of every column, as DuckDB tells the columns of
JSON by itself) on two threads.
``map`` is the mapping alone: read, validate, convert, put aside. ``ingest`` is the whole command,
with prompt clustering, protection and the load. Each stage is a process of its own; compare ratios,
not seconds, because machines are shared and noisy.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import os
import platform
import random
import sys
import tempfile
import uuid
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.scale.stages import Stage, measured

RESULTS = Path(__file__).parent / "results" / "sources.json"
TARGET = 10.0  # issue 4: rows are ingested within ten times their scan
START = datetime(2026, 4, 1, tzinfo=UTC)
ACCOUNTS = 4_000
TASKS = ("Explain", "Prove", "Refactor", "Summarise", "Translate", "Grade", "Compare", "Rewrite")
FORMS = ("step by step", "as a rubric", "in one paragraph", "for a beginner", "with tests")

SCAN = """
import duckdb, sys
con = duckdb.connect(config={"threads": 2})
con.execute("SET enable_progress_bar = false")
rel = con.read_json(sys.argv[1], format="newline_delimited")
listed = ", ".join(f'min("{name}"), max("{name}")' for name in rel.columns)
con.execute(f"SELECT count(*), {listed} FROM rel").fetchall()
"""
MAP = """
import duckdb, sys
from datetime import UTC, datetime
from pathlib import Path
from ingest.mapping.detect import detect_router
from ingest.mapping.readers import read_shared
con = duckdb.connect(config={"threads": 2})
con.execute("SET enable_progress_bar = false")
path = Path(sys.argv[1])
reading = read_shared(con, path, detect_router(path), now=datetime(2026, 7, 1, tzinfo=UTC))
assert reading.rejected_rows == 0, "the rows are sound"
"""


class Rows:
    """Spend logs of invented accounts, about 1 KB each with their prompts; a seed gives all."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        letters = "abcdefghijklmnopqrstuvwxyz"
        self.words = [
            "".join(self.chance.choices(letters, k=self.chance.randint(3, 9))) for _ in range(5_000)
        ]

    def write(self, path: Path, count: int) -> None:
        """Write ``count`` rows as JSON lines."""
        with path.open("w", encoding="utf-8") as out:
            for number in range(count):
                out.write(json.dumps(self.row(number), separators=(",", ":")) + "\n")

    def row(self, number: int) -> dict[str, Any]:
        """One row of LiteLLM_SpendLogs with stored messages."""
        chance = self.chance
        account = int(ACCOUNTS * chance.random() ** 2)
        started = START + timedelta(seconds=number * 0.3)
        asked, answered = chance.randint(50, 4_000), chance.randint(10, 1_000)
        text = " ".join(chance.choices(self.words, k=chance.randint(20, 60)))
        prompt = f"{chance.choice(TASKS)} {chance.choice(FORMS)}: {text}"
        key = hashlib.sha256(f"key {account}".encode()).hexdigest()
        ip = f"240.{account % 50}.{account // 50}.{number % 3 + 1}"
        owner = f"acct_{account:05d}"
        metadata = {
            "user_api_key": key,
            "user_api_key_user_id": owner,
            "user_api_key_org_id": f"org_{account % 300}",
            "user_agent": f"OpenAI/Python 2.{account % 7}.0",
            "spend_logs_metadata": {"device_fingerprint": f"dv_{account // 3}"},
            "status": "success",
        }
        return {
            "request_id": f"chatcmpl-{uuid.UUID(int=chance.getrandbits(128))}",
            "call_type": "acompletion",
            "api_key": key,
            "spend": round(asked * 3e-6, 8),
            "total_tokens": asked + answered,
            "prompt_tokens": asked,
            "completion_tokens": answered,
            "startTime": started.isoformat(),
            "endTime": (started + timedelta(seconds=2)).isoformat(),
            "model": "hosted_vllm/northlight-large",
            "model_group": "northlight-large",
            "user": owner,
            "metadata": metadata,
            "cache_hit": "False",
            "request_tags": ["synthetic"],
            "end_user": "",
            "requester_ip_address": ip,
            "messages": [
                {"role": "system", "content": "You are a careful assistant."},
                {"role": "user", "content": prompt},
            ],
            "response": {},
            "session_id": f"s-{number // 9}",
            "status": "success",
            "proxy_server_request": {},
        }


def middle(stages: Iterable[Stage]) -> Stage:
    """The run of middle cost: the yardstick is short, so one run of it says little."""
    ordered = sorted(stages, key=lambda stage: stage.cpu_seconds)
    return ordered[len(ordered) // 2]


def measure(rows: int, seed: int) -> tuple[int, list[Stage]]:
    """Write the file, then scan, map and ingest it; returns its bytes and the stages."""
    with tempfile.TemporaryDirectory() as scratch:
        path, workspace = Path(scratch) / "spend_logs.jsonl", Path(scratch) / "workspace"
        Rows(seed).write(path, rows)
        scan = [sys.executable, "-c", SCAN, str(path)]
        command = [sys.executable, "-m", "workbench", "ingest", str(path), "--json"]
        stages = [
            middle(measured("scan (yardstick)", scan) for _ in range(5)),
            measured("map", [sys.executable, "-c", MAP, str(path)]),
            measured("ingest", [*command, "--workspace", str(workspace)]),
        ]
        return path.stat().st_size, stages


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=4)
    chosen = parser.parse_args()
    size, stages = measure(chosen.rows, chosen.seed)
    scan = stages[0]
    ratios = {
        stage.name: {
            "wall": round(stage.wall_seconds / scan.wall_seconds, 1),
            "cpu": round(stage.cpu_seconds / scan.cpu_seconds, 1),
        }
        for stage in stages[1:]
    }
    for stage in stages:
        print(f"{stage.name:<18}{stage.wall_seconds:>8.1f} s wall{stage.cpu_seconds:>8.1f} s CPU")
    print(f"times the scan (target {TARGET:.0f}): {json.dumps(ratios)}")
    names = ("duckdb", "pyarrow", "orjson", "numpy")
    about = {
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in names},
        "cpus": os.cpu_count(),
        "megabytes": round(size / 1e6, 1),
        **vars(chosen),
    }
    kept = {
        "about": about,
        "target": TARGET,
        "ratios": ratios,
        "stages": [asdict(s) for s in stages],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
