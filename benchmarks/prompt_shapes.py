"""``templates`` on corpora of many shapes, from templates that people wrote and real text in slots.

    python -m benchmarks.prompt_shapes --split 0 --seeds 1 2 3

Templates and clauses in nine languages stand in ``prompt_shapes.json``; passages are docstrings of
the standard library. Templates with an even place are the tuning split, the others the report
split; the two never meet. One line a shape, means over the seeds: pairwise figures against the
template, ``b3`` B-cubed F, ``alone`` the share of written texts in no cluster, ``mixed`` that of
the others that are in one.
"""

from __future__ import annotations

import argparse
import ast
import functools
import json
import re
import sysconfig
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.prompts import pairwise
from ingest.prompts import templates

__all__ = ["SHAPES", "Corpus", "corpus", "figures"]

WRITTEN = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
TEMPLATES, CLAUSES = tuple(WRITTEN["templates"]), WRITTEN["clauses"]
JOINERS = {"zh": "，", "ja": "、", "ar": "، "}
SPACELESS = ("zh", "ja")
DIVERSE = -1
SYSTEM = (
    "You are a careful assistant of a publishing house. Keep to the house style, never invent a "
    "source, answer in the language of the question and mark what you are not sure of."
)
SUFFIX = "Answer in at most five lines, without greetings, and put the final answer in brackets."


@dataclass(frozen=True)
class Corpus:
    """Texts and the template each was written from (-1: none)."""

    texts: list[str]
    template: NDArray[np.int64]


