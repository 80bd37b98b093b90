"""A published graph of any size, made by numpy in seconds: for benchmarks of stores.

Accounts with devices, cards, addresses, prompt clusters, and hubs of a tenth of the population.
Nothing in it is meant to be found; it has the sizes and degrees of a provider's graph.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.families import FAMILIES
from graph_models.inference import (
    ASSESSMENTS,
    LINK_COLUMNS,
    MEMBER_COLUMNS,
    Assessment,
    Community,
    Inference,
    Reason,
    TierSizes,
)
from graph_models.observations import COLUMNS, Observations
from graph_models.stores.protocol import Published

__all__ = ["graph_of"]

START = np.datetime64("2026-04-22T00:00:00", "us")
SECONDS = 90 * 86_400

# Kind → identifiers per account, sightings per account, share of sightings that fall on hubs.
SHAPES: tuple[tuple[str, float, float, float], ...] = (
    ("device", 0.55, 0.9, 0.02),
    ("ip", 0.45, 2.2, 0.05),
    ("payment_method", 0.35, 0.45, 0.0),
    ("prompt_cluster", 0.05, 0.8, 0.2),
    ("user_agent", 0.0002, 0.7, 0.6),
)
HUBS = 12


def graph_of(accounts: int, seed: int) -> Published:
    """A graph with about 4.7 sightings an account and hubs of a tenth of the population."""
    rng = np.random.default_rng(seed)
    identifiers, uses = [], []
    offset = 0
    for kind, each, sightings, hubs in sorted(SHAPES):
        size = max(HUBS + 2, int(accounts * each))
        end = rng.integers(HUBS, size, int(accounts * sightings))
        on_hub = rng.random(len(end)) < hubs
        # Half of the traffic to hubs goes to the first of them.
        end[on_hub] = np.minimum(rng.geometric(0.5, int(on_hub.sum())) - 1, HUBS - 1)
        who = rng.integers(0, accounts, len(end))
        uses.append(np.unique((offset + end).astype(np.int64) << 32 | who))
        identifiers.append(_identifiers(kind, size))
        offset += size
    sightings = _sightings(np.concatenate(uses), rng)
    table = pd.concat(identifiers, ignore_index=True)
    degree = np.bincount(sightings["identifier"], minlength=len(table))
    table["accounts"] = degree.astype("int32")
    observations = Observations(
        snapshot=f"sn_bench{seed}",
        accounts=_accounts(accounts, rng),
        identifiers=table.astype(COLUMNS["identifiers"]),
        sightings=sightings,
    )
    return Published(observations, _inference(accounts, rng, seed),
                     {"synthetic": True, "world": "bench"})  # fmt: skip


def _identifiers(kind: str, size: int) -> pd.DataFrame:
    number = np.arange(size)
    value = pd.Series(number).map("{:09d}".format).radd(f"{kind[:2]}_")
    if kind == "ip":
        parts = [pd.Series(number >> shift & 255).astype(str) for shift in (16, 8, 0)]
        value = "240." + parts[0] + "." + parts[1] + "." + parts[2]
    table = pd.DataFrame({"kind": kind, "value": value, "linkable": True})
    table["prefix"] = value.str.rpartition(".")[0] + ".0/24" if kind == "ip" else None
    table["asn"] = table["label"] = None
    # Sorted by value, as every table of identifiers is; what they are called does not matter here.
    table["value"] = np.sort(table["value"].to_numpy(object))
    return table


def _sightings(pairs: NDArray[np.int64], rng: np.random.Generator) -> pd.DataFrame:
    size = len(pairs)
    first = START + rng.integers(0, SECONDS, size) * np.timedelta64(1, "s")
    table = pd.DataFrame({"account": pairs & 0xFFFFFFFF, "identifier": pairs >> 32})
    table["count"] = rng.geometric(0.1, size)
    table["first"], table["last"] = first, first + rng.integers(0, SECONDS, size).astype("m8[s]")
    table["days"], table["claimed"] = rng.integers(1, 30, size), 0.0
    return table.astype(COLUMNS["sightings"])


def _accounts(size: int, rng: np.random.Generator) -> pd.DataFrame:
    created = START - rng.integers(0, SECONDS, size) * np.timedelta64(1, "s")
    table = pd.DataFrame({"account": pd.Series(np.arange(size)).map("acct_{:08d}".format)})
    table["created_at"], table["closed_at"] = created, np.datetime64("NaT")
    table["close_reason"] = table["organisation"] = table["country"] = None
    table["status"], table["email_domain"], table["pathway"] = "active", "example.org", "self-serve"
    table["exchanges"] = rng.geometric(0.01, size)
    table["first_seen"], table["last_seen"] = START, START + np.timedelta64(SECONDS, "s")
    return table[list(COLUMNS["accounts"])].astype(COLUMNS["accounts"])


def _inference(accounts: int, rng: np.random.Generator, seed: int) -> Inference:
    """A fortieth of the accounts in communities of 25, linked within them."""
    size = 25
    number = max(1, accounts // 40 // size)
    member = np.arange(number * size)
    one, other = np.triu_indices(size, 1)
    links = pd.DataFrame({
        "a": (np.arange(number)[:, None] * size + one).ravel(),
        "b": (np.arange(number)[:, None] * size + other).ravel(),
    }).sort_values(["a", "b"], ignore_index=True)  # fmt: skip
    bits = rng.integers(0, 9000, (len(links), len(FAMILIES))) * (rng.random(len(FAMILIES)) < 0.6)
    links["millibits"] = bits.sum(axis=1)
    for place, family in enumerate(FAMILIES):
        links[family.value] = bits[:, place]
    names = [f"cm_{place:08d}" for place in range(number)]
    members = pd.DataFrame({
        "account": [f"acct_{place:08d}" for place in member],
        "community": np.repeat(names, size), "cell": np.repeat(names, size), "tier": "core",
        "member_confidence": 0.9, "share": 1.0,
    })  # fmt: skip
    odds = {name: 1 / len(ASSESSMENTS) for name in ASSESSMENTS}
    assessment = Assessment(odds, "low", (Reason("made up", "device", 1.0),), ())
    communities = tuple(
        Community(name, TierSizes(size, 0, 0), 1000, None, None, assessment, 1.0, (), 0.5, (name,))
        for name in names
    )
    return Inference(
        run=f"run_bench{seed}", snapshot=f"sn_bench{seed}", seed=seed, communities=communities,
        links=links.astype(LINK_COLUMNS)[list(LINK_COLUMNS)],
        members=members.astype(MEMBER_COLUMNS),
        candidate_pairs=len(links),
    )  # fmt: skip
