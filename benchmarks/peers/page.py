"""docs/peers.md and what the run prints, both written from the kept figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.measured import with_part
from benchmarks.peers.verdict import summary

__all__ = ["BEGIN", "printed", "with_measured"]

BEGIN = "<!-- measured: written by `make peers`; do not edit -->"
_HEAD = ("table", "method", "pair P", "pair R", "pair F", "B³ F", "s", "× ours")
_MEASURES = ("pair_precision", "pair_recall", "pair_f", "b3_f", "seconds", "times_ours")


def with_measured(page: str, kept: Mapping[str, Any]) -> str:
    """The page with its measured part written anew; ValueError when it has no such part."""
    return with_part(page, BEGIN, _measured(kept))


def printed(kept: Mapping[str, Any]) -> str:
    """The same tables for a terminal."""
    rows = [_cells(line) for line in summary(kept["rows"])]
    widths = (26, 22, 8, 8, 8, 8, 9, 8)
    table = [_aligned(_HEAD, widths), *(_aligned(row, widths) for row in rows)]
    lost = [
        f"behind {loss['method']} on {loss['table']} (seed {loss['seed']}): "
        f"B³ F {-loss['b3_f']:+.3f}, pair F {-loss['pair_f']:+.3f}; {loss['cause']}\n"
        f"    {loss['command']}"
        for loss in kept["losses"]
    ]
    return "\n".join([*table, "", *lost, *_skipped(kept)])


def _measured(kept: Mapping[str, Any]) -> str:
    about = kept["about"]
    seeds = ", ".join(map(str, about["seeds"]))
    begin = (
        f"Split `{about['split']}`, seeds {seeds}, {about['date']}, version {about['version']}; "
        f"means over seeds, seconds of wall time on {about['machine']}."
    )
    head = ["| " + " | ".join(_HEAD) + " |", "|---" * len(_HEAD) + "|"]
    rows = ["| " + " | ".join(_cells(line)) + " |" for line in summary(kept["rows"])]
    skipped = [f"- {line}" for line in _skipped(kept)]
    parts = [begin, "\n".join([*head, *rows]), _losses(kept["losses"]), "\n".join(skipped),
             "### Configurations", _settings(kept["peers"])]  # fmt: skip
    return "\n\n".join(part for part in parts if part)


def _losses(losses: Sequence[Mapping[str, Any]]) -> str:
    if not losses:
        return "No peer is ahead of ours on any table and seed."
    head = "| table | seed | ahead | B³ F | pair F | cause | again |\n|---|---|---|---|---|---|---|"
    rows = [
        f"| {loss['table']} | {loss['seed']} | {loss['method']} | {loss['b3_f']:+.3f} "
        f"| {loss['pair_f']:+.3f} | {loss['cause']} | `{loss['command']}` |"
        for loss in losses
    ]
    return "\n".join(["Where a peer is ahead of ours, and by how much:", "", head, *rows])


def _settings(peers: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        f"- **{peer['name']}** ({len(peer['settings'])} settings): {peer['reason']} "
        f"`{json.dumps(peer['settings'])}`"
        for peer in peers
    ]
    return "\n".join(rows)


def _skipped(kept: Mapping[str, Any]) -> list[str]:
    return [f"{each['name']}: {each['why']}" for each in kept["skipped"]]


def _cells(line: Mapping[str, Any]) -> list[str]:
    if line["failed"]:
        return [line["table"], line["method"], f"failed: {line['failed']}", *[""] * 5]
    return [line["table"], line["method"], *(_figure(name, line[name]) for name in _MEASURES)]


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.1f}" if name in ("seconds", "times_ours") else f"{value:.3f}"


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = "".join(f"{cell:<{width}}" for cell, width in zip(cells[:2], widths[:2], strict=True))
    return first + "".join(
        f"{cell:>{width}}" for cell, width in zip(cells[2:], widths[2:], strict=True)
    )
