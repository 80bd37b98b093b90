"""Sketches: one row a text, what is masked, what is kept, what the key hides."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from graph_models.errors import BadDataError
from ingest.prompts import SKETCH_SCHEMA, sketch
from ingest.prompts.keys import permute, restore, round_keys
from ingest.prompts.shapes import KEPT


def shingles(text: str, key: bytes = b"") -> list[int]:
    return sketch(pa.array([text]), key=key)["shingles"][0].as_py()


def test_one_row_a_text_in_order_and_nulls_stay_null() -> None:
    table = sketch(pa.array(["first text here", None, "", "first text here"]))
    assert table.schema == SKETCH_SCHEMA
    rows = table.to_pylist()
    assert rows[0] == rows[3]
    assert set(rows[1].values()) == {None}
    assert rows[2]["shingles"] == []
    assert rows[2]["tokens"] == 0
    assert rows[2]["prompt_key"] != rows[0]["prompt_key"]


@pytest.mark.parametrize("type_", [pa.string(), pa.large_string(), pa.string_view()])
def test_every_arrow_text_type_and_any_chunking_give_the_same(type_: pa.DataType) -> None:
    texts = ["one two three four five", "Übergrößen prüfen bitte", None, "x" * 50] * 5
    whole = sketch(pa.array(texts, pa.string()))
    array = pa.array(texts, type_)
    assert sketch(array).equals(whole)
    assert sketch(pa.chunked_array([array[:3], array[3:3], array[3:]])).equals(whole)
    assert sketch(pa.array(texts).dictionary_encode()).equals(whole)
    assert sketch(array[7:12]).equals(whole.slice(7, 5))


def test_no_texts_give_an_empty_table() -> None:
    assert sketch(pa.array([], pa.string())).num_rows == 0
    assert sketch(pa.chunked_array([], pa.string())).schema == SKETCH_SCHEMA


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(BadDataError, match="text"):
        sketch(pa.array([[1], [2]]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Order 17 boxes by Monday please", "order 4,250.75 boxes by monday, please!"),
        ('Say "good morning" to the new guest', 'Say "farewell, old friend" to the new guest'),
        ("Say “good day” to the new guest", "Say “it is raining” to the new guest"),
        ("Fix this ```a = 1``` and say why", "Fix this ```\nfor x in y:\n  pass\n``` and say why"),
        ("Read https://a.example/x?y=1 and sum up", "Read http://b.example/ and sum up"),
        ("Look at user a3f9b2 and tell me more", "Look at user 77de01 and tell me more"),
        ("Don't stop the old machine now", "Don’t stop the old machine now"),
        ("caf\u00e9 owners like good coffee beans", "cafe\u0301 owners like good coffee beans"),
        ("trans\u200blate the whole text \u202enow", "translate the whole text now"),
    ],
)  # fmt: skip
def test_slots_case_accents_and_hidden_marks_do_not_matter(one: str, other: str) -> None:
    assert shingles(one) == shingles(other)
    first, second = sketch(pa.array([one, other]))["prompt_key"].to_pylist()
    assert first != second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the students' books and the teachers' pens", "the students' cups and the teachers' pens"),
        ('a 5" pipe is what I need today', 'a 5" nail is what I need today'),
        ('"Write a story about a fox"', '"Write a poem about the sea"'),
        ("12345", "67890"),
        ("请把下面的文字翻译成英文", "请把下面的文字翻译成法文"),
    ],
)
def test_words_that_only_look_like_a_slot_do_matter(one: str, other: str) -> None:
    assert shingles(one) != shingles(other)


def test_a_short_text_has_one_shingle_of_the_whole() -> None:
    assert len(shingles("hi")) == 1
    assert shingles("hi") != shingles("yo")


def test_the_ends_of_a_long_text_are_kept_and_the_rest_is_bounded() -> None:
    body = " ".join(f"word{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}x" for i in range(5000))
    long = shingles(
        f"please review the following module carefully {body} answer in valid json only"
    )
    assert len(long) <= KEPT
    head = set(shingles("please review the following module carefully"))
    tail = set(shingles("answer in valid json only"))
    assert len(head & set(long)) >= 3
    assert len(tail & set(long)) >= 3


def test_labels_in_turn_are_seen_whatever_stands_between() -> None:
    one = set(shingles("Title: red fox. Review: it ran far away from us all Answer:"))
    other = set(shingles("Title: sea Review: calm and blue Answer:"))
    assert len(one & other) >= 3


def test_a_key_hides_hashes_and_keeps_equality() -> None:
    texts = pa.array(["tell me a story about foxes", "tell me a story about geese", None])
    plain, keyed = sketch(texts), sketch(texts, key=b"secret")
    plain_values = plain["shingles"].combine_chunks().flatten().to_numpy()
    keyed_values = keyed["shingles"].combine_chunks().flatten().to_numpy()
    assert not set(plain_values) & set(keyed_values)
    assert not set(plain["prompt_key"].to_pylist()[:2]) & set(keyed["prompt_key"].to_pylist()[:2])
    assert (restore(keyed_values.view(np.uint64), b"secret").view(np.int64) == plain_values).all()
    for column in ("tokens", "capability", "elicitation"):
        assert plain[column].equals(keyed[column])


def test_the_cipher_is_speck_64_128() -> None:
    """The test vector of the paper's appendix C."""
    from ingest.prompts import keys

    x, y = np.array([0x3B726574], np.uint32), np.array([0x7475432D], np.uint32)
    keys._encrypt(x, y, round_keys((0x03020100, 0x0B0A0908, 0x13121110, 0x1B1A1918)))
    assert (x[0], y[0]) == (0x8C6FA548, 0x454E028B)


def test_permuting_is_a_bijection_that_depends_on_the_key() -> None:
    hashes = np.random.default_rng(1).integers(0, 2**64, 100_000, dtype=np.uint64)
    hidden = permute(hashes, b"k")
    assert (restore(hidden, b"k") == hashes).all()
    assert (permute(hashes, b"l") != hidden).all()
    assert (permute(hashes, b"") == hashes).all()


def test_hostile_texts_are_linear_and_never_crash() -> None:
    hostile = ["\x00" * 5000, "‮" * 3000, "a" + "\u0301" * 20_000, "'a " * 50_000, "“" * 50_000,
               '"' * 50_001, "`" * 50_001, "```" + "x " * 50_000, "💣" * 9000, ":" * 50_000,
               "a" * 1_000_000, "1 " * 100_000, "\U000e0041" * 4000, "\ufffd\uffff",
               "«" * 50_000]  # fmt: skip
    table = sketch(pa.array(hostile))
    assert table.num_rows == len(hostile)
    assert max(len(kept) for kept in table["shingles"].to_pylist()) <= KEPT


def test_bytes_that_are_no_utf8_are_taken_as_they_are() -> None:
    broken = [b"caf\xe9 \xff\xfe \xc0\x80 end of text", b"\xf0\x9f", b"\xe2\x80", b"\xed\xa0\x80 x"]
    array = pa.array(broken, pa.large_binary())
    view = pa.Array.from_buffers(pa.large_string(), len(array), array.buffers())
    assert sketch(view)["tokens"].to_pylist()[0] >= 4
