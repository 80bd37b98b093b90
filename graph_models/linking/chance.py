"""How often chance alone gives two accounts this active so much in common."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc, gammaln, pdtrc, xlogy  # scipy.stats takes a second to load

from graph_models.linking.context import LinkContext
from graph_models.linking.evidence import PairView
from graph_models.linking.layers import Layer

__all__ = ["pair_chance"]


def pair_chance(context: LinkContext, a: int, b: int) -> float:
    """P that random partners with the same degrees share as many values, as rare as these.

    Per kind: the Poisson mid-p of the number of common values no more frequent than the commonest
    that the pair shares; its mean follows from the configuration model, Σ_v k_v² d_a d_b / E²
    (the Poisson limit of the hypergeometric test of Tumminello et al. 2011). Kinds are combined by
    Fisher's method. 1 when nothing but hubs is shared.
    """
    view = PairView(context, np.array([a], np.int32), np.array([b], np.int32))
    by_kind = [_kind_chance(view, layer) for layer in context.layers if (layer.position >= 0).all()]
    p = np.array([value for value in by_kind if value < 1.0])
    if not len(p):
        return 1.0
    return float(chdtrc(2 * len(p), -2 * np.log(np.maximum(p, 1e-300)).sum()))


def _kind_chance(view: PairView, layer: Layer) -> float:
    value = layer.value[view.shared(layer).edge_a]
    if not len(value):
        return 1.0
    commonest = layer.degree[value].max()
    d_a, d_b = layer.spread[view.a[0]], layer.spread[view.b[0]]
    mean = float(layer.squares(int(commonest)) * d_a * d_b / layer.edges**2)
    exactly = np.exp(xlogy(len(value), mean) - gammaln(len(value) + 1) - mean)
    return float(pdtrc(len(value), mean) + 0.5 * exactly)
