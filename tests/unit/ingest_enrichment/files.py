"""Small files as a user would bring them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet

ASN = {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Net"}


def small_mmdb(
    path: Path, records: Mapping[str, Mapping[str, Any]] | None = None, *, version: int = 4
) -> Path:
    """An .mmdb file of a few networks; by default one of documentation addresses."""
    writer = MMDBWriter(
        ip_version=version, ipv4_compatible=version == 6, database_type="Example-ASN"
    )
    for network, record in (records or {"203.0.113.0/24": ASN}).items():
        writer.insert_network(IPSet([network]), dict(record))
    writer.to_db_file(str(path))
    return path


def networks_csv(path: Path) -> Path:
    """A list with a network inside another one."""
    path.write_text(
        "network,label,source,date\n"
        "240.12.0.0/16,hosting,our peering,2026-10-01\n"
        "240.12.7.0/24,vpn,tickets,2026-10-20\n"
        "4000:7::/32,carrier,,\n",
        encoding="utf-8",
    )
    return path


def bins_csv(path: Path) -> Path:
    """Two prefixes, one inside the other."""
    path.write_text(
        "bin;country;issuer;funding;date\n"
        "411111;US;Bank One;credit;2026-09-01\n"
        "41111122;CA;Bank Two;prepaid;2026-09-02\n",
        encoding="utf-8",
    )
    return path
