"""How a command speaks: one JSON value on stdout, or a table for people; progress on stderr.

Everything that may come from a log goes through ``inert`` before it reaches a terminal.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from graph_models.nodes import NodeRef
from graph_models.text import inert

__all__ = ["Progress", "emit", "people", "plain"]

people = Console(stderr=True, highlight=False, markup=False)
_stdout = Console(highlight=False, markup=False, soft_wrap=False)

_MAX_CELL = 60


def plain(value: Any) -> Any:
    """A value as JSON knows it: dataclasses, frames, numpy scalars, times (ISO, UTC), nodes."""
    if isinstance(value, pd.DataFrame):
        return [plain(row) for row in value.to_dict("records")]
    if hasattr(value, "as_json"):
        return plain(value.as_json())
    if isinstance(value, NodeRef | Path):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | Sequence | set | frozenset) and not isinstance(value, str):
        return [plain(item) for item in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, datetime | date):
        text = value.isoformat()
        return text + "Z" if isinstance(value, datetime) and value.tzinfo is None else text
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def emit(
    value: Any,
    *,
    as_json: bool,
    title: str = "",
    columns: Sequence[str] = (),
    longest: int = _MAX_CELL,
) -> None:
    """Print a result: JSON when asked, else a table (list of rows) or a list of fields.

    A table shows ``columns`` only, and at most ``longest`` characters of a value.
    """
    data = plain(value)
    if as_json:
        _stdout.file.write(json.dumps(data, ensure_ascii=True, allow_nan=False) + "\n")
        return
    if isinstance(data, list) and all(isinstance(row, dict) for row in data):
        _print_table(data, title, columns, longest)
    elif isinstance(data, dict):
        _print_fields(data, title)
    else:
        _stdout.print(inert(str(data), limit=10_000))


def _print_table(
    rows: list[dict[str, Any]], title: str, columns: Sequence[str], longest: int = _MAX_CELL
) -> None:
    if not rows:
        people.print(f"{title or 'Result'}: none.")
        return
    names = list(columns) or [name for name in rows[0] if not isinstance(rows[0][name], dict)]
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for name in names:
        number = isinstance(rows[0].get(name), int | float)
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row.get(name), longest)) for name in names))
    _stdout.print(table)


def _print_fields(data: dict[str, Any], title: str) -> None:
    if title:
        _stdout.print(Text(title, style="bold"))
    for key, value in data.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            _print_table(value, key, ())
        else:
            _stdout.print(Text(f"  {key:<18} {_cell(value, limit=400)}"))


def _cell(value: Any, limit: int = _MAX_CELL) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, dict):
        value = ", ".join(f"{key} {_cell(item)}" for key, item in value.items())
    elif isinstance(value, list):
        value = ", ".join(_cell(item) for item in value)
    return inert(str(value), limit=limit)


class Progress:
    """Progress for people on stderr: one line a step, rewritten in place on a terminal."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet

    def __call__(self, step: str, done: float | None = None) -> None:
        """Say what is being done; ``done`` is a share between 0 and 1 where it is known."""
        if self.quiet:
            return
        share = "" if done is None else f" {done:4.0%}"
        people.print(Text(f"… {inert(step, limit=160)}{share}"))
