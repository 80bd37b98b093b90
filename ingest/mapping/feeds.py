"""What each input of each kind of event feeds: said of a file that lacks it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from graph_models.families import Family

__all__ = ["FEEDS", "Lack", "lacks", "silent"]

# A file of one kind is not blamed for what only another kind can hold.
FEEDS: dict[tuple[str, str], tuple[Family, str]] = {
    ("account", "email_domain"): (Family.PROFILE, "shared email domains and name patterns"),
    ("account", "pathway"): (Family.PROFILE, "sign-up pathways"),
    ("account", "signup_ip"): (Family.NETWORK, "addresses at sign-up"),
    ("account", "closed_at"): (Family.LIFECYCLE, "bans and respawns"),
    ("payment", "payment_fingerprint"): (Family.INSTRUMENT, "shared payment methods"),
    ("payment", "psp"): (Family.INSTRUMENT, "telling apart equal fingerprints of two providers"),
    ("exchange", "ip"): (Family.NETWORK, "shared addresses"),
    ("exchange", "device_fingerprint"): (Family.DEVICE, "shared devices"),
    ("exchange", "tls_fingerprint"): (Family.DEVICE, "shared client software"),
    ("exchange", "user_agent"): (Family.DEVICE, "shared user agents"),
    ("exchange", "model"): (Family.LIFECYCLE, "moves to a new model"),
    ("exchange", "prompt"): (Family.PROMPTS, "prompt clusters, capability and elicitation"),
    ("exchange", "input_tokens"): (Family.PROMPTS, "the size of the work"),
    ("exchange", "api_key_id"): (Family.PROFILE, "shared API keys"),
    ("login", "device_fingerprint"): (Family.DEVICE, "devices at login"),
    ("http_request", "tls_fingerprint"): (Family.DEVICE, "shared client software"),
    ("http_request", "asn"): (Family.NETWORK, "networks of the addresses"),
    ("http_request", "account_id"): (Family.NETWORK, "requests of known accounts"),
    ("device_sighting", "ip"): (Family.NETWORK, "addresses of devices"),
}
# What stands in for a value that was not logged.
_INSTEAD = {"prompt": ("prompt_cluster", "prompt_hash"), "email_domain": ("email",)}


@dataclass(frozen=True)
class Lack:
    """A column that a file does not fill, and what cannot be found without it."""

    column: str
    family: Family
    loses: str
    kind: str


def lacks(kind: str, lacking: Collection[str]) -> list[Lack]:
    """What follows from the columns without a value among the events of one kind."""
    found = []
    for (event, column), (family, loses) in FEEDS.items():
        wanted = (column, *_INSTEAD.get(column, ()))
        if event == kind and all(name in lacking for name in wanted):
            found.append(Lack(column, family, loses, kind))
    return found


def silent(found: Collection[Lack], lacking: Mapping[str, Collection[str]]) -> tuple[Family, ...]:
    """The families of which nothing is left: for every kind the columns without a value."""
    fed = {
        family
        for (kind, column), (family, _) in FEEDS.items()
        if kind in lacking and column not in lacking[kind]
    }
    return tuple(sorted({lack.family for lack in found} - fed))
