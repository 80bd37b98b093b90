"""An API key, by its id. The key itself is a secret and is never kept."""

from __future__ import annotations

import re

from graph_models.cleaning import token
from graph_models.codes import digest_text
from graph_models.families import Family
from graph_models.kind import Glyph, Kind, LinkPolicy, Source

__all__ = ["API_KEY"]

_SECRET = re.compile(r"(sk|pk|rk|key)[-_][A-Za-z0-9_-]{20,}|Bearer .+", re.IGNORECASE)

# Too short for a secret, or of another beginning.
_PLAIN = r"[!-~]{1,22}|[0-9a-fA-F][!-~]*"


def _clean(text: str) -> str | None:
    value = token(text)
    if value is None or not _SECRET.fullmatch(value):
        return value
    # Some gateways log the secret in the id's place: a digest still links and opens no door.
    return f"key_{digest_text('api_key', value, size=12)}"


API_KEY = Kind(
    name="api_key",
    label="ApiKey",
    relation="USED_API_KEY",
    title="API key",
    plural="API keys",
    doc="An API key as the id that the gateway gave it, or a digest where only the key was logged.",
    family=Family.INSTRUMENT,
    sources=(Source(event="exchange", columns=("api_key_id",)),),
    clean=_clean,
    plain=_PLAIN,
    policy=LinkPolicy(
        reuse=0.2,
        hub_degree=200,
        cap_bits=14.0,
        reason="A key is a secret, so who uses it was given it; above 200 accounts it is a "
        "gateway's own service key or was leaked in public.",
    ),
    means="Both accounts sent exchanges with the same secret key, so somebody handed it on.",
    misleads="Gateways and products put their own key in front of many customers, and leaked keys "
    "are used by strangers.",
    glyph=Glyph(shape="pentagon", light="#66717E", dark="#8A949F", size=10.0),
)
