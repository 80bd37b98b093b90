"""Background data about identifiers: who says what of an address, a domain, a user agent, a card.

Works with no network. Each value keeps its provider, version and data date; what no provider
knows is unknown and nothing else.
"""

from __future__ import annotations

from ingest.enrichment.card_scheme import CARD_SCHEME
from ingest.enrichment.client_software import CLIENT_SOFTWARE
from ingest.enrichment.disposable_domain import DISPOSABLE_DOMAIN
from ingest.enrichment.provider import ANSWER, SETTING, Enrichment, Site, Source
from ingest.enrichment.public_mail import PUBLIC_MAIL_PROVIDER
from ingest.enrichment.public_suffix import PUBLIC_SUFFIX
from ingest.enrichment.registry_country import REGISTRY_COUNTRY
from ingest.enrichment.user_bins import USER_BINS
from ingest.enrichment.user_mmdb import USER_MMDB
from ingest.enrichment.user_networks import USER_NETWORKS

__all__ = ["ANSWER", "ENRICHMENTS", "SETTING", "Enrichment", "Site", "Source"]

# Where two tell the same property, the upper one is shown first: a user's own list knows best.
ENRICHMENTS: tuple[Enrichment, ...] = (
    USER_NETWORKS,
    USER_MMDB,
    REGISTRY_COUNTRY,
    DISPOSABLE_DOMAIN,
    PUBLIC_MAIL_PROVIDER,
    PUBLIC_SUFFIX,
    CLIENT_SOFTWARE,
    USER_BINS,
    CARD_SCHEME,
)
