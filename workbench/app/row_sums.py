"""The accounting of what was loaded: rows = loaded + duplicate + quarantined."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from workbench import wording

__all__ = [
    "Sum",
    "checked_table",
    "packages_table",
    "quarantine_reasons",
    "quarantine_rows",
    "snapshots_table",
    "total",
]

PUBLISHED = "published"


@dataclass(frozen=True)
class Sum:
    """All packages in the snapshot: rows + further = loaded + duplicate + quarantined.

    ``events``: what the accepted rows gave, at least one each; ``loaded``: those that the snapshot
    counts.
    """

    rows: int
    events: int
    loaded: int
    quarantined: int

    @property
    def further(self) -> int:
        """Events beyond one a row: a record of some sources is a login and a device, too."""
        return self.events - (self.rows - self.quarantined)

    @property
    def duplicate(self) -> int:
        """Events whose id another row had before; a later load may bring their original."""
        return self.events - self.loaded

    @property
    def explained(self) -> bool:
        """False when a snapshot holds more rows than its packages brought: a fault, shown first."""
        return self.duplicate >= 0


def total(packages: pd.DataFrame, snapshots: pd.DataFrame) -> Sum:
    """The equation over all packages of the current snapshot (the first of the list)."""
    live = packages[packages["state"] == PUBLISHED]
    kept = int(snapshots["rows"].iloc[0]) if len(snapshots) else 0
    rows, events, quarantined = (
        int(live[name].sum()) for name in ("rows", "events", "quarantined")
    )
    return Sum(rows, events, kept, quarantined)


def packages_table(packages: pd.DataFrame) -> pd.DataFrame:
    """One row a package, in the order given."""
    frame = packages.reset_index(drop=True)
    return pd.DataFrame(
        {
            "File": frame["file"],
            "Mapping": frame["mapping"],
            "Rows read": frame["rows"],
            "Accepted": frame["rows"] - frame["quarantined"],
            "Quarantined": frame["quarantined"],
            "Load": frame["load_id"],
            "State": frame["state"],
        }
    )


def checked_table(found: pd.DataFrame) -> pd.DataFrame:
    """What files are, for people: shares in per cent, days instead of moments."""
    days = {
        name: pd.to_datetime(found[name]).dt.strftime("%-d %b %Y") for name in ("first", "last")
    }
    shares = {
        name: [f"{share:.0%}" if pd.notna(share) else "–" for share in found[name]]
        for name in ("known", "accepted")
    }
    return pd.DataFrame(
        {
            "File": found["file"],
            "Mapping": found["mapping"].fillna("none"),
            "Gives": found["emits"].fillna("–"),
            "Known": shares["known"],
            "Would load": shares["accepted"],
            "From": days["first"].fillna("–"),
            "To": days["last"].fillna("–"),
            "Remark": found["remark"].fillna(""),
        }
    )


def quarantine_reasons(rows: pd.DataFrame) -> pd.DataFrame:
    """How often each reason occurs, the commonest first, with the first place it was seen."""
    if rows.empty:
        return pd.DataFrame({"Reason": [], "Fix": [], "Rows": [], "First seen at": []})
    grouped = rows.groupby(["reason", "fix"], sort=True, dropna=False)
    counts = grouped.size().rename("Rows").reset_index()
    first = grouped[["file", "row"]].first().reset_index()
    table = pd.DataFrame(
        {
            "Reason": counts["reason"],
            "Fix": counts["fix"],
            "Rows": counts["Rows"],
            "First seen at": first["file"].astype(str) + ":" + first["row"].astype(str),
        }
    )
    return table.sort_values(["Rows", "Reason"], ascending=[False, True], ignore_index=True)


def quarantine_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Rejected rows for people: where, what was read, why not."""
    return pd.DataFrame(
        {
            "File": rows["file"].astype("str"),
            "Row": rows["row"],
            "Column": rows["column"],
            "Value": rows["value"].astype("str"),
            "Reason": rows["reason"],
        }
    )


def snapshots_table(found: pd.DataFrame, zone: str = wording.UTC_ZONE) -> pd.DataFrame:
    """Snapshots, the one in use marked; a digest has no telling tail, so its start is shown."""
    at = pd.to_datetime(found["at"], utc=True, format="ISO8601")
    return pd.DataFrame(
        {
            "Snapshot": found["snapshot"].astype("str").str[:8],
            "Made": [wording.moment(when, zone) for when in at],
            "Loads": found["loads"],
            "Rows": found["rows"],
            "Use": ["● in use" if current else "–" for current in found["current"]],
        }
    )
