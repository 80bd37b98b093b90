"""A payment method: what the payment processor says is one card or bank account."""

from __future__ import annotations

from graph_models.cleaning import bounded, token
from graph_models.families import Family
from graph_models.kind import Glyph, Kind, LinkPolicy, Property, Source

__all__ = ["PAYMENT_METHOD"]


def _is_card_number(text: str) -> bool:
    digits = text.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit() and 13 <= len(digits) <= 19):
        return False
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _clean(text: str) -> str | None:
    whole = token(text)
    processor, slash, rest = (whole or "").partition("/")
    value, known = (token(rest), token(processor)) if slash else (whole, None)
    # A card number is never stored, not even where a log put one in the fingerprint's place.
    if value is None or _is_card_number(value):
        return None
    if known is not None:
        return bounded(f"{known.casefold()}/{value}")
    # A fingerprint may hold slashes of its own, which must not be read as its processor.
    return bounded(f"unknown/{value}") if "/" in value else value


PAYMENT_METHOD = Kind(
    name="payment_method",
    label="PaymentMethod",
    relation="PAID_WITH",
    title="Card",
    plural="Cards",
    doc="A card or bank account, as its processor's fingerprint; named processor/fingerprint.",
    family=Family.INSTRUMENT,
    sources=(Source(event="payment", columns=("psp", "payment_fingerprint")),),
    clean=_clean,
    policy=LinkPolicy(
        reuse=0.5,
        hub_degree=500,
        cap_bits=14.0,
        reason="One funding source is costly to multiply and one purse pays for many accounts; "
        "above 500 accounts it is a corporate card, a voucher scheme or a shared virtual card.",
    ),
    means="Both accounts were paid from the same card or bank account, so one purse pays for both.",
    misleads="Families, employers, agencies and card programmes pay for people who share nothing "
    "else, and a stolen card links its thief to its owner.",
    glyph=Glyph(shape="square", light="#E69F00", dark="#E69F00", size=9.5),
    properties=(
        Property(name="card_scheme", type="string", doc="The card network, by its first digits."),
        Property(
            name="bin_country", type="string", doc="Issuer's country, by a BIN list of the user's."
        ),
        Property(name="bin_issuer", type="string", doc="Issuer, by a BIN list of the user's."),
        Property(
            name="bin_funding", type="string", doc="credit, debit or prepaid, by such a list."
        ),
    ),
)
