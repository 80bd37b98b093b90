"""A user's own lists of networks: hosting, VPN, Tor, proxies, carriers, offices, campuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from graph_models.cleaning import token
from graph_models.text import inert
from ingest.enrichment.intervals import Networks, Span
from ingest.enrichment.network_classes import NETWORK_CLASSES
from ingest.enrichment.provider import ANSWER, Enrichment, Site, Source
from ingest.enrichment.user_tables import UserTable, iso_date, tables
from ingest.store.storage import file_digest

__all__ = ["USER_NETWORKS"]

FIX = (
    "Put a CSV file with the columns network, label and, if known, source and date into the "
    f"folder enrichment of the workspace; labels are {', '.join(NETWORK_CLASSES)}."
)
Fact = tuple[str, str, str]  # label, source, date


def _network(table: UserTable, number: int, text: str) -> Span:
    try:
        return Span.parse(text)
    except ValueError:
        raise table.refusal(
            f"{inert(repr(text), limit=60)} is no network.",
            row=number,
            column="network",
            fix="Write it as 192.0.2.0/24 or 2001:db8::/32.",
        ) from None


def _fact(table: UserTable, number: int, row: Mapping[str, str]) -> Fact:
    label = row["label"].casefold()
    if label not in NETWORK_CLASSES:
        raise table.refusal(
            f"{inert(repr(row['label']), limit=60)} is no class of network.",
            row=number,
            column="label",
            fix=f"Use one of {', '.join(NETWORK_CLASSES)}.",
        )
    source = token(row.get("source", "")) or ""
    return label, source, iso_date(table, number, row.get("date", ""))


def _read(table: UserTable) -> dict[Span, set[Fact]]:
    """Every listed network with what is said of it; order and repetition do not matter."""
    listed: dict[Span, set[Fact]] = {}
    known: dict[tuple[str | None, ...], Fact] = {}
    for number, row in table.rows():
        said = tuple(row.get(name) for name in ("label", "source", "date"))
        if said not in known:
            known[said] = _fact(table, number, row)
        listed.setdefault(_network(table, number, row["network"]), set()).add(known[said])
    return listed


def _rank(fact: Fact) -> tuple[int, Fact]:
    return list(NETWORK_CLASSES).index(fact[0]), fact


def _source(table: UserTable) -> Source:
    listed = _read(table)
    order = sorted(listed)
    networks = Networks(order)
    facts = [sorted(listed[network], key=_rank) for network in order]
    version = file_digest(table.path)[:12]

    def look_up(values: Sequence[str]) -> pa.Table:
        number = networks.find(values)
        at = np.flatnonzero(number >= 0)
        rows = [
            (i, fact) for i, n in zip(at.tolist(), number[at], strict=True) for fact in facts[n]
        ]
        return _answer(table.name, version, rows)

    dates = sorted({fact[2] for own in facts for fact in own})
    return Source(
        name=table.name,
        version=version,
        date=dates[-1] if dates else "",
        licence="the user's own",
        look_up=look_up,
    )


def _answer(name: str, version: str, rows: Sequence[tuple[int, Fact]]) -> pa.Table:
    def words(texts: Sequence[str]) -> pa.Array:
        return pa.array(texts, pa.large_string()).dictionary_encode()

    columns = [
        pa.array([at for at, _ in rows], pa.int32()),
        words(["network_class"] * len(rows)),
        words([label for _, (label, _, _) in rows]),
        words([f"{name}: {source}" if source else name for _, (_, source, _) in rows]),
        words([version] * len(rows)),
        words([date for _, (_, _, date) in rows]),
    ]
    return pa.table(columns, schema=ANSWER)


def _open(site: Site) -> tuple[Source, ...]:
    return tuple(_source(table) for table in tables(site, "networks"))


USER_NETWORKS = Enrichment(
    name="networks",
    reads="ip",
    gives=("network_class",),
    doc="What a network is, by the user's own lists; the narrowest listed network holds.",
    open=_open,
    fix=FIX,
)