@functools.cache
def passages() -> tuple[str, ...]:
    """Paragraphs of docstrings, each once, in a fixed order."""
    found: set[str] = set()
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(errors="ignore"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                for part in (ast.get_docstring(node) or "").split("\n\n"):
                    text = " ".join(part.split())
                    if 60 < len(text) < 900 and ">>>" not in text:
                        found.add(text)
    return tuple(sorted(found))


class Filler:
    """Text for slots, drawn at random."""

    def __init__(self, rng: np.random.Generator, repeated: float = 0.0) -> None:
        self.rng = rng
        texts = list(passages())
        rng.shuffle(texts)
        self.held_out, self.passages = texts[: len(texts) // 4], texts[len(texts) // 4 :]
        self.repeated, self.few = repeated, [str(text) for text in self.passages[:20]]
        sentences = [s for text in self.passages for s in re.split(r"(?<=[.!?]) ", text)]
        self.sentences = [s for s in sentences if 15 < len(s) < 160]

    def of(self, kind: str, language: str) -> str:
        """One filling of a kind of slot."""
        if kind == "n":
            return str(self.rng.integers(2, 40))
        if kind == "c":
            return self._code()
        if language:
            return self._clauses({"p": 9, "s": 2, "w": 1}[kind], language)
        if kind == "p":
            repeat = self.rng.random() < self.repeated
            return str(self.rng.choice(self.few if repeat else self.passages))
        sentence = str(self.rng.choice(self.sentences))
        if kind == "s":
            return sentence
        words = re.findall(r"\w+", sentence)
        first = int(self.rng.integers(max(1, len(words) - 3)))
        return " ".join(words[first : first + int(self.rng.integers(1, 4))])

    def fill(self, template: str) -> str:
        """One prompt."""
        return re.sub(
            r"\{(\w)(?::(\w+))?\}", lambda slot: self.of(slot[1], slot[2] or ""), template
        )

    def diverse(self) -> str:
        """A text that was written from no template."""
        return str(self.rng.choice(self.held_out))

    def _clauses(self, count: int, language: str) -> str:
        clauses = [str(c) for c in self.rng.permutation(CLAUSES[language])]
        words = [clause if language in SPACELESS else clause.split() for clause in clauses[:count]]
        # Parts of different clauses: two fillings seldom share a run of words.
        cut = [part[: int(self.rng.integers(2, len(part) + 1))] for part in words]
        joiner = JOINERS.get(language, ", ")
        return joiner.join(part if isinstance(part, str) else " ".join(part) for part in cut)

    def _code(self) -> str:
        names = re.findall(r"[a-z]{4,}", str(self.rng.choice(self.passages)).lower())[:6]
        lines = [f"    {name} = {name}({self.rng.integers(99)})" for name in names]
        return f"def {names[0] if names else 'run'}(x):\n" + "\n".join(lines)


@dataclass(frozen=True)
class Dials:
    """What a shape is made of; ``wrap`` changes a text after its template is filled."""

    templates: tuple[str, ...]
    texts: int = 2000
    diverse: float = 0.3
    skew: float = 1.0
    repeated: float = 0.0
    wrap: Callable[[str, np.random.Generator], str] = lambda text, _: text


def _chat(text: str, rng: np.random.Generator) -> str:
    system = SYSTEM if rng.random() < 0.8 else "You are a helpful assistant."
    return json.dumps(
        [{"role": "system", "content": system}, {"role": "user", "content": text}],
        ensure_ascii=False,
    )


def _siblings(part: str) -> tuple[str, ...]:
    """Templates that differ in one sentence of three."""
    tasks = (
        "List every claim that would need a source before it could be printed.",
        "Rewrite the passage for a reader who has never written a program.",
        "Point out where the wording is ambiguous and suggest one clear reading.",
        "Guess the profession of the author and defend the guess with two quotations.",
    )
    return tuple(part.format(task=task) for task in tasks)


def _own(split: int) -> tuple[str, ...]:
    return TEMPLATES[split::2]


def _shapes(split: int) -> dict[str, Dials]:
    own = _own(split)
    latin = tuple(t for t in own if ":" not in "".join(re.findall(r"\{[^}]*\}", t)))
    other = tuple(t for t in own if t not in latin)
    same = "Read the passage with care. {task} Do not add anything else.\n\n"
    return {
        "written": Dials(own),
        "few_texts": Dials(own[::3], texts=120),
        "skewed": Dials(own, skew=0.4, texts=4000),
        "quoted": Dials(latin, repeated=0.5),
        "scripts": Dials(other, diverse=0.1),
        "preamble": Dials(tuple(f"{SYSTEM}\n\n{t}" for t in latin), diverse=0.2),
        "suffix": Dials(tuple(f"{t}\n\n{SUFFIX}" for t in latin), diverse=0.2),
        "sentence": Dials(tuple(t + "{p}" for t in _siblings(same)), texts=600),
        "chat": Dials(latin, wrap=_chat),
        "singletons": Dials(own[:8], diverse=0.9, texts=3000),
        "one": Dials(own[:1], diverse=0.0, texts=300),
        "long": Dials(
            tuple(f"{{p}} {{p}} {{p}} {{p}}\n\n{t}\n\n{{p}} {{p}} {{p}} {{p}}" for t in latin),
            texts=1500,
        ),
        "none": Dials((), texts=3000, diverse=1.0),
    }


SHAPES = tuple(_shapes(0))


def corpus(shape: str, *, split: int = 0, seed: int = 1, scale: float = 1.0) -> Corpus:
    """The texts of one of ``SHAPES``, from the templates of a split (0: tuning, 1: report)."""
    dials = _shapes(split)[shape]
    rng = np.random.default_rng((seed, split, SHAPES.index(shape)))
    filler = Filler(rng, dials.repeated)
    texts = int(dials.texts * scale)
    diverse = texts if not dials.templates else int(dials.diverse * texts)
    share = rng.pareto(dials.skew, len(dials.templates)) + 0.3
    template = rng.choice(len(share), texts - diverse, p=share / share.sum()) if len(share) else []
    written = [dials.wrap(filler.fill(dials.templates[t]), rng) for t in template]
    # A text that is drawn twice is the same text, not two of a template.
    alone = sorted({dials.wrap(filler.diverse(), rng) for _ in range(diverse)})
    labels = np.concatenate((np.asarray(template, np.int64), np.full(len(alone), DIVERSE)))
    return Corpus(written + alone, labels)


def b_cubed(true: NDArray[np.int64], found: NDArray[np.int64]) -> float:
    """B-cubed F (Bagga, Baldwin 1998); every -1 of ``true`` is a class of its own."""
    true = np.where(true < 0, -1 - np.arange(len(true)), true)
    table = pd.DataFrame({"true": true, "found": found})
    both, ours, theirs = (
        table.groupby(by)["true"].transform("size").to_numpy()
        for by in (["true", "found"], ["found"], ["true"])
    )
    p, r = float((both / ours).mean()), float((both / theirs).mean())
    return 2 * p * r / (p + r)


def figures(made: Corpus) -> dict[str, float]:
    """Quality and CPU-seconds of ``templates`` on one corpus."""
    table = pd.DataFrame({"id": range(len(made.texts)), "text": made.texts})
    began = time.process_time()
    found = pd.factorize(templates(table)["template"])[0]
    seconds = time.process_time() - began
    p, r, f1 = pairwise(made.template, found)
    lone, written = np.bincount(found)[found] == 1, made.template != DIVERSE
    return {
        "texts": len(found), "P": p, "R": r, "F": f1, "b3": b_cubed(made.template, found),
        "alone": float(lone[written].mean()) if written.any() else 0.0,
        "mixed": float((~lone)[~written].mean()) if not written.all() else 0.0,
        "cpu_s": seconds,
    }  # fmt: skip


def main() -> None:
    """Print a line per shape: the means over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", type=int, choices=(0, 1), default=0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=SHAPES)
    options = parser.parse_args()
    for shape in options.shapes:
        rows = [
            figures(corpus(shape, split=options.split, seed=seed, scale=options.scale))
            for seed in options.seeds
        ]
        means = pd.DataFrame(rows).mean()
        print(f"{shape:10s}", "  ".join(f"{name}={value:,.4g}" for name, value in means.items()))


if __name__ == "__main__":
    main()
