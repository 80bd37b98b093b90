"""Mail providers where anybody may open a mailbox: our own small table."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from graph_models.codes import digest_text
from graph_models.kinds.email_domain import PUBLIC_MAIL
from ingest.enrichment.provider import Enrichment, Site, Source, answer

__all__ = ["PUBLIC_MAIL_PROVIDER"]

NAME = "public mail providers (workbench)"
DATE = "2026-11-21"


def _open(_site: Site) -> tuple[Source, ...]:
    edition = digest_text(*sorted(PUBLIC_MAIL), size=6)

    def look_up(values: Sequence[str]) -> pa.Table:
        found = ["free_mail" if value in PUBLIC_MAIL else None for value in values]
        return answer({"domain_class": found}, (NAME, edition, DATE))

    return (Source(name=NAME, version=edition, date=DATE, licence="Apache-2.0", look_up=look_up),)


PUBLIC_MAIL_PROVIDER = Enrichment(
    name="public_mail",
    reads="email_domain",
    gives=("domain_class",),
    doc="Large providers of free mailboxes; the same table that keeps their domains from linking.",
    open=_open,
)
