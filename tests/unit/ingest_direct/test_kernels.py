"""What the kernels pass unasked is what the mapping's own SQL leaves as it is."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import duckdb
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_models.buffers import text_buffers
from ingest.direct.kernels import (
    LONGEST_ID,
    SHIFTS,
    SIGNS,
    SINES,
    md5_codes,
    packed_again,
    plain_ipv4,
    plain_tokens,
)
from ingest.direct.plan import GIVEN
from ingest.mapping.compile import Compiled, Roots
from ingest.mappings import load_mapping
from ingest.protection.leaks import SUSPECT

NOW = datetime(2026, 7, 1, tzinfo=UTC)
# Pieces of what the rules look for, so that chance meets them.
PIECES = [
    "sk-",
    "pk_",
    "AKIA",
    "AIza",
    "ghp_",
    "glpat-",
    "xoxb-",
    "eyJ",
    "hf_",
    "0000",
    "ffff",
    "-",
]
PIECES += [
    "4111111111111111",
    "4111-1111-1111-1111",
    ".",
    "a",
    "B7",
    "undefined",
    "n.a",
    "9",
    "I",
    "J",
]
WORDS = st.lists(st.sampled_from(PIECES) | st.text("abfxyz019_-.IJKAS", max_size=9), max_size=7)
TEXTS = WORDS.map("".join) | st.text(max_size=12)


def judged(column: str, texts: list[str]) -> list[tuple[str | None, bool]]:
    """Value and fault of each text by the statement of the mapping, and whether it is suspect."""
    mapping = load_mapping("canonical.exchange")
    roots = Roots(GIVEN, {column: ("given", "VARCHAR")})
    asked = Compiled(mapping, roots, NOW.replace(tzinfo=None)).emitted[0].judgement(column)
    with duckdb.connect() as con:
        con.register(
            GIVEN, pa.table({"row": range(len(texts)), "given": pa.array(texts, pa.string())})
        )
        found = con.execute(
            f"SELECT value, bad OR coalesce(regexp_matches(value, $1), FALSE) FROM ({asked}) "
            "ORDER BY row",
            [SUSPECT],
        ).fetchall()
    return [(value, bad) for value, bad in found]


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=60))
def test_a_plain_token_is_left_alone_by_every_rule(texts: list[str]) -> None:
    data, offsets = text_buffers(pa.array(texts, pa.string()))
    plain = plain_tokens(data, offsets, SIGNS)
    for column in ("exchange_id", "device_fingerprint"):
        for text, good, answer in zip(texts, plain, judged(column, texts), strict=True):
            assert not good or answer == (text, False)


def test_usual_ids_are_plain() -> None:
    ids = ["ex_rkn6ztffcsy755ve", "s_8uwnqvy9s3ka", "t13d1516h2_58a49d3d6f1c_ab", "01HZXJ3Q7M9V"]
    data, offsets = text_buffers(pa.array(ids))
    assert plain_tokens(data, offsets, SIGNS).all()


OCTET = st.integers(0, 300).map(str) | st.sampled_from(["00", "01", "", "255", "256", "1e1"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(OCTET, min_size=3, max_size=5).map(".".join), min_size=1, max_size=60))
def test_ipv4_is_what_the_statement_calls_so(texts: list[str]) -> None:
    data, offsets = text_buffers(pa.array(texts, pa.string()))
    plain = plain_ipv4(data, offsets).tolist()
    assert plain == [
        answer == (text, False) for text, answer in zip(texts, judged("ip", texts), strict=True)
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=20), st.booleans())
def test_codes_are_md5(texts: list[str], ended: bool) -> None:
    texts = [*texts, "z" * LONGEST_ID, "y" * 44, "y" * 45, "y" * 55, "y" * 56]
    array, end = pa.array(texts, pa.string()), b"\x1f2026-05-13" if ended else b""
    ends = np.frombuffer(end, np.uint8).reshape(1, -1)
    data, offsets = text_buffers(array)
    found = md5_codes(data, offsets, np.zeros(len(texts), np.int32), ends, (SINES, SHIFTS))
    for text, code in zip(texts, found.tolist(), strict=True):
        digest = hashlib.md5(text.encode() + end, usedforsecurity=False).digest()
        assert code == int.from_bytes(digest[8:], "little") >> 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-1, 6), min_size=1, max_size=40), st.data())
def test_packing_again_keeps_the_values(indices: list[int], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(indices) - 1), max_size=40))
    places = np.full(7, -1, np.int32)
    found, words = packed_again(np.array(indices, np.int32), np.array(rows, np.int64), places)
    kept = [words[i] if i >= 0 else -1 for i in found]
    assert kept == [indices[row] for row in rows]
    assert len(set(words.tolist())) == len(words)
    assert (places == -1).all()
