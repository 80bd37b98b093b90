"""The observation layer as analysis sees it: a few columnar tables over positions.

An account or identifier is known by its *position* (int32) in its sorted table; sorting by id,
never by code or token, makes every result independent of load order and of keys.
Times are ``datetime64[us]`` without zone and always UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.codes import codes
from graph_models.tallies import Counted, Tally, tallied

__all__ = ["COLUMNS", "SAMPLE", "Observations", "RowsOf", "TallyOf", "empty_table", "rows_of"]

RowsOf = Callable[[NDArray[np.int32]], pd.DataFrame]
TallyOf = Callable[[Counted], Tally]
# Accounts that speak for the population: rates of one in a thousand are known to a seventh, and
# their hours fit into memory at any size. A population of no more is read whole.
SAMPLE = 50_000

COLUMNS: dict[str, dict[str, str]] = {
    # One row an account, sorted by ``account``. Text is null where a source did not say.
    "accounts": {
        "account": "str",
        "created_at": "datetime64[us]",
        "closed_at": "datetime64[us]",
        "close_reason": "str",
        "status": "str",
        "email_domain": "str",
        "pathway": "str",
        "organisation": "str",
        "country": "str",
        "exchanges": "int64",
        "first_seen": "datetime64[us]",
        "last_seen": "datetime64[us]",
    },
    # One row an identifier, sorted by (kind, value). ``accounts`` is its degree; ``linkable`` is
    # False for values that may never link (private addresses, test cards).
    "identifiers": {
        "kind": "str",
        "value": "str",
        "accounts": "int32",
        "linkable": "bool",
        "prefix": "str",
        "asn": "str",
        "label": "str",
    },
    # One row per account x identifier, sorted by (identifier, account). ``claimed`` is the share of
    # sightings in which the caller himself wrote the value (forgeable), 0..1.
    "sightings": {
        "account": "int32",
        "identifier": "int32",
        "count": "int64",
        "first": "datetime64[us]",
        "last": "datetime64[us]",
        "days": "int32",
        "claimed": "float32",
    },
    # What ``activity_of`` returns: one row per account x hour x model x capability of the asked
    # accounts, sorted by (account, hour, model, capability). ``elicited`` counts exchanges that
    # asked for chain of thought, rubric grading or censorship-safe rewriting.
    "activity": {
        "account": "int32",
        "hour": "datetime64[us]",
        "model": "str",
        "capability": "str",
        "exchanges": "int64",
        "elicited": "int64",
        "input_tokens": "int64",
        "output_tokens": "int64",
    },
    # What providers of background data say: one fact a row, sorted by (identifier, property); of
    # several that tell one property the first is shown. ``date`` is of the data, or empty.
    "enrichment": {
        "identifier": "int32",
        "property": "category",
        "value": "category",
        "provider": "category",
        "version": "category",
        "date": "category",
    },
    "calendar": {"ts": "datetime64[us]", "kind": "str", "name": "str", "who": "str"},
    "labels": {"account": "int32", "label": "str", "source": "str", "ts": "datetime64[us]"},
    # What ``exchanges_of`` returns: one row an exchange of the asked accounts, sorted by
    # (account, ts). ``cluster`` is an identifier position or -1; ``prompt`` hashes the text, or 0.
    "exchanges": {
        "account": "int32",
        "ts": "datetime64[us]",
        "cluster": "int32",
        "prompt": "int64",
        "model": "str",
        "capability": "str",
        "elicited": "bool",
    },
}


def empty_table(name: str) -> pd.DataFrame:
    """A table of the given name with its columns, their types and no rows."""
    return pd.DataFrame({column: pd.Series(dtype=type_) for column, type_ in COLUMNS[name].items()})


def rows_of(table: pd.DataFrame) -> RowsOf:
    """A reader of a table that is held whole: the rows of the asked accounts, in their order."""
    account = table["account"].to_numpy(dtype=np.int64)

    def read(positions: NDArray[np.int32]) -> pd.DataFrame:
        asked = np.zeros(max(account.max(initial=-1), np.max(positions, initial=-1)) + 1, bool)
        asked[positions] = True
        return table if asked.all() else table[asked[account]]

    return read


@dataclass(frozen=True, eq=False, kw_only=True)
class Observations:
    """What the logs said, ready for linking. ``COLUMNS`` names the columns of each table.

    ``activity_of(positions)`` fetches the hours, ``exchanges_of(positions)`` the single exchanges
    of some accounts (``moments_of``: no more of these than account and ``ts``, where that is
    cheaper). Whatever is asked of a whole population is asked of ``sample``, what needs minutes is
    read for candidates only, and ``tally_of`` counts what everybody does in one pass, for
    populations too large to be read whole. ``lacking`` lists inputs that no source had
    (``"exchange.ip"``), so that a signal can say why it is silent.
    """

    snapshot: str
    accounts: pd.DataFrame
    identifiers: pd.DataFrame
    sightings: pd.DataFrame
    calendar: pd.DataFrame = field(default_factory=lambda: empty_table("calendar"))
    labels: pd.DataFrame = field(default_factory=lambda: empty_table("labels"))
    enrichment: pd.DataFrame = field(default_factory=lambda: empty_table("enrichment"))
    activity_of: RowsOf = field(default_factory=lambda: rows_of(empty_table("activity")))
    exchanges_of: RowsOf = field(default_factory=lambda: rows_of(empty_table("exchanges")))
    tally_of: TallyOf | None = None
    moments_of: RowsOf | None = None
    lacking: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in [name for name in COLUMNS if name not in ("activity", "exchanges")]:
            missing = set(COLUMNS[name]) - set(getattr(self, name).columns)
            if missing:
                raise ValueError(f"Observations.{name} lacks the columns {sorted(missing)}.")
        if not self.accounts["account"].is_monotonic_increasing:
            raise ValueError("Observations.accounts must be sorted by account id.")
        told = self.enrichment["identifier"]
        if len(told) and (
            not told.is_monotonic_increasing
            or told.iloc[0] < 0
            or told.iloc[-1] >= len(self.identifiers)
        ):
            raise ValueError("Observations.enrichment must be sorted by identifier positions.")

    @cached_property
    def sample(self) -> NDArray[np.int32]:
        """Positions of the accounts that speak for the population, ascending; at most ``SAMPLE``.

        Chosen by the hash of their ids, so that no order and no later account decides.
        """
        if len(self.accounts) <= SAMPLE:
            return np.arange(len(self.accounts), dtype=np.int32)
        drawn = codes("sample", self.accounts["account"])
        return np.sort(np.argpartition(drawn, SAMPLE)[:SAMPLE]).astype(np.int32)

    @cached_property
    def activity(self) -> pd.DataFrame:
        """The hours of ``sample``: all activity of a population that is not larger."""
        return self.activity_of(self.sample)

    def moments(self, positions: NDArray[np.int32]) -> pd.DataFrame:
        """When some accounts sent their exchanges: account, ts."""
        if self.moments_of is not None:
            return self.moments_of(positions)
        return self.exchanges_of(positions)[["account", "ts"]]

    def tally(self, counted: Counted) -> Tally:
        """How often every account did what habits are told by."""
        accounts = len(self.accounts)
        if self.tally_of is not None and accounts > len(self.sample):
            return self.tally_of(counted)
        everybody = np.arange(accounts, dtype=np.int32)
        whole = len(self.sample) == accounts
        return tallied(self.activity if whole else self.activity_of(everybody), accounts, counted)

    def position_of(self, account: str) -> int | None:
        """Position of an account id, or None when no log named it."""
        ids = self.accounts["account"]
        position = int(ids.searchsorted(account))
        found = position < len(ids) and ids.iloc[position] == account
        return position if found else None
