"""Learn the curves from scores to probabilities, on tuning worlds only (``graph_models.curves``).

``python -m benchmarks.calibrate --cache FOLDER`` makes the worlds of the tuning split (or takes
those that the folder holds), scores their pairs and members, fits one rising curve for each kind of
score, tests it on worlds left out of the fit, and writes ``graph_models/curves.toml`` with the
reliability of the worlds left out, and its picture.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.calibrating import KINDS, Heard, learned, table_text
from benchmarks.members import judged
from benchmarks.quality.belonging import Belonging
from benchmarks.quality.pictures import reliability_picture
from benchmarks.quality.plan import Task, planned
from benchmarks.quality.prepare import ROOT, prepare, sources_digest
from graph_models.communities import find_communities, formed
from graph_models.communities.membership import TRACES, standing
from graph_models.linking import (
    LinkContext,
    candidate_pairs,
    link_pairs,
    link_threshold,
    score_candidates,
)
from workbench import Workbench
from workbench.grading import Truth

__all__ = ["heard", "main"]

TABLE = ROOT / "graph_models" / "curves.toml"
PICTURE = ROOT / "docs" / "pictures" / "curves.svg"
LOWEST_BITS = -8.0  # log2 odds from which pairs are counted; the curve begins there


def heard(kind: str, task: Task, cache: Path, *, reuse: bool = False) -> Heard:
    """Scores and truth of one world's pairs or members, counted in narrow bins.

    Args:
        kind: ``pair`` or ``member``.
        task: Names the world.
        cache: Keeps worlds and counts between runs.
        reuse: As ``prepare``.
    """
    made_by = sources_digest("graph_models/linking", "graph_models/communities")
    kept = cache / "calibration" / made_by / f"{task.slug}.{kind}.json"
    if not kept.is_file():
        made = prepare(task, cache, reuse=reuse)
        obs = Workbench.open(made.workspace).observations()
        belonging = Belonging.of(Truth.read(made.truth), obs.accounts["account"])
        found = _COUNTED[kind](LinkContext.of(obs), belonging)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(found.as_json()), encoding="utf-8")
    return Heard(**json.loads(kept.read_text(encoding="utf-8")))


def _pairs(context: LinkContext, belonging: Belonging) -> Heard:
    lowest = link_threshold(context) + round(1000 * LOWEST_BITS)
    links = link_pairs(context, candidate_pairs(context).view, lowest).links(lowest)
    true, known = belonging.controls(links["a"].to_numpy(), links["b"].to_numpy())
    score = links["millibits"].to_numpy() / 1000 + context.prior_bits
    return Heard.of(score[known], true[known])


def _members(context: LinkContext, belonging: Belonging) -> Heard:
    threshold = link_threshold(context)
    scored = score_candidates(context, candidate_pairs(context), threshold)
    links = scored.links(threshold)
    known = formed(context, links, scored, threshold=threshold)
    drafts = find_communities(context, links, threshold=threshold, known=known)
    rows = [judged(draft, belonging.any_group[draft.accounts]) for draft in drafts]
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame({"true": []})
    if not len(table):
        return Heard.of(np.zeros(0), np.zeros(0, bool))
    return Heard.of(standing(table[list(TRACES)].to_numpy()), table["true"].to_numpy(dtype=bool))


_COUNTED = {"pair": _pairs, "member": _members}


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn, test on worlds left out, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="keeps worlds between runs")
    parser.add_argument("--reuse", action="store_true", help="take worlds of older sources")
    parser.add_argument("--most", type=int, help="worlds to learn from; all by default")
    parser.add_argument("--dry", action="store_true", help="write nothing, only tell")
    options = parser.parse_args(arguments)
    found = {kind: learned(_worlds(kind, options)) for kind in KINDS}
    if not options.dry:
        TABLE.write_text(table_text(found), encoding="utf-8")
        shown = {kind: one.left_out.as_json() for kind, one in found.items()}
        PICTURE.write_text(reliability_picture(shown), encoding="utf-8")
    for kind, one in found.items():
        print(json.dumps({"kind": kind, **one.left_out.as_json()}))


def _worlds(kind: str, options: argparse.Namespace) -> dict[str, Heard]:
    """Items of every world, those of most kinds of worlds first: a cut run still sees them all."""
    tasks = sorted({Task(task.trial) for task in planned("tuning")}, key=lambda task: task.slug)
    order = sorted(tasks, key=lambda task: (task.trial.seed, task.slug))[: options.most]
    found = {}
    for task in order:
        found[task.slug] = heard(kind, task, options.cache, reuse=options.reuse)
        print(f"{kind}: {task.slug}", file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    main()
