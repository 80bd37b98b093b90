"""The registered domain of a mail domain, and whether its suffix is kept for academia."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from importlib.resources import files

import pyarrow as pa
import tldextract

from ingest.enrichment.provider import Enrichment, Site, Source, answer

__all__ = ["PUBLIC_SUFFIX"]

# Suffixes whose registries admit schools and universities only. Elsewhere the same letters are
# anybody's (edu.pl, for one), so they are listed one by one.
_ACADEMIC: frozenset[str] = frozenset(
    (
        "edu", "ac.at", "ac.cn", "ac.id", "ac.il", "ac.in", "ac.jp", "ac.ke", "ac.kr", "ac.nz",
        "ac.th", "ac.uk", "ac.za", "edu.ar", "edu.au", "edu.br", "edu.cn", "edu.co", "edu.eg",
        "edu.hk", "edu.in", "edu.mx", "edu.my", "edu.pk", "edu.sa", "edu.sg", "edu.tr", "edu.tw",
        "edu.vn",
    )
)  # fmt: skip


@cache
def _extract() -> tldextract.TLDExtract:
    # Without these two arguments the package would fetch the list and write beside itself.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@cache
def _list_date() -> str:
    text = files("tldextract").joinpath(".tld_set_snapshot").read_text(encoding="utf-8")
    found = re.search(r"^// VERSION: (\d{4}-\d\d-\d\d)", text[:4096], re.MULTILINE)
    return found[1] if found else ""


def _open(_site: Site) -> tuple[Source, ...]:
    origin = ("public suffix list (tldextract)", version("tldextract"), _list_date())

    def look_up(values: Sequence[str]) -> pa.Table:
        found = [_extract()(value, include_psl_private_domains=True) for value in values]
        academic = [item.suffix in _ACADEMIC for item in found]
        facts = {
            "registered_domain": [item.top_domain_under_public_suffix or None for item in found],
            "domain_class": ["academic" if only else None for only in academic],
        }
        return answer(facts, origin)

    return (
        Source(
            name=origin[0],
            version=origin[1],
            date=origin[2],
            licence="BSD-3-Clause, list MPL-2.0",
            look_up=look_up,
        ),
    )


PUBLIC_SUFFIX = Enrichment(
    name="public_suffix",
    reads="email_domain",
    gives=("registered_domain", "domain_class"),
    doc="What somebody registered below a public suffix, by Mozilla's public suffix list.",
    open=_open,
)
