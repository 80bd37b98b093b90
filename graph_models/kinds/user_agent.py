"""A user agent: the client software as it names itself."""

from __future__ import annotations

from graph_models.cleaning import token
from graph_models.families import Family
from graph_models.kind import Glyph, Kind, LinkPolicy, Property, Source

__all__ = ["USER_AGENT"]


def _clean(text: str) -> str | None:
    return token(" ".join(text.split()))


USER_AGENT = Kind(
    name="user_agent",
    label="UserAgent",
    relation="USED_USER_AGENT",
    title="User agent",
    plural="User agents",
    doc="The client software as it names itself in its requests; the caller writes it.",
    family=Family.DEVICE,
    sources=(
        Source(event="exchange", columns=("user_agent",)),
        Source(event="login", columns=("user_agent",)),
        Source(event="http_request", columns=("user_agent",)),
    ),
    clean=_clean,
    policy=LinkPolicy(
        reuse=0.5,
        hub_degree=150,
        cap_bits=2.5,
        reason="The caller writes it at will, and a rare one is mostly an odd version; above 150 "
        "accounts it is a browser or library that everybody has.",
    ),
    means="Both accounts use client software of the same unusual name and version.",
    misleads="A user agent is free text that the caller writes, and a new version is rare only "
    "until everybody has it.",
    glyph=Glyph(shape="pentagon", light="#66717E", dark="#8A949F", size=10.0),
    properties=(
        Property(name="client_product", type="string", doc="The software that it names."),
        Property(name="client_version", type="string", doc="The version that it names."),
        Property(
            name="client_kind",
            type="string",
            doc="sdk, http_library, browser, headless, cli, app or crawler; empty is unknown.",
        ),
        Property(name="client_os", type="string", doc="The operating system that it names."),
    ),
)
