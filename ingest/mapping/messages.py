"""Stored messages → the text of a prompt: what system and user said, without the model's turns.

The shapes are those of the request bodies that gateways and clouds keep: OpenAI chat and responses,
Anthropic, Gemini, Bedrock Converse, Titan, Llama and Cohere bodies, OpenTelemetry ``parts``.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

__all__ = ["text_of", "text_sql"]

# Roles that write the prompt; answers are not prompts. A turn without a role is one of these:
# system blocks and single events carry none.
ASKED = "('system', 'developer', 'user', 'human')"
# Members of a request body: who instructs, the list of turns, the prompt of models that do not
# chat. The first that is there counts.
_SYSTEM = ("system", "systemInstruction", "system_instruction", "instructions")
_TURNS = ("messages", "contents", "input")
_PLAIN = ("prompt", "inputText", "input", "message", "content", "text", "query")
_TEXT_TYPES = "('text', 'input_text')"


def _let(name: str, value: str, body: str) -> str:
    """SQL: bind a name to a value, so that it is computed once."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def _members(value: str, names: tuple[str, ...]) -> str:
    """SQL: members of a JSON text as a list of JSON texts, parsed once; texts keep their quotes."""
    listed = ", ".join(f"'$.{name}'" for name in names)
    return f"CAST(json_extract({value}, [{listed}]) AS VARCHAR[])"


def _first(value: str, start: int, names: tuple[str, ...], kind: str) -> str:
    """SQL: the first member whose JSON begins with one of the signs ``kind``."""
    places = range(start + 1, start + len(names) + 1)
    cases = ", ".join(
        f"CASE WHEN {value}[{i}][1] IN ({kind}) THEN {value}[{i}] END" for i in places
    )
    return f"coalesce({cases})"


def _as_turns(body: str) -> str:
    """SQL: a request body as the JSON text of a list of turns."""
    names = (*_SYSTEM, *_TURNS, *_PLAIN)
    system = _first("m", 0, _SYSTEM, "'\"', '[', '{'")
    listed = _first("m", len(_SYSTEM), _TURNS, "'['")
    plain = _first("m", len(_SYSTEM) + len(_TURNS), _PLAIN, "'\"'")
    told = (
        f"CASE {system}[1] WHEN '{{' THEN {system} "
        f'ELSE \'{{"role":"system","content":\' || {system} || \'}}\' END'
    )
    asked = f'\'{{"role":"user","content":\' || {plain} || \'}}\''
    turns = f"coalesce(nullif({listed}[2:-2], ''), {asked})"
    return _let("m", _members(body, names), f"'[' || concat_ws(',', {told}, {turns}) || ']'")


def _asked(turns: str) -> str:
    """SQL: what is asked in turns whose content is text or a list of typed blocks or parts."""
    block = (
        f"CASE WHEN coalesce(json_extract_string(b, '$.type'), 'text') IN {_TEXT_TYPES} "
        "THEN coalesce(json_extract_string(b, '$.text'), json_extract_string(b, '$.content')) END"
    )
    blocks = "list_concat(json_extract(t, '$.content[*]'), json_extract(t, '$.parts[*]'))"
    parts = _joined(f"list_transform({blocks}, lambda b: {block})")
    content = (
        "CASE WHEN json_type(t, '$.content') = 'VARCHAR' THEN json_extract_string(t, '$.content') "
        "WHEN json_type(t, '$.text') = 'VARCHAR' THEN json_extract_string(t, '$.text') END"
    )
    asked = f"coalesce(json_extract_string(t, '$.role'), 'user') IN {ASKED}"
    said = f"CASE WHEN {asked} THEN coalesce({content}, {parts}) END"
    return _joined(f"list_transform(json_extract({turns}, '$[*]'), lambda t: {said})")


def _joined(texts: str) -> str:
    """SQL: texts as lines, NULL when there is none; ``nullif`` would compute them twice."""
    return f"list_aggregate({texts}, 'string_agg', chr(10))"


def text_sql(column: str) -> str:
    """A DuckDB expression: the prompt text in ``column``, JSON messages flattened.

    A column may hold plain text, a list of turns, or a request body. A turn is ``{role, content}``
    or ``{role, parts}``; content is text or a list of ``{type, text}`` or ``{type, content}``.
    A body is an object with ``messages``, ``contents``, ``input``, ``prompt`` or ``inputText`` and
    perhaps ``system``. What is no such JSON is text already; turns without any text give NULL.

    Args:
        column: the column's name as SQL, quoted by the caller.
    """
    source = f"CAST({column} AS VARCHAR)"
    # A text that is no JSON is read as an empty list: DuckDB may evaluate both branches of a CASE.
    json = f"CASE WHEN json_valid({source}) THEN {source} ELSE '[]' END"
    is_list = f"regexp_matches({source}, '^\\s*\\[')"
    turns = f"CASE WHEN {is_list} THEN {json} ELSE {_as_turns(json)} END"
    other = f"CASE WHEN NOT json_exists(j, '$[0].role') THEN {source} END"
    found = f"coalesce({_asked('j')}, {other})"
    looks = f"regexp_matches({source}, '^\\s*[\\[{{]')"
    return f"CASE WHEN {looks} THEN {_let('j', turns, found)} ELSE {source} END"


def text_of(messages: Any) -> Any:
    """The prompt texts of an Arrow array of stored messages (see ``text_sql``), in order."""
    column = messages if isinstance(messages, pa.ChunkedArray) else pa.chunked_array([messages])
    table = pa.table({"place": pa.array(range(len(column)), pa.int64()), "messages": column})
    with duckdb.connect() as connection:
        connection.register("stored", table)
        query = f"SELECT {text_sql('messages')} AS text FROM stored ORDER BY place"
        flattened: Any = connection.sql(query).to_arrow_table()
    return flattened["text"].cast(pa.string())
