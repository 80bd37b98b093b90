"""Foreign tables as observations: attributes and event objects become identifiers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.codes import digest_text
from graph_models.errors import BadDataError
from graph_models.linking.layers import is_foreign
from graph_models.observations import COLUMNS, Observations, empty_table
from ingest.prompts import templates

__all__ = ["observe_tables"]

ATTRIBUTES = ("account", "type", "value", "first_seen", "last_seen", "weight")
EVENTS = ("account", "time", "object_type", "object", "text")
SHARED = ("type", "value")
GIVEN = " (given)"


def observe_tables(
    attributes: pd.DataFrame, events: pd.DataFrame | None, shared: pd.DataFrame | None
) -> tuple[Observations, tuple[str, ...]]:
    """Observations from foreign tables (see ``workbench.foreign.link_tables``), with notes."""
    notes: list[str] = []
    uses, accounts = _uses(attributes, events, notes)
    acts = _table(events, EVENTS, "events", EVENTS[:1])
    obs = _observations(uses, accounts, acts, notes)
    return _with_services(obs, shared, notes), tuple(notes)


def _table(
    table: pd.DataFrame | None, columns: tuple[str, ...], name: str, needed: tuple[str, ...]
) -> pd.DataFrame:
    """The known columns as stripped text, missing optional ones empty."""
    if table is None:
        return pd.DataFrame({column: pd.Series(dtype=str) for column in columns})
    missing = [column for column in needed if column not in table.columns]
    if missing:
        raise BadDataError(
            f"The table of {name} lacks {', '.join(missing)}.",
            fix=f"Its columns are {', '.join(columns)}.",
        )
    known = {
        column: table[column].astype("str").fillna("").str.strip()
        if column in table.columns
        else pd.Series("", index=table.index, dtype="str")
        for column in columns
    }
    plain = pd.DataFrame(known).reset_index(drop=True)
    for column in ("type", "object_type"):
        if column in plain:
            # Whatever a stranger calls "ip" is judged by the table alone, not by what our ips mean.
            plain[column] = plain[column].where(
                plain[column].map(is_foreign), plain[column] + GIVEN
            )
    return plain


def _times(text: pd.Series, what: str, notes: list[str]) -> pd.Series:
    """Times as UTC without zone; numbers are seconds (or milliseconds) since 1970."""
    number = pd.to_numeric(text, errors="coerce")
    seconds = number.where(number.abs() < 1e11, number / 1000)
    dated = pd.to_datetime(text.where(number.isna()), errors="coerce", utc=True, format="ISO8601")
    times = dated.dt.tz_localize(None).astype("datetime64[us]")
    epoch = pd.to_datetime(seconds, unit="s", errors="coerce").astype("datetime64[us]")
    times = times.fillna(epoch)
    given = text != ""
    unread = int((given & times.isna()).sum())
    if unread:
        notes.append(f"{what}: {unread:,} of {int(given.sum()):,} times are unreadable and unused.")
    return times


def _uses(
    attributes: pd.DataFrame, events: pd.DataFrame | None, notes: list[str]
) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    """One row per account x type x value (count, first, last), and all accounts, sorted."""
    given = _table(attributes, ATTRIBUTES, "attributes", ATTRIBUTES[:3])
    acts = _table(events, EVENTS, "events", EVENTS[:1])
    first = _times(given["first_seen"], "attributes.first_seen", notes)
    last = _times(given["last_seen"], "attributes.last_seen", notes).fillna(first)
    weight = pd.to_numeric(given["weight"], errors="coerce").fillna(1).clip(lower=1)
    when = _times(acts["time"], "events.time", notes)
    rows = [
        given[["account", "type", "value"]].assign(
            count=weight, first=first.fillna(last), last=last
        ),
        _event_uses(acts, acts["object_type"], acts["object"], when),
        _event_uses(acts, "prompt_cluster", _clusters(acts, notes), when),
    ]
    uses = pd.concat([part for part in rows if len(part)] or rows[:1], ignore_index=True)
    accounts = np.unique(uses.loc[uses["account"] != "", "account"].to_numpy(dtype=object))
    usable = (uses[["account", "type", "value"]] != "").all(axis=1)
    empty = int((~usable[: len(given)]).sum())
    if empty:
        notes.append(f"attributes: {empty:,} rows lack an account, a type or a value.")
    grouped = uses[usable].groupby(["type", "value", "account"], sort=True, as_index=False)
    return grouped.agg({"count": "sum", "first": "min", "last": "max"}), accounts


def _event_uses(
    acts: pd.DataFrame, type_: pd.Series | str, value: pd.Series, when: pd.Series
) -> pd.DataFrame:
    return acts[["account"]].assign(type=type_, value=value, count=1.0, first=when, last=when)


def _clusters(acts: pd.DataFrame, notes: list[str]) -> pd.Series:
    """Prompt cluster of each event's text; "" for none and for texts like no other."""
    worded = acts.index[acts["text"] != ""]
    empty = pd.Series("", index=acts.index, dtype="str")
    if not len(worded):
        if len(acts):
            notes.append("events: no texts, so prompt signals are silent.")
        return empty
    found = templates(pd.DataFrame({"id": worded, "text": acts.loc[worded, "text"]}))
    cluster = pd.Series(found["template"].to_numpy(dtype=object), index=worded, dtype="str")
    alone = cluster.str.startswith("single_") | (cluster == "empty")
    empty.loc[worded] = cluster.where(~alone, "")
    return empty


