"""Stored messages become the text of a prompt."""

from __future__ import annotations

import duckdb
import orjson
import pyarrow as pa
import pytest

from ingest.prompts import text_of, text_sql


def as_json(value: object) -> str:
    return orjson.dumps(value).decode()


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        (as_json([{"role": "system", "content": "Be brief"}, {"role": "user", "content": "hi"},
                  {"role": "assistant", "content": "no"}]), "Be brief\nhi"),
        (as_json([{"role": "user", "content": [{"type": "text", "text": "a"},
                  {"type": "image_url", "image_url": {"url": "x"}},
                  {"type": "text", "text": "b"}]}]), "a\nb"),
        (as_json({"model": "m", "messages": [{"role": "user", "content": "q"}]}), "q"),
        ("plain text", "plain text"),
        ("[not json", "[not json"),
        ("{curly but plain}", "{curly but plain}"),
        ('[1, "x", null]', '[1, "x", null]'),
        ('[{"role": "user", "content": null}]', None),
        (as_json({"system": "S", "messages": [{"role": "user", "content": [
                  {"type": "tool_result", "content": "no"}, {"type": "text", "text": "q"}]}]}),
         "S\nq"),
        (as_json({"system": [{"text": "S"}], "messages": [{"role": "user", "content": [
                  {"text": "a"}]}, {"role": "assistant", "content": [{"text": "no"}]}]}), "S\na"),
        (as_json({"inputText": "User: hi", "textGenerationConfig": {}}), "User: hi"),
        (as_json({"prompt": "<|user|>hi", "max_gen_len": 3}), "<|user|>hi"),
        (as_json({"message": "hi", "chat_history": []}), "hi"),
        (as_json({"systemInstruction": {"parts": [{"text": "S"}]}, "contents": [
                  {"role": "user", "parts": [{"text": "a"}, {"text": "b"}]},
                  {"role": "model", "parts": [{"text": "no"}]}]}), "S\na\nb"),
        (as_json({"instructions": "S", "input": [{"role": "user", "content": [
                  {"type": "input_text", "text": "q"}]}]}), "S\nq"),
        (as_json([{"role": "user", "parts": [{"type": "text", "content": "q"},
                  {"type": "blob", "content": "AAAA"}]},
                  {"role": "tool", "parts": [{"type": "text", "content": "no"}]}]), "q"),
        (as_json([{"type": "text", "content": "S"}]), "S"),
        (as_json({"content": "an event"}), "an event"),
        (as_json([{"role": "user", "content": "[INST] {x}"}]), "[INST] {x}"),
        (as_json({"other": "member"}), as_json({"other": "member"})),
        ("", ""),
        (None, None),
        ("'; DROP TABLE stored; --", "'; DROP TABLE stored; --"),
        ("[" * 5000, "[" * 5000),
    ],
)  # fmt: skip
def test_text_of(stored: str | None, text: str | None) -> None:
    assert text_of(pa.array([stored], pa.string())).to_pylist() == [text]


def test_order_and_length_are_kept() -> None:
    stored = [as_json([{"role": "user", "content": f"text {i}"}]) for i in range(5000)]
    assert text_of(pa.chunked_array([stored[:7], stored[7:]])).to_pylist() == [
        f"text {i}" for i in range(5000)
    ]


def test_the_expression_works_in_any_query() -> None:
    with duckdb.connect() as connection:
        connection.execute('CREATE TABLE t AS SELECT \'[{"role":"user","content":"q"}]\' AS "a b"')
        expression = text_sql('"a b"')
        assert connection.execute(f"SELECT {expression} FROM t").fetchall() == [("q",)]
