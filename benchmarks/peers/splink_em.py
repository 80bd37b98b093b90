"""Splink on DuckDB: Fellegi and Sunter's model, trained by expectation and maximisation."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.peers.peer import Labels, Peer, Setting
from benchmarks.peers.table import Table

__all__ = ["SPLINK", "scored"]

BLOCK = 60  # accounts; a value of more is no blocking key, as Splink's blocking guide advises
RANDOM_PAIRS = 1e6
TRAINING_RULES = 3
CERTAIN_FIELDS = 4  # of the rarest, of which any two agree in few strangers
CERTAIN_COMMON = 3  # rare values in common that few strangers have
LEVELS = (0.5, 0.95, 0.999, 0.99999)
# The comparisons of Splink's own febrl examples; other fields by the default for their kind.
FEBRL = {
    "given_name": ("NameComparison", {}),
    "surname": ("NameComparison", {}),
    "date_of_birth": ("LevenshteinAtThresholds", {"distance_threshold_or_thresholds": [1, 2]}),
    "soc_sec_id": ("LevenshteinAtThresholds", {"distance_threshold_or_thresholds": [1, 2]}),
    "postcode": ("LevenshteinAtThresholds", {"distance_threshold_or_thresholds": [1]}),
}
OTHER = ("JaroWinklerAtThresholds", {"score_threshold_or_thresholds": [0.9, 0.8]})


@dataclass(frozen=True, eq=False)
class _Plan:
    """Records as Splink reads them, what it compares, and what brings pairs together.

    ``blocks`` give the pairs to score, ``training`` those that m is learned on, and ``certain``
    rules say how many matches there are.
    """

    records: pd.DataFrame
    comparisons: list[Any]
    blocks: list[Any]
    training: list[Any]
    certain: list[Any]


def _find(table: Table, setting: Setting) -> Labels:
    linker, pairs = scored(table, setting)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_probability=setting["probability"]
        ).as_pandas_dataframe()
    names = found.set_index("unique_id")["cluster_id"].reindex(table.accounts)
    return pd.factorize(names)[0].astype(np.int64)


def scored(table: Table, setting: Setting, *, least: float = 0.01) -> tuple[Any, Any]:
    """The trained linker, and its table of pairs of at least the match probability ``least``."""
    from splink import DuckDBAPI, Linker, SettingsCreator

    logging.getLogger("splink").setLevel(logging.ERROR)
    plan = _records(table) if table.is_records else _bags(table)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=plan.comparisons,
        blocking_rules_to_generate_predictions=plan.blocks,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        api = DuckDBAPI()
        linker = Linker(api.register(plan.records), settings, log_level=logging.ERROR)
        _train(linker, plan, setting)
        return linker, linker.inference.predict(threshold_match_probability=least)


def _train(linker: Any, plan: _Plan, setting: Setting) -> None:
    training = linker.training
    training.estimate_probability_two_random_records_match(plan.certain, recall=setting["recall"])
    training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=setting["seed"])
    for rule in plan.training[:TRAINING_RULES]:
        training.estimate_parameters_using_expectation_maximisation(rule)


def _records(table: Table) -> _Plan:
    import splink.comparison_library as library
    from splink import block_on

    wide = table.values.pivot_table(
        index="account", columns="type", values="value", aggfunc="first"
    ).reindex(table.accounts)
    comparisons = []
    for kind in wide.columns:
        name, options = FEBRL.get(kind, OTHER)
        comparison = getattr(library, name)(kind, **options)
        comparisons.append(comparison.configure(term_frequency_adjustments=True))
    telling = sorted(wide.columns, key=lambda kind: _pairs(wide[kind]))
    blocks = [block_on(kind) for kind in telling if _pairs(wide[kind]) <= BLOCK * len(wide)]
    wide = wide.astype(object).where(wide.notna(), None)
    certain = [block_on(*pair) for pair in combinations(telling[:CERTAIN_FIELDS], 2)]
    return _Plan(wide.rename_axis("unique_id").reset_index(), comparisons, blocks, blocks, certain)


def _bags(table: Table) -> _Plan:
    """Many values of one type: lists, compared by how many are in common, blocked by rare ones."""
    import splink.comparison_library as library
    from splink import block_on

    values, records = table.values, pd.DataFrame({"unique_id": table.accounts})
    comparisons, blocks, training, certain = [], [], [], []
    held = values.groupby("token")["account"].transform("size")
    for number, (_, rows) in enumerate(values.groupby("type", sort=True)):
        name, rare = f"list_{number}", f"rare_{number}"
        records[name] = _lists(rows, table.accounts)
        records[rare] = _lists(rows[held[rows.index].between(2, BLOCK)], table.accounts)
        comparisons.append(library.ArrayIntersectAtSizes(name, [5, 3, 2, 1]))
        if records[rare].map(len).sum():
            blocks.append(block_on(rare, arrays_to_explode=[rare]))
            # Splink 5 trains on no rule that explodes a list; plain SQL says the same, slower.
            training.append(f"list_has_any(l.{rare}, r.{rare})")
            certain.append(f"len(list_intersect(l.{rare}, r.{rare})) >= {CERTAIN_COMMON}")
    return _Plan(records, comparisons, blocks, training, certain)


def _lists(rows: pd.DataFrame, accounts: pd.Index) -> list[list[str]]:
    found = rows.groupby("account")["value"].agg(list).reindex(accounts)
    return [each if isinstance(each, list) else [] for each in found]


def _pairs(values: pd.Series) -> float:
    counts = values.value_counts().to_numpy()
    return float((counts * (counts - 1) / 2).sum())


SPLINK = Peer(
    name="Splink",
    find=_find,
    settings=tuple({"probability": level, "recall": 0.7, "seed": 1} for level in LEVELS),
    reason="Splink 5's tutorial and its febrl examples: blocking on several columns, u by random "
    "sampling, m by EM under different blocking rules, term frequencies, clusters at a match "
    "probability that the user chooses (four are tried). Types with many values of one account "
    "become lists under ArrayIntersectAtSizes.",
    needs=("splink",),
)