def _observations(
    uses: pd.DataFrame, accounts: NDArray[np.object_], acts: pd.DataFrame, notes: list[str]
) -> Observations:
    position = pd.Series(np.arange(len(accounts), dtype=np.int32), index=accounts)
    identifiers = uses.groupby(["type", "value"], sort=True).size().reset_index(name="accounts")
    identifiers = identifiers.rename(columns={"type": "kind"}).assign(linkable=True)
    sightings = pd.DataFrame({
        "account": position.reindex(uses["account"]).to_numpy(),
        "identifier": uses.groupby(["type", "value"], sort=True).ngroup(),
        "count": np.rint(uses["count"]), "first": uses["first"], "last": uses["last"],
        "days": 1, "claimed": 0.0,
    }).astype(COLUMNS["sightings"])  # fmt: skip
    when = _times(acts["time"], "", [])
    born = uses.groupby("account")["first"].min().reindex(accounts)
    table = empty_table("accounts").reindex(range(len(accounts)))
    table["account"] = accounts
    table["created_at"] = born.to_numpy()
    table["exchanges"] = acts["account"].value_counts().reindex(accounts).fillna(0).to_numpy()
    lacking = ["exchange.prompt"] if (acts["text"] == "").all() else []
    if born.isna().all():
        lacking += ["account.created_at"]
        notes.append("No times at all: timing and lifecycle signals are silent.")
    if when.isna().all():
        lacking += ["exchange.ts"]
    rows = empty_table("exchanges").reindex(range(len(acts)))
    rows["account"], rows["ts"] = position.reindex(acts["account"]).fillna(-1).to_numpy(), when
    rows = rows.fillna({"cluster": -1, "prompt": 0, "elicited": False}).astype(COLUMNS["exchanges"])
    rows = rows[(rows["account"] >= 0) & rows["ts"].notna()].sort_values(["account", "ts"])
    text = pd.util.hash_pandas_object(uses, index=False).to_numpy().tobytes().hex()
    return Observations(
        snapshot=digest_text("foreign", text),
        accounts=table.astype(COLUMNS["accounts"]),
        identifiers=identifiers.reindex(columns=list(COLUMNS["identifiers"])).astype(
            COLUMNS["identifiers"]
        ),
        sightings=sightings,
        exchanges_of=lambda who: rows[rows["account"].isin(who)],
        lacking=tuple(lacking),
    )


def _with_services(
    obs: Observations, shared: pd.DataFrame | None, notes: list[str]
) -> Observations:
    """Mark known shared services; what is named there and never seen is noted."""
    services = _table(shared, SHARED, "shared", SHARED).drop_duplicates()
    known = pd.MultiIndex.from_frame(obs.identifiers[["kind", "value"]])
    named = pd.MultiIndex.from_frame(services)
    obs.identifiers.loc[known.isin(named), "label"] = "shared service"
    unseen = int((~named.isin(known)).sum())
    if unseen:
        notes.append(f"shared: {unseen:,} of {len(services):,} services occur in no table.")
    return obs
