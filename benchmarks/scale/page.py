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
_SIDE_HEAD = ("engine", "CPU s", "of it work", "wall s", "peak MB", "x ours", "work x ours")
_SHARES = ("precision", "no strangers", "recall", "precision of as many", "modularity", "Rand")
_PICTURED = ("ingest", "analyse", "a new day", "scan")


def with_measured(page: str, kept: Mapping[str, Any]) -> str:
    """The page with its measured part written anew; ValueError when it has no such part."""
    return with_part(page, BEGIN, _measured(kept))


def printed(size: Mapping[str, Any]) -> str:
    """The stages of one size as lines for a terminal."""
    return _aligned([_HEAD, *_rows(size)])


def told(side: Mapping[str, Any]) -> str:
    """Engines on the same rows as lines for a terminal."""
    rows = [(*_SIDE_HEAD, *_worth_of(side)), *_side_rows(side)]
    return "\n".join([_asked(side), _aligned(rows), *_whys(side)])


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )


def _asked(side: Mapping[str, Any]) -> str:
    return f"{side['question'][:1].upper()}{side['question'][1:]} ({side['of']}):"


def _worth_of(side: Mapping[str, Any]) -> list[str]:
    """What answers to a question are told to be worth, in the order of the first that says so."""
    return list(next((row["worth"] for row in _answered(side) if row["worth"]), {}))


def _answered(side: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in side["engines"] if "left_out" not in row]


def _side_rows(side: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for row in _answered(side):
        yield (
            row["name"],
            f"{row['cpu_seconds']:.1f}",
            f"{row['work_cpu_seconds']:.2f}",
            f"{row['wall_seconds']:.1f}",
            f"{row['peak_mb']:.0f}",
            f"{row['times_ours']:.2f}",
            f"{row['times_ours_work']:.2f}",
            *(_value(name, row["worth"][name]) for name in _worth_of(side)),
        )


def _value(name: str, value: float) -> str:
    return f"{value:.3f}" if name in _SHARES else f"{value:,}"


def _whys(side: Mapping[str, Any]) -> Iterator[str]:
    """Who was left out, and why somebody costs less than ours."""
    for row in side["engines"]:
        if "left_out" in row:
            yield f"{row['name']}: {row['left_out']}."
        elif row["why"]:
            yield f"{row['name']} costs less: {row['why']}"


def picture(kept: Mapping[str, Any]) -> str:
    """CPU seconds over rows, both axes logarithmic, one small chart a stage; dashed is linear."""
    sizes = [size["millions"] for size in kept["sizes"]]
    span = (math.log10(min(sizes)), math.log10(max(max(sizes), 2 * min(sizes))))
    slopes = grown(kept["sizes"])
    charts = [
        _curve(name, _points(kept["sizes"], name), span, slopes.get(name)) for name in _PICTURED
    ]
    return drawn(
        [chart for chart in charts if chart is not None],
        "CPU seconds of each stage over millions of exchanges, logarithmic; dashed is linear",
    )


def _curve(
    name: str, points: Sequence[tuple[float, float]], x: tuple[float, float], slope: float | None
) -> Chart | None:
    if not points:
        return None
    low, high = math.floor(min(y for _, y in points)), math.ceil(max(y for _, y in points))
    high = max(high, low + 1)
    begin, first = points[0]
    reach = min(x[1] - begin, high - first)  # the line of linear growth ends at the frame
    linear = Curve([(begin, first), (begin + reach, first + reach)], style="goal")
    return Chart(
        title=f"{name}: CPU s",
        curves=[linear, Curve(points)],
        x=x,
        y=(float(low), float(high)),
        marks=[(at, f"{10**at:.0f} M") for at in sorted({at for at, _ in points} | {*x})],
        levels=[(at, f"{10.0**at:g}") for at in range(low, high + 1)],
        note=f"exponent {slope}" if slope is not None else "",
    )


def _points(sizes: Sequence[Mapping[str, Any]], name: str) -> list[tuple[float, float]]:
    """One point a size; of a stage that ran more than once, such as the scan, the mean."""
    costs = [(math.log10(size["millions"]), _cost_of(size, name)) for size in sizes]
    return [(at, math.log10(max(cost, 0.01))) for at, cost in costs if not math.isnan(cost)]


def _cost_of(size: Mapping[str, Any], name: str) -> float:
    costs = [stage["cpu_seconds"] for stage in size["stages"] if stage["name"] == name]
    return sum(costs) / len(costs) if costs else math.nan


def _rows(size: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    scan = _cost_of(size, "scan")
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
        *_lines(kept),
        *(line for side in kept.get("sides", ()) for line in _side(side)),
    ]
    return "\n".join(lines)


def _lines(kept: Mapping[str, Any]) -> Iterator[str]:
    if "lines" in kept:
        yield from ("", "The same world as JSONL, whose scan is of the text:", "")
        yield from _table(_HEAD, _rows(kept["lines"]))


def _side(side: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", _asked(side), "")
    yield from _table((*_SIDE_HEAD, *_worth_of(side)), _side_rows(side))
    for why in _whys(side):
        yield from ("", why)


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
