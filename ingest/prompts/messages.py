"""Stored messages → the text of a prompt: what system and user said, without the model's turns."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

__all__ = ["text_of", "text_sql"]

ASKED = "('system', 'developer', 'user')"  # roles that write the prompt; answers are not prompts


def text_sql(column: str) -> str:
    """A DuckDB expression: the prompt text in ``column``, JSON messages flattened.

    A column may hold plain text, a list of ``{role, content}`` or an object with ``messages``;
    content is text or a list of ``{type, text}`` parts. What is no such JSON is text already.

    Args:
        column: the column's name as SQL, quoted by the caller.
    """
    source = f"CAST({column} AS VARCHAR)"
    # A text that is no JSON is read as an empty list: DuckDB may evaluate both branches of a CASE.
    json = f"CASE WHEN json_valid({source}) THEN {source} ELSE '[]' END"
    turns = f"list_concat(json_extract({json}, '$[*]'), json_extract({json}, '$.messages[*]'))"
    said = (
        "CASE json_type(turn, '$.content') WHEN 'ARRAY'"
        " THEN array_to_string(json_extract_string(turn, '$.content[*].text'), chr(10))"
        " ELSE json_extract_string(turn, '$.content') END"
    )
    asked = f"list_filter({turns}, lambda turn: json_extract_string(turn, '$.role') IN {ASKED})"
    flat = f"array_to_string(list_transform({asked}, lambda turn: {said}), chr(10))"
    looks = f"regexp_matches({source}, '^\\s*[\\[{{]')"
    return f"CASE WHEN {looks} THEN coalesce(nullif({flat}, ''), {source}) ELSE {source} END"


def text_of(messages: Any) -> Any:
    """The prompt texts of an Arrow array of stored messages (see ``text_sql``), in order."""
    column = messages if isinstance(messages, pa.ChunkedArray) else pa.chunked_array([messages])
    table = pa.table({"place": pa.array(range(len(column)), pa.int64()), "messages": column})
    with duckdb.connect() as connection:
        connection.register("stored", table)
        query = f"SELECT {text_sql('messages')} AS text FROM stored ORDER BY place"
        flattened: Any = connection.sql(query).to_arrow_table()
    return flattened["text"].cast(pa.string())
