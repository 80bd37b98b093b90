"""The registry of kinds: one line each. A file that is not listed here fails a test."""

from __future__ import annotations

from graph_models.errors import UsageError
from graph_models.kind import Glyph, Kind, LinkPolicy
from graph_models.kinds.account import ACCOUNT
from graph_models.kinds.api_key import API_KEY
from graph_models.kinds.device_fingerprint import DEVICE_FINGERPRINT
from graph_models.kinds.email_domain import EMAIL_DOMAIN
from graph_models.kinds.ip_address import IP_ADDRESS
from graph_models.kinds.payment_method import PAYMENT_METHOD
from graph_models.kinds.prompt_cluster import PROMPT_CLUSTER
from graph_models.kinds.tls_fingerprint import TLS_FINGERPRINT
from graph_models.kinds.user_agent import USER_AGENT

__all__ = [
    "ACCOUNT",
    "FOREIGN_GLYPH",
    "FOREIGN_POLICY",
    "FOREIGN_RELATION",
    "KINDS",
    "glyph_of",
    "kind_named",
    "policy_of",
    "relation_of",
]

KINDS: tuple[Kind, ...] = (
    PAYMENT_METHOD,
    DEVICE_FINGERPRINT,
    IP_ADDRESS,
    PROMPT_CLUSTER,
    API_KEY,
    EMAIL_DOMAIN,
    TLS_FINGERPRINT,
    USER_AGENT,
)

FOREIGN_POLICY = LinkPolicy(
    reuse=0.3,
    hub_degree=100,
    cap_bits=10.0,
    reason="Nothing is known of a foreign type but how rare its values are, so a rare value may "
    "speak, less loudly than a card, and one on more than 100 accounts is context.",
)
FOREIGN_RELATION = "USED"
FOREIGN_GLYPH = Glyph(shape="pentagon", light="#66717E", dark="#8A949F", size=10.0)

_BY_NAME: dict[str, Kind] = {kind.name: kind for kind in KINDS}


def kind_named(name: str) -> Kind:
    """The kind of that name; raises UsageError that lists the valid ones."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UsageError(
            f"{name!r} is no kind of identifier.", fix=f"Use one of {', '.join(_BY_NAME)}."
        ) from None


def policy_of(name: str) -> LinkPolicy:
    """How much a shared value of that kind says; a cautious default for foreign types."""
    return _BY_NAME[name].policy if name in _BY_NAME else FOREIGN_POLICY


def relation_of(name: str) -> str:
    """The relation from an account to an identifier of that kind; ``USED`` for foreign types."""
    return _BY_NAME[name].relation if name in _BY_NAME else FOREIGN_RELATION


def glyph_of(name: str) -> Glyph:
    """How the canvas draws that kind; one grey glyph for foreign types."""
    if name == ACCOUNT.name:
        return ACCOUNT.glyph
    return _BY_NAME[name].glyph if name in _BY_NAME else FOREIGN_GLYPH
