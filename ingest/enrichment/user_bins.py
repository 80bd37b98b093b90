"""A user's own list of card number prefixes: country, issuer and funding of a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from graph_models.cleaning import token
from graph_models.text import inert
from ingest.enrichment.provider import Enrichment, Site, Source, answer
from ingest.enrichment.user_tables import UserTable, iso_date, tables
from ingest.store.storage import file_digest

__all__ = ["USER_BINS"]

_GIVEN = {"bin_country": "country", "bin_issuer": "issuer", "bin_funding": "funding"}
_LENGTHS = range(4, 12)  # digits of a prefix (ISO/IEC 7812 has six, of late eight)
FIX = (
    "Put a CSV file with the column bin and any of country, issuer, funding and date into the "
    "folder enrichment of the workspace; no BIN list of clear origin may be shipped."
)


def _prefix(table: UserTable, number: int, text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) in _LENGTHS):
        raise table.refusal(
            f"{inert(repr(text), limit=60)} is no card number prefix.",
            row=number,
            column="bin",
            fix="Write four to eleven digits.",
        )
    return text


def _read(table: UserTable) -> tuple[Mapping[str, Mapping[str, str]], str]:
    """Prefix → its row, and the newest date; the row that comes last in the file holds."""
    listed, dates = {}, {""}
    for number, row in table.rows():
        listed[_prefix(table, number, row["bin"])] = row
        dates.add(iso_date(table, number, row.get("date", "")))
    return listed, max(dates)


def _source(table: UserTable) -> Source:
    listed, newest = _read(table)
    lengths = sorted({len(prefix) for prefix in listed}, reverse=True)
    origin = (table.name, file_digest(table.path)[:12], newest)

    def row_of(value: str) -> Mapping[str, str]:
        fits = (listed.get(value[:length]) for length in lengths if length <= len(value))
        return next((row for row in fits if row), {})

    def look_up(values: Sequence[str]) -> pa.Table:
        rows = [row_of(value) for value in values]
        facts = {
            name: [token(row.get(column, "")) for row in rows] for name, column in _GIVEN.items()
        }
        return answer(facts, origin)

    return Source(
        name=table.name,
        version=origin[1],
        date=newest,
        licence="the user's own",
        look_up=look_up,
    )


def _open(site: Site) -> tuple[Source, ...]:
    return tuple(_source(table) for table in tables(site, "bins"))


USER_BINS = Enrichment(
    name="bins",
    reads="bin",
    gives=tuple(_GIVEN),
    doc="Country, issuer and funding of a card by its first digits, by the user's own list.",
    open=_open,
    fix=FIX,
)
