"""Prompt clustering on generated corpora: precision, recall and cost per size.

    python benchmarks/prompts.py --sizes 10000 100000 1000000

Two thirds of the texts fill templates (3-8 slots, a quarter of them free words; some frames have
paraphrased variants), one third is like no other. Text comes from a chain of bigrams, so phrases of
ordinary language recur. Figures are pairwise against the template; a diverse text is its own.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ingest.prompts import cluster, sketch

WORDS = 8000
SUCCESSORS = 24
LETTERS = "aeioubcdfghklmnprstvw"


@dataclass(frozen=True)
class Truth:
    """Texts and the template each was written from (-1: none)."""

    texts: list[str]
    template: NDArray[np.int64]


class Language:
    """A chain of bigrams over invented words: some phrases recur, most do not."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        lengths = rng.integers(2, 10, WORDS)
        self.words = ["".join(rng.choice(list(LETTERS), n)) for n in lengths]
        self.next = np.minimum(rng.zipf(1.35, (WORDS, SUCCESSORS)) * 3, WORDS) - 1
        self.next = (self.next + rng.integers(0, 40, self.next.shape)) % WORDS
        weights = 1 / np.arange(1, SUCCESSORS + 1)
        self.steps = rng.choice(SUCCESSORS, 1 << 20, p=weights / weights.sum())
        self.at = 0

    def say(self, length: int) -> str:
        """``length`` words in a row."""
        if self.at + length >= len(self.steps):
            self.at = 0
            self.rng.shuffle(self.steps)
        word, said = int(self.rng.integers(WORDS)), []
        for step in self.steps[self.at : self.at + length].tolist():
            said.append(self.words[word])
            word = self.next[word, step]
        self.at += length
        return " ".join(said)


class Template:
    """Frame parts with slots between; a slot is a number, one of a list, a quotation or free."""

    def __init__(self, language: Language) -> None:
        rng, self.language = language.rng, language
        slots = int(rng.integers(3, 9))
        self.parts = [self._part(int(rng.integers(2, 11))) for _ in range(slots + 1)]
        self.slots = [
            "free" if x < 0.25 else "list" if x < 0.6 else "number" if x < 0.85 else "quote"
            for x in rng.random(slots)
        ]
        self.lists = [
            [language.say(int(rng.integers(1, 4))) for _ in range(12)] for _ in range(slots)
        ]

    def _part(self, length: int) -> list[str]:
        variants = 2 if self.language.rng.random() < 0.15 else 1
        return [self.language.say(length) for _ in range(variants)]

    def fill(self) -> str:
        """One prompt."""
        rng = self.language.rng
        said = [self.parts[0][int(rng.integers(len(self.parts[0])))]]
        for slot, options, part in zip(self.slots, self.lists, self.parts[1:], strict=True):
            if slot == "free":
                said.append(self.language.say(int(rng.integers(1, 13))))
            elif slot == "list":
                said.append(options[int(rng.integers(len(options)))])
            elif slot == "number":
                said.append(str(rng.integers(100000)))
            else:
                said.append('"' + self.language.say(int(rng.integers(2, 9))) + '"')
            said.append(part[int(rng.integers(len(part)))])
        return " ".join(said)


def corpus(size: int, seed: int, per_template: int = 100) -> Truth:
    """``size`` texts, two thirds from templates of about ``per_template`` prompts (skewed)."""
    rng = np.random.default_rng(seed)
    language = Language(rng)
    count = max(3, 2 * size // (3 * per_template))
    made = [Template(language) for _ in range(count)]
    share = rng.pareto(1.2, count) + 0.2
    template = rng.choice(count, 2 * size // 3, p=share / share.sum())
    texts = [made[t].fill() for t in template.tolist()]
    diverse = size - len(texts)
    texts += [language.say(int(n)) for n in rng.integers(8, 90, diverse)]
    return Truth(texts, np.concatenate((template, np.full(diverse, -1))))


def pairwise(truth: NDArray[np.int64], found: NDArray[np.int64]) -> tuple[float, float, float]:
    """Precision, recall and F1 over pairs; -1 is a class of its own in both."""

    def alone(labels: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.where(labels < 0, -1 - np.arange(len(labels)), labels)

    def pairs(*labels: NDArray[np.int64]) -> float:
        counts = pd.DataFrame(dict(enumerate(labels))).value_counts().to_numpy().astype(float)
        return float((counts * (counts - 1) / 2).sum())

    t, f = alone(truth), alone(found)
    both = pairs(t, f)
    p, r = both / max(pairs(f), 1), both / max(pairs(t), 1)
    return p, r, 2 * p * r / max(p + r, 1e-9)


def memory(name: str, *, reset: bool = False) -> float:
    """A line of /proc/self/status in MB; with ``reset`` the high-water mark starts anew."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def measure(truth: Truth) -> dict[str, float]:
    """Rates (per CPU-second) and quality of one corpus."""
    texts = pa.array(truth.texts, pa.large_string())
    chars = float(np.mean([len(text) for text in truth.texts[:5000]]))
    truth.texts.clear()
    began = time.process_time()
    sketches = sketch(texts)
    sketched = time.process_time()
    resident = memory("VmRSS", reset=True)
    found = cluster(sketches)
    clustered = time.process_time()
    peak = memory("VmHWM") - resident
    names = pd.Series(found["cluster"].to_pandas().to_numpy(), found["prompt_key"].to_numpy())
    labels = pd.factorize(names.reindex(sketches["prompt_key"].to_numpy()).to_numpy())[0]
    p, r, f1 = pairwise(truth.template, labels)
    diverse = truth.template < 0
    return {
        "texts": len(texts), "chars": chars,
        "P": p, "R": r, "F1": f1, "clusters": labels.max() + 1,
        "diverse_in_cluster": float((labels[diverse] >= 0).mean()),
        "template_in_none": float((labels[~diverse] < 0).mean()),
        "sketch_per_s": len(texts) / (sketched - began), "cluster_s": clustered - sketched,
        "cluster_mb": peak,
    }  # fmt: skip


def main() -> None:
    """Print one line per size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-template", type=int, default=100)
    options = parser.parse_args()
    cluster(sketch(pa.array(["compile the loops first"] * 3)))
    for size in options.sizes:
        figures = measure(corpus(size, options.seed, options.per_template))
        print("  ".join(f"{name}={value:,.4g}" for name, value in figures.items()), flush=True)


if __name__ == "__main__":
    main()
