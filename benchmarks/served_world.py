"""A published graph of a million accounts, drawn at random: what serving is measured on.

Kinds, numbers of values and degrees are those of ``qwen-2026`` at scale 0.02, fifty times as many;
on top of them one address that a million accounts used. Nothing in it means anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks.served_findings import Size, drawn_inference
from graph_models.observations import Observations, empty_table, rows_of
from graph_models.stores.protocol import Published

__all__ = ["served_world"]

EPOCH = np.datetime64("2026-04-22T00:00:00", "us")
DAYS = 45
DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """Values of one kind per million accounts: private ones, and groups of (values, from, to)."""

    name: str
    private: int
    shared: tuple[tuple[int, int, int], ...]
    # Values of which there are few whatever the population, by the share of accounts on each.
    common: tuple[tuple[int, float], ...] = ()


_KINDS = (
    _Kind(name="api_key", private=2_300_000, shared=()),
    _Kind(name="device", private=1_460_000, shared=((15_000, 2, 8), (400, 8, 32)),
          common=((3, 0.05),)),
    _Kind(name="email_domain", private=0, shared=((30_000, 2, 16), (2_000, 16, 128)),
          common=((8, 0.11),)),
    _Kind(name="ip", private=1_870_000,
          shared=((1_000_000, 2, 5), (700_000, 4, 9), (85_000, 9, 32), (9_000, 32, 128),
                  (5_000, 128, 900)),
          common=((1, 1.0),)),
    _Kind(name="payment_method", private=630_000, shared=((24_000, 2, 8), (1_300, 8, 64))),
    _Kind(name="prompt_cluster", private=1_450_000,
          shared=((80_000, 2, 8), (10_000, 8, 64), (2_200, 64, 512)),
          common=((40, 0.08), (4, 0.25))),
    _Kind(name="tls_fingerprint", private=0, shared=(), common=((15, 0.1), (2, 0.25))),
    _Kind(name="user_agent", private=0, shared=((50, 500, 5_000),),
          common=((40, 0.01), (18, 0.08))),
)  # fmt: skip


def served_world(scale: float = 1.0, *, seed: int = 1) -> Published:
    """Draw the graph; the same scale and seed give the same one.

    Args:
        scale: Share of the full size (1.025 M accounts, 10 M identifiers, 31 M sightings).
        seed: Seed of every draw.
    """
    rng, size = np.random.default_rng(seed), Size.of(scale)
    obs = _observations(rng, size, scale)
    return Published(obs, drawn_inference(rng, size, obs), {"world": "served"})


def _numbered(name: str, numbers: NDArray[np.int64], width: int = 8) -> pa.Array:
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(name, digits, "").cast(pa.large_string())


def _text(values: pa.Array | pa.ChunkedArray) -> pd.Series:
    return values.to_pandas().astype("str")


def _observations(rng: np.random.Generator, size: Size, scale: float) -> Observations:
    kinds, values, account, identifier, base = [], [], [], [], 0
    for kind in _KINDS:
        degrees = _degrees(rng, kind, size, scale)
        key = _edges(rng, degrees, size.accounts)
        account.append((key % size.accounts).astype(np.int32))
        identifier.append((key // size.accounts + base).astype(np.int32))
        base += len(degrees)
        kinds.append(np.full(len(degrees), _KINDS.index(kind), np.int8))
        values.append(_numbered(f"{kind.name[:2]}_", np.arange(len(degrees))))
    edges = np.concatenate(account), np.concatenate(identifier)
    names = pa.DictionaryArray.from_arrays(
        pa.array(np.concatenate(kinds)), pa.array([kind.name for kind in _KINDS], pa.large_string())
    )
    return Observations(
        snapshot=f"served-{scale:g}",
        accounts=_accounts(rng, size),
        identifiers=_identifiers(names, pa.concat_arrays(values), np.bincount(edges[1])),
        sightings=_sightings(rng, *edges),
        calendar=empty_table("calendar"),
        labels=empty_table("labels"),
        enrichment=empty_table("enrichment"),
        activity_of=rows_of(empty_table("activity")),
        exchanges_of=rows_of(empty_table("exchanges")),
        lacking=(),
    )


def _degrees(rng: np.random.Generator, kind: _Kind, size: Size, scale: float) -> NDArray[np.int64]:
    parts = [np.ones(round(scale * kind.private), np.int64)]
    for values, low, high in kind.shared:
        drawn = np.exp(rng.uniform(np.log(low), np.log(high), max(1, round(scale * values))))
        parts.append(np.minimum(drawn.astype(np.int64), size.accounts // 2))
    for values, share in kind.common:
        hub = size.accounts * 1_000_000 // 1_025_000
        parts.append(np.full(values, hub if share == 1 else int(share * size.accounts), np.int64))
    return rng.permutation(np.concatenate(parts))


def _edges(
    rng: np.random.Generator, degrees: NDArray[np.int64], accounts: int
) -> NDArray[np.int64]:
    """Sorted keys value · accounts + account; who is drawn twice for a value counts once."""
    whole = np.flatnonzero(degrees > accounts // 2)
    some = degrees.copy()
    some[whole] = 0
    value = np.repeat(np.arange(len(degrees)), some)
    keys = [value * accounts + rng.integers(0, accounts, len(value))]
    keys += [one * accounts + rng.permutation(accounts)[: degrees[one]] for one in whole]
    return np.unique(np.concatenate(keys))


def _accounts(rng: np.random.Generator, size: Size) -> pd.DataFrame:
    count = size.accounts
    first = EPOCH + rng.integers(0, DAYS * DAY, count)
    table = empty_table("accounts").reindex(range(count))
    return table.assign(
        account=_text(_numbered("acct_", np.arange(count))),
        created_at=first - rng.integers(0, 200 * DAY, count),
        closed_at=np.full(count, np.datetime64("NaT", "us")),
        status="active",
        email_domain="mail.example",
        pathway="self-serve",
        exchanges=rng.geometric(0.01, count),
        first_seen=first,
        last_seen=first + rng.integers(0, 20 * DAY, count),
    )


def _identifiers(kind: pa.Array, value: pa.Array, degree: NDArray[np.int64]) -> pd.DataFrame:
    nothing = pd.Series(np.full(len(value), None), dtype="str")
    network = pc.utf8_slice_codeunits(value, 0, 9)
    is_address = pc.equal(kind.cast(pa.large_string()), "ip")
    return pd.DataFrame(
        {
            "kind": _text(kind.cast(pa.large_string())),
            "value": _text(value),
            "accounts": degree.astype(np.int32),
            "linkable": True,
            "prefix": _text(pc.if_else(is_address, network, None)),
            "asn": nothing,
            "label": nothing,
        }
    )


def _sightings(
    rng: np.random.Generator, account: NDArray[np.int32], identifier: NDArray[np.int32]
) -> pd.DataFrame:
    count = len(account)
    first = EPOCH + rng.integers(0, DAYS * 86_400, count, dtype=np.int32) * 1_000_000
    return pd.DataFrame(
        {
            "account": account,
            "identifier": identifier,
            "count": rng.integers(1, 40, count),
            "first": first,
            "last": first + rng.integers(0, 10 * 86_400, count, dtype=np.int32) * 1_000_000,
            "days": rng.integers(1, 10, count, dtype=np.int32),
            "claimed": np.zeros(count, np.float32),
        }
    )
