"""An email domain: the part of an account's email after the @."""

from __future__ import annotations

import re

from graph_models.cleaning import token
from graph_models.families import Family
from graph_models.kind import Glyph, Kind, LinkPolicy, Property, Source

__all__ = ["EMAIL_DOMAIN", "PUBLIC_MAIL"]

# Providers where anybody may open a mailbox. The large ones are hubs by degree in any real
# population; in a small table they are not, and would join strangers.
PUBLIC_MAIL: frozenset[str] = frozenset(
    (
        "126.com", "163.com", "aol.com", "daum.net", "duck.com", "fastmail.com", "foxmail.com",
        "free.fr", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.co.uk",
        "hotmail.com", "hotmail.fr", "icloud.com", "libero.it", "live.com", "mac.com", "mail.com",
        "mail.ru", "me.com", "msn.com", "naver.com", "orange.fr", "outlook.com", "pm.me",
        "proton.me", "protonmail.com", "qq.com", "rediffmail.com", "sina.com", "sohu.com",
        "t-online.de", "tutanota.com", "uol.com.br", "web.de", "yahoo.co.in", "yahoo.co.jp",
        "yahoo.co.uk", "yahoo.com", "yandex.ru", "ymail.com", "zoho.com",
    )
)  # fmt: skip

_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
_LONGEST = 253
"""Characters in a domain name (RFC 1035)."""


def _clean(text: str) -> str | None:
    value = token(text.rpartition("@")[2])
    if value is None:
        return None
    try:
        domain = value.rstrip(".").casefold().encode("idna").decode("ascii")
    except UnicodeError:
        return None
    # IDNA turns other stops and at-signs into ours, so what came out is looked at, too.
    domain = domain.rstrip(".").lower()
    named = _NAME.fullmatch(domain) and len(domain) <= _LONGEST and token(domain) == domain
    return domain if named else None


EMAIL_DOMAIN = Kind(
    name="email_domain",
    label="EmailDomain",
    relation="HAS_EMAIL_DOMAIN",
    title="Email domain",
    plural="Email domains",
    doc="The domain of the email with which an account signed up, in lower case and ASCII form.",
    family=Family.PROFILE,
    sources=(Source(event="account", columns=("email_domain",)),),
    clean=_clean,
    policy=LinkPolicy(
        reuse=0.3,
        hub_degree=60,
        cap_bits=5.0,
        reason="A rare domain is a small sign of one owner, yet firms and schools share theirs; "
        "above 60 accounts it is a mail provider, a disposable service or a large organisation.",
    ),
    means="Both accounts use mailboxes at the same rare domain, which somebody owns and pays for.",
    misleads="Colleagues, students and customers of a small mail provider share a domain and "
    "nothing else.",
    glyph=Glyph(shape="pentagon", light="#66717E", dark="#8A949F", size=10.0),
    linkable=lambda domain: domain not in PUBLIC_MAIL,
    properties=(
        Property(
            name="registered_domain",
            type="string",
            doc="What was registered below a public suffix, such as example.co.uk.",
        ),
        Property(
            name="domain_class",
            type="string",
            doc="disposable, free_mail or academic, where a list says so; empty is unknown.",
        ),
    ),
)
