"""An IP address, with its prefix: /24 for IPv4, /48 for IPv6."""

from __future__ import annotations

import ipaddress
import socket
from bisect import bisect_right
from collections.abc import Mapping

from graph_models.cleaning import token
from graph_models.families import Family
from graph_models.kind import Glyph, Kind, LinkPolicy, Property, Source

__all__ = ["IP_ADDRESS"]

# Addresses that stand for many networks at once: kept as observed, never a reason to link.
# Listed one by one, because ipaddress.is_private also covers 240.0.0.0/4, where worlds live.
_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7",  # private
        "100.64.0.0/10",  # carrier NAT between customer and carrier (RFC 6598)
        "127.0.0.0/8", "::/128", "::1/128", "169.254.0.0/16", "fe80::/10",  # loopback, link-local
        "224.0.0.0/4", "ff00::/8", "255.255.255.255/32",  # multicast, broadcast
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",  # documentation (RFC 5737)
    )
)  # fmt: skip
# First and last addresses as numbers, by version, ascending; no two of the networks overlap.
_NEVER_LINK = {
    version: tuple(
        sorted(int(network[end]) for network in _NEVER if network.version == version)
        for end in (0, -1)
    )
    for version in (4, 6)
}
_PREFIX = {4: 24, 6: 48}
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"(?:{_OCTET}\.){{3}}{_OCTET}"


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, colon, port = text.rpartition(":")
    return host if colon and port.isdigit() and host.count(".") == 3 else text


def _is_canonical(value: str) -> bool:
    """Whether the text is surely what ``str`` of its address is: far quicker than ``ipaddress``."""
    family = socket.AF_INET6 if ":" in value else socket.AF_INET
    if "." in value and family == socket.AF_INET6:
        return False
    try:
        return socket.inet_ntop(family, socket.inet_pton(family, value)) == value
    except (OSError, ValueError):
        return False


def _clean(text: str) -> str | None:
    value = token(text)
    # A zone id names an interface of the machine that logged, not a place on the network.
    if value is None or "%" in value:
        return None
    if _is_canonical(value):
        return value
    try:
        address = ipaddress.ip_address(_without_port(value))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _derive(value: str) -> Mapping[str, str]:
    if ":" not in value:
        return {"prefix": f"{value.rpartition('.')[0]}.0/{_PREFIX[4]}"}
    packed = socket.inet_pton(socket.AF_INET6, value)[: _PREFIX[6] // 8]
    network = socket.inet_ntop(socket.AF_INET6, packed.ljust(16, b"\0"))
    return {"prefix": f"{network}/{_PREFIX[6]}"}


def _linkable(value: str) -> bool:
    version = 6 if ":" in value else 4
    family = socket.AF_INET6 if version == 6 else socket.AF_INET
    number = int.from_bytes(socket.inet_pton(family, value), "big")
    firsts, lasts = _NEVER_LINK[version]
    at = bisect_right(firsts, number) - 1
    return at < 0 or number > lasts[at]


IP_ADDRESS = Kind(
    name="ip",
    label="IPAddress",
    relation="USED_IP",
    title="IP address",
    plural="IP addresses",
    doc="An IPv4 or IPv6 address from which an account signed up, logged in or sent an exchange.",
    family=Family.NETWORK,
    sources=(
        Source(event="exchange", columns=("ip",)),
        Source(event="login", columns=("ip",)),
        Source(event="http_request", columns=("ip",)),
        Source(event="device_sighting", columns=("ip",)),
        Source(event="account", columns=("signup_ip",)),
    ),
    clean=_clean,
    plain=_IPV4,
    policy=LinkPolicy(
        reuse=0.4,
        hub_degree=64,
        cap_bits=9.0,
        reason="Homes, offices and proxies all put few strangers behind one address, and dynamic "
        "addresses change hands; above 64 accounts it is a campus, a carrier NAT or a VPN exit.",
    ),
    means="Both accounts came from the same network address, so they may sit on one connection or "
    "behind one proxy.",
    misleads="Offices, campuses, mobile carriers and VPN exits put strangers behind one address, "
    "and a home address moves to the next customer.",
    glyph=Glyph(shape="triangle", light="#009E73", dark="#1DB98C", size=10.0),
    derive=_derive,
    linkable=_linkable,
    properties=(
        Property(name="prefix", type="string", doc="The /24 (IPv4) or /48 (IPv6) that holds it."),
        Property(name="asn", type="string", doc="The autonomous system, where a source says."),
        Property(name="label", type="string", doc="A known shared service, such as a VPN."),
        Property(
            name="registry_country",
            type="string",
            doc="Registry-assigned country of the address block; not where it is used.",
        ),
        Property(
            name="network_class",
            type="string",
            doc="hosting, vpn, tor, proxy, carrier, campus, office …, where a list of the user's "
            "says so; empty is unknown, never residential.",
        ),
        Property(name="network_asn", type="string", doc="The autonomous system, by an .mmdb."),
        Property(name="network_organisation", type="string", doc="Who holds it, by an .mmdb."),
        Property(name="network_country", type="string", doc="The country, by an .mmdb."),
        Property(name="network_connection", type="string", doc="How it connects, by an .mmdb."),
        Property(name="network_user_type", type="string", doc="Its kind of user, by an .mmdb."),
    ),
)
