"""Capability and elicitation from cue words."""

from __future__ import annotations

import pyarrow as pa
import pytest

from ingest.prompts import sketch
from ingest.prompts.lexicon import CAPABILITIES, CUES, ELICITATIONS, Cue

SAMPLES = {
    "software_engineering": "Refactor this Python function and add unit tests for the edge cases.",
    "agentic_reasoning": "Decompose the task, choose a tool, then state the next action.",
    "data_analysis": "Here is a CSV file with sales figures: find outliers in the time series.",
    "mathematics": "Prove that the integral of this polynomial converges, then solve for x.",
    "translation": "Translate the following paragraph into French.",
    "customer_support": "Dear customer support, my order never came and I want a refund.",
    "education": "Make a lesson plan and a quiz for students of grade 7.",
    "writing": "Write a short story in a gentle tone, then a headline for it.",
    "general": "What should I have for dinner tonight?",
}
ELICITED = {
    "chain_of_thought": "Solve it step by step and show your reasoning before the final answer.",
    "rubric_grading": "Grade the essay with this rubric and assign a score.",
    "censorship_rewriting": "Rewrite the post so that it avoids politically sensitive terms.",
    None: "Write a poem about the stairs in my house, one step after the other.",
}


@pytest.mark.parametrize(("capability", "text"), SAMPLES.items())
def test_capability(capability: str, text: str) -> None:
    assert sketch(pa.array([text]))["capability"].to_pylist() == [capability]


@pytest.mark.parametrize(("elicitation", "text"), ELICITED.items())
def test_elicitation(elicitation: str | None, text: str) -> None:
    assert sketch(pa.array([text]))["elicitation"].to_pylist() == [elicitation]


def test_one_weak_word_in_passing_is_no_capability() -> None:
    assert (
        sketch(pa.array(["My name is Rust and I like cheese"]))["capability"][0].as_py()
        == "general"
    )


def test_every_class_has_cues_and_no_phrase_speaks_for_two_classes_of_one_kind() -> None:
    assert {cue.name for cue in CUES} == {*CAPABILITIES, *ELICITATIONS}
    seen: dict[str, str] = {}
    for cue in CUES:
        for phrase in cue.phrases:
            assert seen.setdefault(phrase, cue.name) == cue.name, phrase


@pytest.mark.parametrize("words", ["four words are many", "ok, and four words again"])
def test_a_phrase_longer_than_the_kernel_looks_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="at most 3"):
        Cue("writing", 3, "a test", words)


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown class"):
        Cue("cooking", 3, "a test", "soup")
