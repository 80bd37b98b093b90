"""The country to which a regional internet registry assigned an address: not where it is used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.metadata import files, version

import iptocc
import pyarrow as pa

from ingest.enrichment.provider import Enrichment, Site, Source, answer

__all__ = ["REGISTRY_COUNTRY"]

PROPERTY = "registry_country"


@cache
def _built() -> str:
    """The day on which the package was made, from the delegations of that day; empty if untold."""
    for path in files("iptocc") or ():
        if path.name.endswith(".cyclonedx.json"):
            told = json.loads(path.read_text(encoding="utf-8"))
            return str(told.get("metadata", {}).get("timestamp", ""))[:10]
    return ""


def _open(_site: Site) -> tuple[Source, ...]:
    origin = ("iptocc", version("iptocc"), _built())

    def look_up(values: Sequence[str]) -> pa.Table:
        return answer({PROPERTY: iptocc.country_code(list(values))}, origin)

    return (
        Source(
            name=origin[0],
            version=origin[1],
            date=origin[2],
            licence="MIT OR Apache-2.0",
            look_up=look_up,
        ),
    )


REGISTRY_COUNTRY = Enrichment(
    name="registry_country",
    reads="ip",
    gives=(PROPERTY,),
    doc="The country in the delegation files of the five regional internet registries.",
    open=_open,
)
