"""Prompt clusters: templates found, greetings and quoted passages not mistaken for them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from graph_models.errors import BadDataError
from ingest.prompts import cluster, sketch

Say = Callable[[int], str]


@pytest.fixture
def say() -> Say:
    """Words at random: two texts hardly ever share a run of four."""
    rng = np.random.default_rng(3)
    words = [
        "".join(rng.choice(list("abcdefghiklmnoprstuvw"), n)) for n in rng.integers(3, 9, 4000)
    ]
    return lambda length: " ".join(words[i] for i in rng.integers(0, len(words), length))


def labels(texts: list[str | None]) -> list[str | None]:
    sketches = sketch(pa.array(texts, pa.string()))
    found = cluster(sketches)
    names = dict(zip(found["prompt_key"].to_pylist(), found["cluster"].to_pylist(), strict=True))
    return [names.get(key) for key in sketches["prompt_key"].to_pylist()]


def only(found: list[str | None]) -> str | None:
    assert len(set(found)) == 1, set(found)
    return found[0]


def test_templates_are_told_apart_and_diverse_texts_stay_alone(say: Say) -> None:
    one = [f"Write a product text for {say(i % 12 + 1)} aimed at {say(3)} in a friendly tone"
           for i in range(40)]  # fmt: skip
    two = [
        f"Prove that {say(4)} implies {say(i % 6 + 2)} and name every lemma you use"
        for i in range(40)
    ]
    found = labels(one + two + [say(40) for _ in range(100)])
    assert only(found[:40]) != only(found[40:80])
    assert only(found[:40]).startswith("pc_")
    assert only(found[80:]) is None


def test_a_corpus_of_one_template_is_one_cluster(say: Say) -> None:
    texts = [
        f"Give your full reasoning about {say(i % 9 + 1)} before the final answer"
        for i in range(50)
    ]
    assert only(labels(texts)) is not None


def test_short_frames(say: Say) -> None:
    french = [f"Translate to French: {say(12)}" for _ in range(20)]
    german = [f"Translate the following text to German:\n{say(30)}" for _ in range(20)]
    found = labels(french + german)
    assert None not in (only(found[:20]), only(found[20:]))
    assert found[0] != found[20]


def test_long_slots_do_not_push_the_frame_out(say: Say) -> None:
    before = [f"Review the module below and list every bug.\n{say(900)}" for _ in range(20)]
    after = [
        f"{say(900)}\nWhich of these lines would you take out, and for what reason?"
        for _ in range(20)
    ]
    code = [
        f"Refactor this so that no global state is left:\n```\n{say(300)}\n```" for _ in range(20)
    ]
    found = labels(before + after + code)
    assert len({only(found[:20]), only(found[20:40]), only(found[40:])} - {None}) == 3


def test_a_shared_greeting_does_not_join_templates(say: Say) -> None:
    hello = "Hello, could you please help me with this?"
    one = [f"{hello} Write a product text for {say(4)} and aim it at {say(3)} in a warm tone"
           for _ in range(30)]  # fmt: skip
    two = [f"{hello} Prove with full rigour that {say(4)} implies {say(4)} and name all you use"
           for _ in range(30)]  # fmt: skip
    free = [f"{hello} {say(30)}" for _ in range(40)]
    found = labels(one + two + free + [say(30) for _ in range(200)])
    assert len({only(found[:30]), only(found[30:60]), only(found[60:100])}) == 3
    assert only(found[100:]) is None


def test_a_passage_that_many_templates_quote_is_not_a_template(say: Say) -> None:
    passages = [say(60) for _ in range(40)]
    forms = [f"{say(2)} {{}} {say(8)}" for _ in range(15)]
    texts = [form.format(passage) for form in forms for passage in passages]
    found = labels(texts)
    clusters = pd.Series(found).to_numpy().reshape(len(forms), len(passages))
    assert [only(list(row)) for row in clusters[:, :]]
    assert len(set(clusters[:, 0])) == len(forms)


def test_paraphrased_parts_do_not_split_a_template(say: Say) -> None:
    starts = (
        "You are an expert reviewer of scientific papers",
        "Act as a seasoned referee of academic work",
    )
    rng = np.random.default_rng(1)
    rest = (
        "Read the abstract {} and list three weaknesses of the method, two strengths of {} and more"
    )
    texts = [f"{starts[rng.integers(2)]}. {rest.format(say(5), say(2))}" for _ in range(60)]
    assert only(labels(texts)) is not None


def test_equal_masked_text_is_a_cluster_and_one_text_alone_is_none() -> None:
    found = labels(["What is 12 + 7?", "What is 3 + 4?", "Hello there", "Hello there", None, ""])
    assert only(found[:2]) is not None
    assert found[2:] == [None, None, None, None]


def test_a_popular_prompt_is_a_cluster_when_uses_are_known() -> None:
    sketches = sketch(pa.array(["tell me a joke", "something else"]))
    found = cluster(sketches.append_column("uses", pa.array([40, 1])))
    names = dict(zip(found["prompt_key"].to_pylist(), found["cluster"].to_pylist(), strict=True))
    first, second = (names[key] for key in sketches["prompt_key"].to_pylist())
    assert first is not None
    assert second is None


def test_ids_of_frames_stay_when_the_corpus_grows(say: Say) -> None:
    texts = [
        f"Write a product text for {say(3)} aimed at {say(3)} in a friendly tone" for _ in range(30)
    ]
    more = [f"Prove that {say(4)} implies {say(3)} and name every lemma you use" for _ in range(30)]
    assert labels(texts)[0] == labels(texts + more + [say(30) for _ in range(500)])[0]


def test_nothing_in_nothing_out() -> None:
    assert cluster(sketch(pa.array([], pa.string()))).num_rows == 0
    assert cluster(sketch(pa.array([None, None], pa.string()))).num_rows == 0
    assert cluster(sketch(pa.array(["", "??"]))).column("cluster").to_pylist() == [None, None]


def test_missing_columns_are_named() -> None:
    with pytest.raises(BadDataError, match="shingles"):
        cluster(pa.table({"prompt_key": [1]}))
