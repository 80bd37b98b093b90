"""The accounting of what was loaded: rows = loaded + duplicate + quarantined."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

__all__ = ["Sum", "packages_table", "quarantine_reasons", "total"]

_NUMBERS = ("rows", "loaded", "duplicate", "quarantined")
WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Sum:
    """All packages that are in the snapshot."""

    rows: int
    loaded: int
    duplicate: int
    quarantined: int

    @property
    def unexplained(self) -> int:
        """Rows that are nowhere; anything but zero is a fault and is shown first."""
        return self.rows - self.loaded - self.duplicate - self.quarantined


def total(packages: pd.DataFrame) -> Sum:
    """The equation over all packages that were not withdrawn."""
    live = packages[packages["state"] != WITHDRAWN] if len(packages) else packages
    return Sum(**{name: int(live[name].sum()) if len(live) else 0 for name in _NUMBERS})


def packages_table(packages: pd.DataFrame) -> pd.DataFrame:
    """One row a package, unexplained ones first, then in the order given."""
    frame = packages.reset_index(drop=True)
    left = frame["rows"] - frame["loaded"] - frame["duplicate"] - frame["quarantined"]
    frame = frame.assign(unexplained=left)
    frame = frame.sort_values("unexplained", key=lambda s: -s.abs(), kind="stable")
    return pd.DataFrame(
        {
            "File": frame["file"],
            "Mapping": frame["mapping"],
            "Rows read": frame["rows"],
            "Loaded": frame["loaded"],
            "Duplicate": frame["duplicate"],
            "Quarantined": frame["quarantined"],
            "Unexplained": frame["unexplained"],
            "Load": frame["load_id"],
            "State": frame["state"],
        }
    ).reset_index(drop=True)


def quarantine_reasons(rows: pd.DataFrame) -> pd.DataFrame:
    """How often each reason occurs, the commonest first, with the first place it was seen."""
    if rows.empty:
        return pd.DataFrame({"Reason": [], "Fix": [], "Rows": [], "First seen at": []})
    grouped = rows.groupby(["reason", "fix"], sort=True, dropna=False)
    counts = grouped.size().rename("Rows").reset_index()
    first = grouped[["file", "row"]].first().reset_index()
    at = first["file"].astype(str) + ":" + first["row"].astype(str)
    table = pd.DataFrame(
        {
            "Reason": counts["reason"],
            "Fix": counts["fix"],
            "Rows": counts["Rows"],
            "First seen at": at,
        }
    )
    return table.sort_values(["Rows", "Reason"], ascending=[False, True], ignore_index=True)
