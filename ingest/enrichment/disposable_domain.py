"""Mail domains that give anybody a mailbox for minutes."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import pyarrow as pa
from disposable_email_domains import blocklist

from ingest.enrichment.provider import Enrichment, Site, Source, answer

__all__ = ["DISPOSABLE_DOMAIN"]

NAME = "disposable-email-domains"


def _listed(domain: str) -> bool:
    """Whether a domain or one above it is on the list: such services hand out subdomains, too."""
    labels = domain.split(".")
    return any(".".join(labels[i:]) in blocklist for i in range(len(labels) - 1))


def _open(_site: Site) -> tuple[Source, ...]:
    release = version(NAME)

    def look_up(values: Sequence[str]) -> pa.Table:
        found = ["disposable" if _listed(value) else None for value in values]
        return answer({"domain_class": found}, (NAME, release, ""))

    return (Source(name=NAME, version=release, date="", licence="MIT", look_up=look_up),)


DISPOSABLE_DOMAIN = Enrichment(
    name="disposable_domain",
    reads="email_domain",
    gives=("domain_class",),
    doc="Throw-away mail services, by the list that the Python package index uses.",
    open=_open,
)
