"""What a community does, beside everybody else: read from the day files in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from graph_models.codes import codes
from ingest.observing.aliases import prepare_aliases, resolved
from ingest.observing.citations import register
from ingest.store.storage import session
from ingest.store.views import open_rows
from workbench.profiles.coupling import (
    ACCOUNT_COLUMNS,
    BIN_COLUMNS,
    RULE,
    Coupling,
    CouplingRule,
    couplings,
)

if TYPE_CHECKING:
    import duckdb

    from ingest.store.snapshots import Snapshot

__all__ = ["Share", "Work", "read_work", "shares_of"]

CONTROLS = 20_000  # accounts of the control cohort at most: a rate of 1 % is known to a tenth
MOST_SHARES = 12  # rows of a mix: more are summed up as "others"
UNKNOWN, OTHERS = "", "others"


@dataclass(frozen=True, kw_only=True)
class Share:
    """One model or capability: share of the members' exchanges, and of everybody else's."""

    name: str
    exchanges: int
    members: float
    rest: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Work:
    """What members did, and what the rest of the population did meanwhile.

    ``days``: day, members, rest (exchanges).
    """

    days: pd.DataFrame
    models: tuple[Share, ...]
    capabilities: tuple[Share, ...]
    releases: tuple[Coupling, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "days": self.days,
            "models": [asdict(share) for share in self.models],
            "capabilities": [asdict(share) for share in self.capabilities],
            "releases": [one.as_json() for one in self.releases],
        }


def shares_of(mix: pd.DataFrame, column: str) -> tuple[Share, ...]:
    """The mix of members beside that of the rest; what is rare is summed up.

    Args:
        mix: The column, member and exchanges.
        column: Of which column.
    """
    table = mix.pivot_table(
        index=column, columns="member", values="exchanges", aggfunc="sum", fill_value=0
    )
    table = table.reindex(columns=[False, True], fill_value=0).set_axis(["rest", "in"], axis=1)
    table = table.sort_index().sort_values(["in", "rest"], ascending=False, kind="stable")
    if len(table) > MOST_SHARES:
        rest = table.iloc[MOST_SHARES - 1 :].sum()
        table = pd.concat([table.iloc[: MOST_SHARES - 1], rest.to_frame(OTHERS).T])
    inside, outside = max(int(table["in"].sum()), 1), max(int(table["rest"].sum()), 1)
    return tuple(
        Share(name=str(name) or "unknown", exchanges=int(here), members=here / inside,
              rest=there / outside)
        for name, here, there in zip(table.index, table["in"], table["rest"], strict=True)
    )  # fmt: skip


def read_work(snapshot: Snapshot, members: Sequence[str], *, seed: int = 0) -> Work:
    """What some accounts did beside everybody else.

    One pass over the exchanges, and one more over the weeks around every release of the calendar.
    """
    calendar = register(snapshot, "calendar")
    releases = calendar[calendar["kind"] == "model_release"].sort_values(["ts", "name"])
    releases = pd.DataFrame({"release": releases["name"], "ts": releases["ts"]}).drop_duplicates()
    with session(snapshot.layout) as con:
        con.register("members", pa.table({"account": np.unique(codes("account", list(members)))}))
        asked = _exchanges(con, snapshot)
        mix: pd.DataFrame = con.sql(
            f"SELECT CAST(ts AS DATE) AS day, coalesce(model, '') AS model, "
            f"coalesce(capability, '') AS capability, member, count(*) AS exchanges "
            f"FROM ({asked}) GROUP BY ALL ORDER BY ALL"
        ).df()
        accounts, bins = _around(con, asked, releases, RULE)
    return Work(
        days=_days(mix),
        models=shares_of(mix, "model"),
        capabilities=shares_of(mix, "capability"),
        releases=couplings(releases, accounts, bins, seed=seed),
    )


def _exchanges(con: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> str:
    """SQL: account, ts, model, capability and whether a member sent it."""
    rows = open_rows(con, snapshot.layout, snapshot.manifest, "exchange")
    query = f"SELECT account, ts, model, capability FROM {rows} WHERE account IS NOT NULL"
    if prepare_aliases(con, snapshot.layout, snapshot.manifest):
        query = resolved(query, "ts")
    return f"SELECT *, account IN (SELECT account FROM members) AS member FROM ({query})"


def _around(
    con: duckdb.DuckDBPyConnection, asked: str, releases: pd.DataFrame, rule: CouplingRule
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What ``couplings`` reads; codes are hashes of ids, so the control cohort is drawn by them."""
    empty = pd.DataFrame(columns=list(ACCOUNT_COLUMNS)), pd.DataFrame(columns=list(BIN_COLUMNS))
    if releases.empty:
        return empty
    con.register("releases", pa.Table.from_pandas(releases, preserve_index=False))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE around AS "
        "SELECT r.release, e.account, e.member, e.ts >= r.ts AS late, "
        "CASE WHEN e.ts >= r.ts THEN "
        f"date_diff('second', r.ts, e.ts) // {rule.bin_hours * 3600} ELSE -1 END AS bin, "
        "count(*) AS exchanges, count(*) FILTER (e.model = r.release) AS new "
        f"FROM ({asked}) e JOIN releases r ON e.ts >= r.ts - INTERVAL {rule.before_days} DAY "
        f"AND e.ts < r.ts + INTERVAL {rule.after_days} DAY "
        f"WHERE e.member OR abs(e.account) % greatest(1, ({_people(asked)}) // {CONTROLS}) = 0 "
        "GROUP BY ALL"
    )
    accounts: pd.DataFrame = con.sql(
        "SELECT release, account, member, "
        "coalesce(sum(exchanges) FILTER (NOT late), 0)::BIGINT AS before, "
        "coalesce(sum(new) FILTER (NOT late), 0)::BIGINT AS new_before, "
        "coalesce(sum(exchanges) FILTER (late), 0)::BIGINT AS after, "
        "coalesce(sum(new) FILTER (late), 0)::BIGINT AS new_after "
        "FROM around GROUP BY ALL ORDER BY release, account"
    ).df()
    bins: pd.DataFrame = con.sql(
        "SELECT release, member, bin, sum(exchanges)::BIGINT AS exchanges, "
        "sum(new)::BIGINT AS new FROM around WHERE late GROUP BY ALL ORDER BY ALL"
    ).df()
    return accounts, bins


def _people(asked: str) -> str:
    return f"SELECT approx_count_distinct(account) FROM ({asked})"


def _days(mix: pd.DataFrame) -> pd.DataFrame:
    table = mix.pivot_table(
        index="day", columns="member", values="exchanges", aggfunc="sum", fill_value=0
    )
    table = table.reindex(columns=[False, True], fill_value=0)
    return pd.DataFrame({
        "day": pd.to_datetime(table.index).astype("datetime64[us]"),
        "members": table[True].to_numpy(np.int64),
        "rest": table[False].to_numpy(np.int64),
    })  # fmt: skip
