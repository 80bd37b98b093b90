"""The measured part of docs/scale.md and its picture, from the kept figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.measured import with_part
from benchmarks.quality.charts import Chart, Curve, drawn
from benchmarks.scale.growth import grown

__all__ = ["BEGIN", "picture", "printed", "told", "with_measured"]

BEGIN = "<!-- measured: written by `make bench`; do not edit -->"
_HEAD = ("rows", "stage", "CPU s", "wall s", "peak MB", "written", "x scan")
_RIVAL_HEAD = ("engine", "CPU s", "wall s", "peak MB", "x ours")
_PICTURED = ("ingest", "analyse", "a new day", "scan")


def with_measured(page: str, kept: Mapping[str, Any]) -> str:
    """The page with its measured part written anew; ValueError when it has no such part."""
    return with_part(page, BEGIN, _measured(kept))


def printed(size: Mapping[str, Any]) -> str:
    """The stages of one size as lines for a terminal."""
    return _aligned([_HEAD, *_rows(size)])


def told(rivals: Sequence[Mapping[str, Any]]) -> str:
    """Engines on the same rows as lines for a terminal."""
    return _aligned([_RIVAL_HEAD, *_rival_rows(rivals)])


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )


def _rival_rows(rivals: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for rival in rivals:
        yield (
            rival["name"],
            f"{rival['cpu_seconds']:.1f}",
            f"{rival['wall_seconds']:.1f}",
            f"{rival['peak_mb']:.0f}",
            f"{rival['times_ours']:.2f}",
        )


def picture(kept: Mapping[str, Any]) -> str:
    """CPU seconds over rows, both as powers of ten, one small chart a stage."""
    sizes = [size["millions"] for size in kept["sizes"]]
    span = (math.log10(min(sizes)), math.log10(max(max(sizes), 2 * min(sizes))))
    slopes = grown(kept["sizes"])
    charts = [
        _curve(name, _points(kept["sizes"], name), span, slopes.get(name)) for name in _PICTURED
    ]
    return drawn(
        [chart for chart in charts if chart is not None],
        "CPU seconds of each stage over millions of exchanges, both axes logarithmic",
    )


def _curve(
    name: str, points: Sequence[tuple[float, float]], x: tuple[float, float], slope: float | None
) -> Chart | None:
    if not points:
        return None
    low, high = math.floor(min(y for _, y in points)), math.ceil(max(y for _, y in points))
    return Chart(
        title=f"{name}: CPU s, log10",
        curves=[Curve(points)],
        x=x,
        y=(float(low), float(max(high, low + 1))),
        marks=[(at, f"{10**at:.0f} M") for at in x],
        note=f"exponent {slope}" if slope is not None else "",
        note_high=True,
    )


def _points(sizes: Sequence[Mapping[str, Any]], name: str) -> list[tuple[float, float]]:
    return [
        (math.log10(size["millions"]), math.log10(max(stage["cpu_seconds"], 0.01)))
        for size in sizes
        for stage in size["stages"]
        if stage["name"] == name
    ]


def _scan_of(size: Mapping[str, Any]) -> float:
    scans = [stage["cpu_seconds"] for stage in size["stages"] if stage["name"] == "scan"]
    return sum(scans) / len(scans) if scans else float("nan")


def _rows(size: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    scan = _scan_of(size)
    for stage in size["stages"]:
        yield (
            f"{size['millions']} M",
            stage["name"],
            f"{stage['cpu_seconds']:.1f}",
            f"{stage['wall_seconds']:.1f}",
            f"{stage['peak_mb']:.0f}",
            f"{stage['bytes'] / 1e6:.0f} MB" if stage["bytes"] else "",
            f"{stage['cpu_seconds'] / scan:.1f}",
        )


def _measured(kept: Mapping[str, Any]) -> str:
    about = kept["about"]
    machine = ", ".join(f"{key} {value}" for key, value in sorted(about.items()))
    lines = [
        f"Measured: {machine}.",
        "",
        *_table(_HEAD, (row for size in kept["sizes"] for row in _rows(size))),
        "",
        "Growth exponents of CPU seconds (1 is linear): "
        + (", ".join(f"{name} {slope}" for name, slope in grown(kept["sizes"]).items()) or "none")
        + ".",
        "",
        *_found(kept["sizes"]),
        "",
        *_table(_RIVAL_HEAD, _rival_rows(kept["rivals"])),
    ]
    return "\n".join(lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _found(sizes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    head = ("rows", "accounts", "links", "communities", "accused: precision", "recall")
    accounts = [(size, size["analyse"], size["grade"]["account"]) for size in sizes]
    return _table(
        head,
        (
            (
                f"{size['millions']} M",
                *(f"{analysed[name]:,}" for name in head[1:4]),
                f"{account['precision']:.3f}",
                f"{account['recall']:.3f}",
            )
            for size, analysed, account in accounts
        ),
    )
