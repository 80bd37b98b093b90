"""Knowledge from outside: indicators read, checked, and matched with what members used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.errors import BadDataError
from graph_models.families import Family
from graph_models.kinds import KINDS
from graph_models.observations import Observations
from workbench.attribution.model import LAYERS
from workbench.attribution.rules import COSTLY_KINDS, CREDIBILITY, RELIABILITY

__all__ = ["INDICATOR_COLUMNS", "Match", "checked", "matches", "read_indicators"]

INDICATOR_COLUMNS: tuple[str, ...] = (
    "kind", "value", "operator", "role", "source", "reliability", "credibility", "valid_from",
    "valid_to", "tlp",
)  # fmt: skip
_REQUIRED = ("kind", "value", "source")
_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": lambda path: pd.read_csv(path, dtype=str, keep_default_na=False),
    ".jsonl": lambda path: pd.read_json(path, lines=True, dtype=False),
    ".parquet": pd.read_parquet,
}
_FAMILIES = {kind.name: kind.family for kind in KINDS}
_VIEWS = {"ip_prefix": "prefix", "asn": "asn"}  # coarser views of an address


@dataclass(frozen=True, kw_only=True)
class Match:
    """One indicator against one community.

    ``members`` of the asked accounts used the value within its validity, ``outside`` other
    accounts did; ``claimed`` is the forgeable share of the members' sightings.
    """

    kind: str
    value: str
    operator: str
    role: str
    source: str
    reliability: str
    credibility: str
    members: int
    outside: int
    claimed: float

    @property
    def family(self) -> Family:
        """The signal family of the kind; foreign types count as profile."""
        return Family.NETWORK if self.kind in _VIEWS else _FAMILIES.get(self.kind, Family.PROFILE)

    @property
    def costly(self) -> bool:
        """Whether an impostor would have to pay for it; what the caller wrote himself is cheap."""
        return self.kind in COSTLY_KINDS and self.claimed < 0.5

    @property
    def trust(self) -> float:
        """0..1 from both Admiralty grades."""
        return RELIABILITY[self.reliability] * CREDIBILITY[self.credibility]


def read_indicators(path: Path) -> pd.DataFrame:
    """Read a canonical indicator file (CSV, JSONL, Parquet); BadDataError when it is none."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None or not path.is_file():
        raise BadDataError(
            "This is no indicator file.",
            where=str(path),
            fix=f"Name a file that ends in {', '.join(_READERS)}.",
        )
    try:
        table = reader(path)
    except (ValueError, OSError) as error:
        raise BadDataError("The file cannot be read.", where=str(path), fix=str(error)) from error
    return checked(table, where=str(path))


def checked(table: pd.DataFrame, *, where: str = "indicators") -> pd.DataFrame:
    """Indicators as text with all columns, cleaned values and known grades, without duplicates."""
    missing = [name for name in _REQUIRED if name not in table.columns]
    if missing:
        raise BadDataError(
            f"Indicators lack the columns {', '.join(missing)}.",
            where=where,
            fix="A row needs kind, value and source; operator and role say whose it is.",
        )
    rows = table.reindex(columns=list(INDICATOR_COLUMNS)).astype(object)
    rows = rows.where(rows.notna(), "").astype(str).apply(lambda column: column.str.strip())
    rows["reliability"] = _graded(rows["reliability"].str.upper(), RELIABILITY, "F", where)
    rows["credibility"] = _graded(
        rows["credibility"].str.removesuffix(".0"), CREDIBILITY, "6", where
    )
    bad = rows[(rows["operator"] != "") & ~rows["role"].isin(LAYERS)]
    if len(bad):
        raise BadDataError(
            f"Row {int(bad.index[0]) + 1} names an operator without a known role.",
            where=where,
            fix=f"role is one of {', '.join(LAYERS)}.",
        )
    return _clean(rows).drop_duplicates().sort_values(list(INDICATOR_COLUMNS), ignore_index=True)


def _graded(column: pd.Series, scale: object, default: str, where: str) -> pd.Series:
    filled = column.where(column != "", default)
    wrong = filled[~filled.isin(list(scale))]  # type: ignore[call-overload]
    if len(wrong):
        raise BadDataError(
            f"Row {int(wrong.index[0]) + 1}: {wrong.iloc[0]!r} is no Admiralty grade.",
            where=where,
            fix="Reliability is A–F, credibility is 1–6.",
        )
    return filled


def _clean(rows: pd.DataFrame) -> pd.DataFrame:
    """Values as ingest cleans them; a network written in the place of an address is a prefix."""
    network = (rows["kind"] == "ip") & rows["value"].str.contains("/", regex=False)
    rows["kind"] = rows["kind"].where(~network, "ip_prefix")
    for kind in KINDS:
        at = rows["kind"] == kind.name
        rows.loc[at, "value"] = [kind.clean(text) or "" for text in rows.loc[at, "value"]]
    return rows[(rows["value"] != "") & (rows["kind"] != "")]


def matches(
    indicators: pd.DataFrame, obs: Observations, accounts: NDArray[np.int32]
) -> tuple[Match, ...]:
    """Match every indicator with the accounts asked and with everybody else."""
    inside = np.zeros(len(obs.accounts), bool)
    inside[accounts] = True
    found = []
    for row in indicators.to_dict("records"):
        seen = _sightings(obs, str(row["kind"]), str(row["value"]))
        seen = seen[_valid(seen, str(row["valid_from"]), str(row["valid_to"]))]
        who = seen["account"].unique()
        mine = seen[inside[seen["account"]]]
        found.append(
            Match(
                kind=str(row["kind"]), value=str(row["value"]), operator=str(row["operator"]),
                role=str(row["role"]), source=str(row["source"]),
                reliability=str(row["reliability"]), credibility=str(row["credibility"]),
                members=int(inside[who].sum()), outside=int((~inside[who]).sum()),
                claimed=float(mine["claimed"].mean()) if len(mine) else 0.0,
            )
        )  # fmt: skip
    return tuple(found)


def _sightings(obs: Observations, kind: str, value: str) -> pd.DataFrame:
    known = obs.identifiers
    if kind in _VIEWS:
        at = np.flatnonzero((known["kind"] == "ip") & (known[_VIEWS[kind]] == value))
    else:
        at = np.flatnonzero((known["kind"] == kind) & (known["value"] == value))
    return obs.sightings[obs.sightings["identifier"].isin(at)]


def _valid(seen: pd.DataFrame, start: str, end: str) -> NDArray[np.bool_]:
    keep = np.ones(len(seen), bool)
    if start:
        keep &= (seen["last"] >= _time(start)).to_numpy()
    if end:
        keep &= (seen["first"] <= _time(end)).to_numpy()
    return keep


def _time(text: str) -> pd.Timestamp:
    try:
        stamp = pd.Timestamp(text)
    except ValueError as error:
        raise BadDataError(f"{text!r} is no time.", where="indicators", fix="ISO 8601.") from error
    return stamp.tz_convert("UTC").tz_localize(None) if stamp.tzinfo else stamp
