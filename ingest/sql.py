"""Names and values as SQL text: the only place where foreign text meets a statement."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

__all__ = ["any_of", "glob_literal", "json_path", "name", "names", "silence", "text", "texts"]


def name(identifier: str) -> str:
    """A quoted identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def names(identifiers: Iterable[str]) -> str:
    """Quoted identifiers, joined by commas."""
    return ", ".join(name(identifier) for identifier in identifiers)


def text(value: str) -> str:
    """A quoted text literal."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """Quoted text literals, joined by commas."""
    return ", ".join(text(value) for value in values)


def any_of(conditions: Iterable[str]) -> str:
    """The conditions joined by OR; FALSE when there is none."""
    return " OR ".join(f"({condition})" for condition in conditions) or "FALSE"


def glob_literal(path: Path) -> str:
    """A path as DuckDB reads it when a function expands wildcards: each one stands for itself."""
    escaped = "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))
    return text(escaped)


def json_path(segments: Iterable[str]) -> str:
    """A DuckDB JSON path: every key quoted, ``[*]`` as the first element, ``*`` as a wildcard."""
    path = "$"
    for segment in segments:
        if segment == "[*]":
            path += "[0]"
        elif segment == "*":
            path += ".*"
        else:
            path += '."' + segment.replace('"', '\\"') + '"'
    return path


def silence(con: duckdb.DuckDBPyConnection) -> None:
    """Keep progress off stdout, which belongs to the answer.

    Set only where it is on: a notebook without widgets has it off and refuses the very setting.
    """
    ((shown,),) = con.execute("SELECT current_setting('enable_progress_bar')").fetchall()
    if shown:
        con.execute("SET enable_progress_bar = false")
