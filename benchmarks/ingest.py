"""Ingest against its yardstick in the same run: a scan of the same columns with the same engine.

The yardstick is the scan of ``benchmarks.scale``, of the same files. Each stage is a process of its
own; CPU and peak memory are the operating system's figures for it.
Compare ratios, not seconds: machines are shared and noisy. Data: a world's ``exchanges`` folder
(``workbench synth``), one Parquet file a day; JSON lines are the last of them, written out again.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.scale.stages import Stage, measured, scanned

RESULTS = Path(__file__).parent / "results" / "ingest.json"


@dataclass(frozen=True)
class Row:
    """One line of the table: what a stage did to how many rows."""

    stage: Stage
    rows: int
    scan: float = 0.0

    @property
    def per_row(self) -> float:
        """CPU microseconds a row."""
        return self.stage.cpu_seconds / max(1, self.rows) * 1e6

    @property
    def ratio(self) -> float:
        """CPU over that of the scan."""
        return self.stage.cpu_seconds / max(self.scan, 0.01)

    def as_json(self) -> dict[str, float | int | str]:
        """What is kept."""
        found = self.stage.as_json() | {"rows": self.rows}
        return found | {"us_per_row": round(self.per_row, 2), "x_scan": round(self.ratio, 1)}


def rows_of(files: list[Path]) -> int:
    """Rows by the footers."""
    with duckdb.connect() as con:
        names = [str(path) for path in files]
        found = con.execute("SELECT sum(num_rows) FROM parquet_file_metadata($1)", [names])
        return int(found.fetchall()[0][0])


def ingested(name: str, files: list[Path], workspace: Path) -> Row:
    """Files into a workspace, which may hold others."""
    given = [*map(str, files), "--workspace", str(workspace), "--json"]
    command = [sys.executable, "-m", "workbench", "ingest", *given]
    stage = measured(name, command, writes=workspace)
    rows = rows_of(files) if files[0].suffix == ".parquet" else 0
    return Row(stage, rows)


def as_lines(file: Path, folder: Path) -> Path:
    """A Parquet file as JSON lines."""
    out = folder / f"{file.stem}.jsonl"
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        ts = "strftime(ts, '%Y-%m-%dT%H:%M:%S.%fZ') AS ts"
        con.execute(f"COPY (SELECT * REPLACE ({ts}) FROM '{file}') TO '{out}' (FORMAT json)")
    return out


def measure(folder: Path, *, lines: bool, scratch_in: Path | None) -> list[Row]:
    """Scan, ingest all but the last day, the last day into that, nothing new, JSON lines."""
    files = sorted(folder.glob("*.parquet"))
    rows, scan = rows_of(files), scanned(files)
    with tempfile.TemporaryDirectory(dir=scratch_in) as scratch:
        place = Path(scratch)
        found = [Row(scan, rows)]
        if len(files) > 1:
            found.append(ingested("all but a day", files[:-1], place / "days"))
            found.append(ingested("a new day", files[-1:], place / "days"))
            found.append(ingested("the same again", files, place / "days"))
        else:
            found.append(ingested("ingest", files, place / "days"))
        if lines:
            text = as_lines(files[-1], place)
            row = ingested("a day of JSON lines", [text], place / "lines")
            found.append(Row(row.stage, rows_of(files[-1:])))
    share = scan.cpu_seconds / rows
    return [Row(row.stage, row.rows, share * row.rows) for row in found]


def shown(rows: list[Row]) -> None:
    """The table."""
    print(
        f"{'stage':<22}{'rows':>12}{'CPU s':>9}{'wall s':>9}{'µs/row':>8}"
        f"{'x scan':>8}{'peak MB':>9}{'MB out':>8}"
    )
    for row in rows:
        print(
            f"{row.stage.name:<22}{row.rows:>12,}{row.stage.cpu_seconds:>9.1f}"
            f"{row.stage.wall_seconds:>9.1f}{row.per_row:>8.2f}{row.ratio:>8.1f}"
            f"{row.stage.peak_mb:>9.0f}{row.stage.bytes / 1e6:>8.0f}"
        )


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", help="each with one Parquet file a day")
    parser.add_argument("--lines", action="store_true", help="also one day as JSON lines")
    parser.add_argument("--scratch", type=Path, help="where workspaces are made and removed")
    chosen = parser.parse_args()
    about = {"python": platform.python_version(), "duckdb": duckdb.__version__}
    about |= {"cpus": str(os.cpu_count()), "load": f"{os.getloadavg()[0]:.1f}"}
    kept: dict[str, object] = {"about": about}
    for folder in chosen.folders:
        rows = measure(folder, lines=chosen.lines, scratch_in=chosen.scratch)
        print(f"{folder.parent.name}, load {os.getloadavg()[0]:.1f}")
        shown(rows)
        kept[folder.parent.name] = [row.as_json() for row in rows]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
