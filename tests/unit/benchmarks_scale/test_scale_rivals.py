"""Rivals answer the same question: every engine's table is ours, row for row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.scale import rivals


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    rng, folder = np.random.default_rng(1), tmp_path_factory.mktemp("exchanges")
    found = []
    for day in range(2):
        rows = 500
        begin = pd.Timestamp("2026-04-22", tz="UTC") + pd.Timedelta(days=day)
        table = pd.DataFrame({
            "account_id": [f"acct_{n}" for n in rng.integers(0, 30, rows)],
            "ts": begin + pd.to_timedelta(rng.integers(0, 86_400_000_000, rows), unit="us"),
            "ip": [f"240.0.0.{n}" for n in rng.integers(0, 40, rows)],
            "device_fingerprint": [None if n < 5 else f"dv_{n}" for n in rng.integers(0, 30, rows)],
            "prompt_cluster": [None if n < 10 else f"pc_{n}" for n in rng.integers(0, 20, rows)],
        })  # fmt: skip
        table["ts"] = table["ts"].astype("datetime64[us, UTC]")
        table.to_parquet(folder / f"{day}.parquet", index=False)
        found.append(str(folder / f"{day}.parquet"))
    return found


@pytest.mark.parametrize("engine", [name for name in rivals.ENGINES if name != "ours"])
def test_engines_agree(engine: str, files: list[str], tmp_path: Path) -> None:
    if not rivals.ENGINES[engine].here:
        pytest.skip(f"{engine} is a peer of the bench and is not installed")
    for name in ("ours", engine):
        (tmp_path / name).mkdir()
        rivals.ENGINES[name].find(files, tmp_path / name)
    rivals.check_equal(tmp_path / "ours", tmp_path / engine)


def test_a_table_that_differs_is_told(files: list[str], tmp_path: Path) -> None:
    for name, chosen in (("ours", files), ("duckdb", files[:1])):
        (tmp_path / name).mkdir()
        rivals.ENGINES["duckdb"].find(chosen, tmp_path / name)
    with pytest.raises(ValueError, match="duckdb and ours differ in"):
        rivals.check_equal(tmp_path / "ours", tmp_path / "duckdb")
