"""What peers are asked about, from an analysed workspace: its sightings, its links, its truth.

python -m benchmarks.scale.material --workspace DIR --truth DIR --out FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.quality.belonging import Belonging
from graph_models.communities.formation import weighted
from graph_models.linking import LinkContext, candidate_pairs, link_pairs, link_threshold
from graph_models.observations import Observations
from workbench.grading import Truth
from workbench.library import Workbench

__all__ = ["ACCOUNTS", "LINKS", "USES", "uses_of", "write"]

LINKS, ACCOUNTS, USES = "links.parquet", "accounts.parquet", "uses.parquet"
SEEN = ("count", "days", "claimed", "first", "last")


def write(workspace: Path, truth: Path, folder: Path) -> None:
    """Write the three tables.

    ``LINKS``: a, b (positions), millibits, weight, as communities are formed from. ``ACCOUNTS``:
    account, group (who runs it) and together (also those that only meet, such as a class) by
    position, -1 with nobody, -2 unknown. ``USES``: see ``uses_of``.
    """
    obs = Workbench.open(workspace).observations()
    context = LinkContext.of(obs)
    threshold = link_threshold(context)
    ledger = link_pairs(context, candidate_pairs(context).view, threshold)
    folder.mkdir(parents=True, exist_ok=True)
    weighted(ledger.links(threshold), context.prior_bits).to_parquet(folder / LINKS)
    names = obs.accounts["account"]
    known = Belonging.of(Truth.read(truth), names)
    own = {"group": known.controlled, "together": known.any_group}
    table = pd.DataFrame({"account": names.astype(str), **own})
    table.to_parquet(folder / ACCOUNTS)
    uses_of(obs).to_parquet(folder / USES)


def uses_of(obs: Observations) -> pd.DataFrame:
    """One row an account and identifier, as texts: what anybody's linking may start from.

    account, type, value, linkable, count, days, claimed, first, last; by account, type and value.
    """
    sightings = obs.sightings
    of = sightings["identifier"].to_numpy()
    identifiers = obs.identifiers.iloc[of]
    rows = pd.DataFrame({
        "account": obs.accounts["account"].astype(str).to_numpy()[sightings["account"]],
        "type": identifiers["kind"].astype(str).to_numpy(),
        "value": identifiers["value"].astype(str).to_numpy(),
        "linkable": identifiers["linkable"].to_numpy(),
        **{name: sightings[name].to_numpy() for name in SEEN},
    })  # fmt: skip
    order = np.lexsort((of, sightings["account"].to_numpy()))
    return rows.iloc[order].reset_index(drop=True)


def main() -> None:
    """As a process of its own: nothing of it counts for any engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("workspace", "truth", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    chosen = parser.parse_args()
    write(chosen.workspace, chosen.truth, chosen.out)


if __name__ == "__main__":
    main()
