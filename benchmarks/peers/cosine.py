"""TF-IDF of each account's values, cosine, and Leiden on what is similar enough."""

from __future__ import annotations

import graspologic_native
import numpy as np
from scipy.sparse import csr_matrix, triu

from benchmarks.peers.peer import Labels, Peer, Setting
from benchmarks.peers.table import Table

__all__ = ["COSINE"]


def _find(table: Table, setting: Setting) -> Labels:
    from sklearn.feature_extraction.text import TfidfVectorizer

    tokens = table.values.groupby("account")["token"].agg(list).reindex(table.accounts)
    vectors = TfidfVectorizer(analyzer=list, min_df=2, sublinear_tf=True)
    labels = np.full(len(table.accounts), -1, np.int64)
    near = triu(_similar(vectors, tokens.tolist()), k=1).tocoo()
    strong = near.data >= setting["least_cosine"]
    a, b, weight = (part[strong].tolist() for part in (near.row, near.col, near.data))
    if not a:
        return labels
    edges = [(str(one), str(two), much) for one, two, much in zip(a, b, weight, strict=True)]
    _, found = graspologic_native.leiden(
        edges, resolution=setting["resolution"], use_modularity=True, seed=setting["seed"],
        iterations=setting["iterations"],
    )  # fmt: skip
    for name, label in found.items():
        labels[int(name)] = label
    return labels


def _similar(vectors: object, tokens: list[list[str]]) -> csr_matrix:
    try:
        matrix = vectors.fit_transform(tokens)
    except ValueError:  # scikit-learn's word for "no value is shared"
        return csr_matrix((len(tokens), len(tokens)))
    return matrix @ matrix.T


COSINE = Peer(
    name="TF-IDF + Leiden",
    find=_find,
    settings=tuple(
        {"least_cosine": least, "resolution": 1.0, "iterations": 10, "seed": 0}
        for least in (0.1, 0.3, 0.5, 0.7)
    ),
    reason="scikit-learn's user guide 'Tf-idf term weighting' with sublinear counts, and Leiden "
    "with its default resolution; coordination studies (Pacheco et al. 2021, Luceri et al. 2024) "
    "keep the most similar pairs only and choose the bound by eye, so that four are tried.",
    needs=("sklearn", "graspologic_native"),
)
