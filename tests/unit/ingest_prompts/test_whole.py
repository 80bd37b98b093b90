"""Frames of whole texts: what fills a slot is no template, and a part of a frame is no member."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from ingest.prompts import frame_label, templates
from ingest.prompts.nesting import Holders, Nested, _scores

CLAUSES = [
    "le marché ferme à midi",
    "la voisine a vendu son vélo",
    "un orage a coupé le courant",
    "les élèves rentrent à pied",
    "personne ne connaît la recette",
    "le maire promet une école",
    "la rivière monte encore",
    "on répare le toit du théâtre",
    "mon frère apprend le piano",
    "le train de nuit est plein",
    "la lettre arrive demain",
    "ce musée manque de place",
]
TASKS = (
    "Résume le texte suivant pour un lecteur pressé : {}",
    "Propose trois titres accrocheurs pour cet article, sans jeu de mots. {}",
    "Corrige les fautes dans la phrase que voici et explique chaque règle : {}",
)
SYSTEM = (
    "Keep to the house style, never invent a source and answer in the language of the question."
)
ASKED = (
    "Rewrite the following notes as a letter to the tenants of the house. {}",
    "Name every person, place and date that is mentioned in this report. {}",
    "Which of the steps below could be left out without any harm? {}",
)


def filler(rng: np.random.Generator) -> str:
    """Nine clauses in random order, each cut short: parts of them recur in every slot."""
    chosen = [CLAUSES[k].split() for k in rng.permutation(len(CLAUSES))[:9]]
    return ", ".join(" ".join(part[: rng.integers(2, len(part) + 1)]) for part in chosen)


def nonsense(rng: np.random.Generator, words: int = 12) -> str:
    letters = rng.integers(97, 123, (words, 7))
    return " ".join("".join(map(chr, word)) for word in letters)


def grouped(texts: list[str]) -> np.ndarray:
    found = templates(pd.DataFrame({"id": range(len(texts)), "text": texts}))
    return pd.factorize(found["template"])[0]


@pytest.mark.parametrize("shares", [(600, 30, 20), (150, 150, 150)], ids=["skewed", "even"])
def test_clauses_that_recur_in_a_slot_are_no_templates(shares: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    task = np.repeat(range(3), shares)
    found = grouped([TASKS[k].format(nonsense(rng) if k else filler(rng)) for k in task])
    for k in range(3):
        largest = pd.Series(found[task == k]).value_counts(normalize=True).iloc[0]
        assert largest >= 0.97
    assert len({pd.Series(found[task == k]).mode()[0] for k in range(3)}) == 3


def test_templates_behind_one_preamble_stay_apart() -> None:
    rng = np.random.default_rng(2)
    task = np.repeat(range(3), 40)
    found = grouped([f"{SYSTEM}\n\n{ASKED[k].format(nonsense(rng))}" for k in task])
    assert pd.crosstab(task, found).to_numpy().astype(bool).sum() == 3
    assert found.max() == 2


def test_stored_messages_are_no_quotations() -> None:
    rng = np.random.default_rng(3)
    task = np.repeat(range(3), 40)
    turns = [
        [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}]
        for text in (ASKED[k].format(nonsense(rng)) for k in task)
    ]
    found = grouped([json.dumps(turn) for turn in turns])
    assert pd.crosstab(task, found).to_numpy().astype(bool).sum() == 3
    assert (found == grouped(["\n".join(t["content"] for t in turn) for turn in turns])).all()


def test_a_phrase_of_a_frame_is_no_member() -> None:
    rng = np.random.default_rng(4)
    members = [ASKED[1].format(nonsense(rng)) for _ in range(30)]
    quoting = [f"{nonsense(rng)} that is mentioned in this report {nonsense(rng)}" for _ in "ab"]
    found = grouped(members + quoting)
    assert len(set(found[:30])) == 1
    assert len(set(found[29:])) == 3


def test_a_frame_does_not_count_what_the_text_lacks() -> None:
    value = np.array([20.0, 30.0], np.float32)
    nested = Nested(
        np.array([-1, 0], np.int32), value, np.array([20.0, 10.0], np.float32),
        value * 0, value * 0, np.ones(2, bool),
    )  # fmt: skip
    holders = Holders(np.array([0, 0, 1], np.int32), np.array([0, 1, 1], np.int32))
    wider, within, alone = _scores(nested, holders, np.array([64, 8], np.int32), 10_000)
    assert within >= wider + 10
    assert alone == pytest.approx(10 * 3)  # its own ten tokens, times the three bits of eight texts


def test_nothing_and_little_make_no_frames() -> None:
    assert len(grouped([])) == 0
    assert grouped(["", "a", "a b", "\n", "12 13"]).max() >= 3


def test_a_label_is_cut_from_a_text() -> None:
    rng = np.random.default_rng(5)
    texts = [ASKED[0].format(nonsense(rng)) for _ in range(5)]
    words = " ".join(texts[0].replace(".", "").split())
    parts = [part.strip() for part in frame_label(texts).split("…")]
    assert any(len(part.split()) >= 5 for part in parts)
    assert all(part in words for part in parts)
