"""The same answer every time, whatever the hash seed, order of rows or names of accounts."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from graph_models.analysis import analyse
from graph_models.communities.formation import form, weighted
from graph_models.communities.stability import holds_without, resample
from graph_models.inference import Inference
from graph_models.linking import LinkContext, candidate_pairs, link_threshold, score_candidates
from graph_models.observations import Observations, rows_of
from tests.unit.graph_models_linking.crowd import crowd

ROOT = Path(__file__).parents[3]
RUNS = 3


def observed() -> Observations:
    return crowd(41, ordinary=150, campaign=15, customers=10).observations()


def digest(found: Inference) -> str:
    """Every bit of a run: links, members and the whole record of each community."""
    text = repr([community.as_json() for community in found.communities])
    told = hashlib.sha256(text.encode())
    for table in (found.links, found.members):
        told.update(table.to_csv(index=False, float_format="%.17g").encode())
    return told.hexdigest()


def shuffled(obs: Observations, seed: int) -> Observations:
    """The same observations with the rows of exchanges and activity in another order."""
    rows = obs.exchanges_of
    return replace(
        obs,
        activity_of=rows_of(obs.activity.sample(frac=1, random_state=seed)),
        exchanges_of=lambda who: rows(who).sample(frac=1, random_state=seed),
    )


def renamed(obs: Observations, new: NDArray[np.int32]) -> Observations:
    """The same observations with the accounts in another order: old position → new position."""
    old, rows = np.argsort(new), obs.exchanges_of
    accounts = obs.accounts.iloc[old].reset_index(drop=True)
    accounts["account"] = sorted(obs.accounts["account"])
    sightings = obs.sightings.assign(account=new[obs.sightings["account"]])
    return replace(
        obs,
        accounts=accounts,
        sightings=sightings.sort_values(["identifier", "account"], ignore_index=True),
        activity_of=rows_of(obs.activity.assign(account=new[obs.activity["account"]])),
        exchanges_of=lambda who: (
            rows(old[who].astype(np.int32))
            .assign(account=lambda table: new[table["account"]])
            .sort_values(["account", "ts"], ignore_index=True)
        ),
    )


@pytest.fixture(scope="module")
def obs() -> Observations:
    return observed()


@pytest.fixture(scope="module")
def told(obs: Observations) -> str:
    return digest(analyse(obs, seed=5))


def test_runs_are_equal_bit_for_bit(obs: Observations, told: str) -> None:
    assert {digest(analyse(obs, seed=5)) for _ in range(RUNS)} == {told}
    assert digest(analyse(obs, seed=6)) != told


def test_the_order_of_rows_does_not_matter(obs: Observations, told: str) -> None:
    assert digest(analyse(shuffled(obs, 3), seed=5)) == told


def test_the_hash_seed_does_not_matter(told: str) -> None:
    program = (
        "from tests.unit.graph_models_communities.test_communities_repeat import *\n"
        "print(digest(analyse(observed(), seed=5)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert run.stdout.strip() == told


def test_the_names_of_accounts_do_not_matter(obs: Observations) -> None:
    new = np.random.default_rng(9).permutation(len(obs.accounts)).astype(np.int32)
    one, firm, robust = _formed(obs)
    other, firm_renamed, robust_renamed = _formed(renamed(obs, new))
    pairs = pd.DataFrame({"one": one, "other": other[new]})
    assert ((one < 0) == (other[new] < 0)).all()
    assert (pairs.groupby("one")["other"].nunique() == 1).all()
    assert (pairs.groupby("other")["one"].nunique() == 1).all()
    # Accounts that links do not tell apart are told apart by name when Leiden has to choose.
    assert np.abs(firm - firm_renamed[new]).mean() < 0.01
    to = dict(zip(pairs["one"], pairs["other"], strict=True))
    assert {to[label]: names for label, names in robust.items()} == robust_renamed


def _formed(
    obs: Observations,
) -> tuple[NDArray[np.int64], NDArray[np.float64], dict[int, tuple[str, ...]]]:
    context = LinkContext.of(obs)
    threshold = link_threshold(context)
    scored = score_candidates(context, candidate_pairs(context), threshold)
    labels = form(context, weighted(scored.links(threshold), context.prior_bits), seed=0)
    firm = resample(scored, labels, threshold=threshold, seed=0)
    return labels, firm.member, holds_without(scored, labels, seed=0).survives
