"""A user's own ``.mmdb`` files: GeoLite2, GeoIP2, DB-IP, IPinfo and others of MaxMind's format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import maxminddb
import pyarrow as pa

from graph_models.cleaning import token
from graph_models.errors import BadDataError
from graph_models.text import inert
from ingest.enrichment.network_classes import FLAGS, NETWORK_CLASSES, USER_TYPES
from ingest.enrichment.provider import Enrichment, Site, Source, answer
from ingest.store.storage import file_digest

__all__ = ["USER_MMDB"]

FIX = (
    "Put an .mmdb file that you may use (GeoLite2, DB-IP Lite, IPinfo …) into the folder "
    "enrichment of the workspace."
)
# Where each property stands, by vendor; the first path that has a value wins.
_PATHS: dict[str, tuple[tuple[str, ...], ...]] = {
    "network_asn": (("autonomous_system_number",), ("traits", "autonomous_system_number"),
                    ("asn",), ("as_number",)),
    "network_organisation": (("autonomous_system_organization",),
                             ("traits", "autonomous_system_organization"), ("as_name",),
                             ("organization",), ("traits", "organization"), ("as_organization",)),
    "network_country": (("country", "iso_code"), ("country_code",), ("country",)),
    "network_connection": (("connection_type",), ("traits", "connection_type")),
    "network_user_type": (("user_type",), ("traits", "user_type")),
}  # fmt: skip
_TRUE = frozenset({"true", "1", "yes"})

Record = Mapping[str, Any]


def _at(record: Record, path: Sequence[str]) -> object:
    value: object = record
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _text(name: str, value: object) -> str | None:
    """A plain value as clean text; the number of an autonomous system without its letters."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    found = token(str(value))
    if found is None or name != "network_asn":
        return found
    number = found.upper().removeprefix("AS")
    return number if number.isdecimal() else None


def _property(name: str, record: Record) -> str | None:
    found = (_text(name, _at(record, path)) for path in _PATHS[name])
    return next((value for value in found if value is not None), None)


def _is_set(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.casefold() in _TRUE)


def _class(record: Record) -> str | None:
    traits = record.get("traits")
    flags = {**record, **(traits if isinstance(traits, Mapping) else {})}
    said = {word for flag, word in FLAGS.items() if _is_set(flags.get(flag))}
    said |= {USER_TYPES.get(str(flags.get("user_type")), "")}
    return next((word for word in NETWORK_CLASSES if word in said), None)


_TOLD: dict[str, Callable[[Record], str | None]] = {
    **{name: partial(_property, name) for name in _PATHS},
    "network_class": _class,
}


class _Database:
    """One opened file; a look-up that finds it damaged refuses it by name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._reader = maxminddb.open_database(path)
            self.about = self._reader.metadata()
        except (maxminddb.InvalidDatabaseError, ValueError, OSError, UnicodeError) as error:
            raise self._refusal(error) from error

    def _refusal(self, error: Exception) -> BadDataError:
        return BadDataError(
            f"This is no whole .mmdb file ({inert(str(error), limit=120)}).",
            where=inert(self.path.name),
            fix="Download it again, or take it out of the folder of enrichments.",
        )

    def record(self, value: str) -> Record:
        """What the file says of an address; empty where it says nothing."""
        if self.about.ip_version == 4 and ":" in value:
            return {}
        try:
            found = self._reader.get(value)
        except (maxminddb.InvalidDatabaseError, ValueError, UnicodeError, MemoryError) as error:
            raise self._refusal(error) from error
        return found if isinstance(found, Mapping) else {}


def _source(path: Path) -> Source:
    database = _Database(path)
    about = database.about
    date = datetime.fromtimestamp(about.build_epoch, UTC).date().isoformat()
    name = f"{inert(path.name)} ({inert(str(about.database_type), limit=60)})"
    origin = (name, file_digest(path)[:12], date)

    def look_up(values: Sequence[str]) -> pa.Table:
        known: dict[str, tuple[str | None, ...]] = {}  # many addresses share one record
        rows = []
        for value in values:
            record = database.record(value)
            text = repr(record)
            if text not in known:
                known[text] = tuple(told(record) for told in _TOLD.values())
            rows.append(known[text])
        return answer({name: [row[i] for row in rows] for i, name in enumerate(_TOLD)}, origin)

    return Source(
        name=name, version=origin[1], date=date, licence="the user's own", look_up=look_up
    )


def _open(site: Site) -> tuple[Source, ...]:
    return tuple(_source(path) for path in site.files(".mmdb"))


USER_MMDB = Enrichment(
    name="mmdb",
    reads="ip",
    gives=tuple(_TOLD),
    doc="Network, holder, country, connection and class of an address, from the user's files.",
    open=_open,
    fix=FIX,
)
