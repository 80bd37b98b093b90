"""Clusters are a function of the set of texts: not of order, repetition, chunks or key."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.prompts import cluster, frame_label, sketch

FORMS = (
    "Write a product text for {} aimed at {} in a friendly tone of voice",
    "Translate to French: {} {}",
    "Prove that {} implies {} and name every lemma that you use",
    "{} {}",
)
words = st.sampled_from(
    ["fox", "sea", "12", '"quoted text"', "old red barn", "tax", "```x = 1```", "naïve"]
)
prompts = st.builds(lambda form, a, b: form.format(a, b), st.sampled_from(FORMS), words, words)
# Arrow text is UTF-8, which has no lone surrogates.
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
corpora = st.lists(prompts | anything, min_size=1, max_size=60)
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def clusters(texts: list[str], key: bytes = b"") -> dict[str, str | None]:
    """The cluster of each text."""
    sketches = sketch(pa.array(texts, pa.string()), key=key)
    found = cluster(sketches, key=key)
    names = dict(zip(found["prompt_key"].to_pylist(), found["cluster"].to_pylist(), strict=True))
    assert found.num_rows == len(set(texts))
    return {
        text: names[k] for text, k in zip(texts, sketches["prompt_key"].to_pylist(), strict=True)
    }


@quick
@given(corpora, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(texts: list[str], random: object) -> None:
    shuffled = texts + texts[: len(texts) // 2]
    random.shuffle(shuffled)
    assert clusters(texts) == clusters(shuffled)


@quick
@given(corpora, st.binary(min_size=1, max_size=40))
def test_the_key_does_not_matter(texts: list[str], key: bytes) -> None:
    assert clusters(texts) == clusters(texts, key)


@quick
@given(st.lists(anything, max_size=20), st.integers(0, 20))
def test_a_sketch_depends_on_its_text_alone(texts: list[str], cut: int) -> None:
    whole = sketch(pa.array(texts, pa.string()))
    parts = pa.chunked_array(
        [pa.array(texts[:cut], pa.string()), pa.array(texts[cut:], pa.string())]
    )
    assert whole.equals(sketch(parts))
    assert whole["prompt_key"].to_pylist() == [
        sketch(pa.array([text]))["prompt_key"][0].as_py() for text in texts
    ]


@quick
@given(st.lists(anything, max_size=8))
def test_any_text_can_be_named(texts: list[str]) -> None:
    assert len(frame_label(texts)) <= 80
