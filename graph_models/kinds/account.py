"""The account: the thing that acts. It uses identifiers and is linked to other accounts."""

from __future__ import annotations

from graph_models.cleaning import bounded
from graph_models.kind import Actor, Glyph, Property

__all__ = ["ACCOUNT"]

ACCOUNT = Actor(
    name="account",
    label="Account",
    title="Account",
    plural="Accounts",
    doc="One account as the provider's own tables name it; the only node that acts.",
    clean=bounded,
    glyph=Glyph(shape="dot", light="#0072B2", dark="#56B4E9", size=6.5),
    properties=(
        Property(name="created_at", type="datetime", doc="When the account was opened, UTC."),
        Property(
            name="closed_at", type="datetime", doc="When it was closed, UTC; empty while open."
        ),
        Property(name="close_reason", type="string", doc="Why it was closed, as the source says."),
        Property(name="status", type="string", doc="Its state in the source, such as active."),
        Property(name="email_domain", type="string", doc="The part of its email after the @."),
        Property(name="pathway", type="string", doc="How it came: self-serve, education, cloud …"),
        Property(name="organisation", type="string", doc="The organisation that it named."),
        Property(name="country", type="string", doc="The country that it named."),
        Property(name="exchanges", type="integer", doc="How many exchanges it made."),
        Property(name="first_seen", type="datetime", doc="Its first event of any kind, UTC."),
        Property(name="last_seen", type="datetime", doc="Its last event of any kind, UTC."),
    ),
)
