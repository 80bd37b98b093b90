"""A TLS fingerprint (JA3, JA4): how the client software opens an encrypted connection."""

from __future__ import annotations

from graph_models.cleaning import token
from graph_models.families import Family
from graph_models.kind import Glyph, Kind, LinkPolicy, Source

__all__ = ["TLS_FINGERPRINT"]


def _clean(text: str) -> str | None:
    return token(text.casefold())


TLS_FINGERPRINT = Kind(
    name="tls_fingerprint",
    label="TlsFingerprint",
    relation="USED_TLS",
    title="TLS fingerprint",
    plural="TLS fingerprints",
    doc="How the client opens an encrypted connection (JA3 or JA4); it names a build of software.",
    family=Family.DEVICE,
    sources=(
        Source(event="exchange", columns=("tls_fingerprint",)),
        Source(event="http_request", columns=("tls_fingerprint",)),
    ),
    clean=_clean,
    plain=r"[a-z0-9_:,.-]+",
    policy=LinkPolicy(
        reuse=0.6,
        hub_degree=150,
        cap_bits=2.5,
        reason="It names a build of software and not a machine; above 150 accounts it is a common "
        "browser or library.",
    ),
    means="Both accounts connect with the same unusual build of client software.",
    misleads="Everybody who runs the same library version has the same fingerprint, and some "
    "clients shuffle theirs.",
    glyph=Glyph(shape="pentagon", light="#66717E", dark="#8A949F", size=10.0),
)
