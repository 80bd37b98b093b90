"""One account, many ids: ids of other systems resolved to the account that they stood for then."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import duckdb
import pyarrow as pa

from graph_models.codes import codes
from ingest import sql
from ingest.store.manifest import Manifest
from ingest.store.packages import find_load
from ingest.store.storage import Layout
from ingest.store.views import open_rows

__all__ = ["prepare_aliases", "resolved"]

BEGIN, END = datetime(1, 1, 1), datetime(9999, 12, 31)
SCHEMA = pa.schema(
    [
        ("external", pa.int64()),
        ("account", pa.int64()),
        ("account_id", pa.string()),
        ("since", pa.timestamp("us")),
        ("until", pa.timestamp("us")),
    ]
)
BOUNDS = ("since", "until")
Claim = tuple[str, datetime, datetime]


def prepare_aliases(con: duckdb.DuckDBPyConnection, layout: Layout, manifest: Manifest) -> bool:
    """Make the relation ``alias_of``; at any moment an id stands for one account at most.

    Where two accounts claim one id at a time, the smaller account id has it. An id that the
    provider's own register knows as an account is never another's alias; sign-ups that another
    system logged under its own ids are no register of the provider's.

    Returns:
        Whether there are any.
    """
    aliases = open_rows(con, layout, manifest, "alias")
    register = _own_register(con, layout, manifest)
    rows = con.execute(
        f"SELECT external_id, account_id, coalesce(valid_from, ?), coalesce(valid_to, ?) "
        f"FROM {aliases} WHERE external_id <> account_id "
        f"AND external_id NOT IN ({register}) ORDER BY ALL",
        [BEGIN, END],
    ).fetchall()
    claims: dict[str, list[Claim]] = {}
    for external, account, since, until in rows:
        claims.setdefault(external, []).append((account, since, until))
    found = [(external, *span) for external, own in claims.items() for span in _spans(own)]
    externals, accounts, since, until = (
        (list(column) for column in zip(*found, strict=True)) if (found) else ([], [], [], [])
    )
    columns = [codes("account", externals), codes("account", accounts), accounts, since, until]
    con.register("alias_of", pa.table(columns, schema=SCHEMA))
    return bool(found)


def _own_register(con: duckdb.DuckDBPyConnection, layout: Layout, manifest: Manifest) -> str:
    """SQL: the account ids of the provider's own register."""
    rows = open_rows(con, layout, manifest, "account")
    loads = con.execute(f"SELECT DISTINCT load_id FROM {rows} ORDER BY ALL").fetchall()
    found = ((load_id, find_load(layout, load_id)) for (load_id,) in loads)
    foreign = [name for name, load in found if load is not None and load.notes.get("system")]
    own = f"WHERE load_id NOT IN ({sql.texts(foreign)})" if foreign else ""
    return f"SELECT account_id FROM {rows} {own}"


def _spans(claims: list[Claim]) -> list[Claim]:
    """Claims of one id without overlap."""
    if len(claims) == 1:
        return claims
    moments = sorted({moment for _, since, until in claims for moment in (since, until)})
    spans = []
    for since, until in pairwise(moments):
        holders = [account for account, start, end in claims if start <= since and until <= end]
        if holders:
            spans.append((min(holders), since, until))
    return spans


def resolved(query: str, moment: str, *, unit: str | None = None, named: bool = False) -> str:
    """SQL: the rows of a query with ``account`` resolved at a time.

    Args:
        query: SQL with the columns account and ``moment``.
        moment: The column that says when.
        unit: What ``moment`` is cut to, such as ``hour``: an id then holds for the whole of it.
        named: Whether the rows also hold ``account_id``, to be resolved alike.
    """
    since, until = (f"date_trunc('{unit}', m.{end})" if unit else f"m.{end}" for end in BOUNDS)
    name = ", coalesce(m.account_id, r.account_id) AS account_id" if named else ""
    return (
        f"SELECT r.* REPLACE (coalesce(m.account, r.account) AS account{name}) "
        f"FROM ({query}) r LEFT JOIN alias_of m ON r.account = m.external "
        f"AND r.{moment} >= {since} AND r.{moment} < {until}"
    )
