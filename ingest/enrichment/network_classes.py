"""The words for what a network is, and how other people's flags translate into them."""

from __future__ import annotations

__all__ = ["FLAGS", "NETWORK_CLASSES", "USER_TYPES"]

# The most telling comes first: where one source gives several, that order holds.
NETWORK_CLASSES: dict[str, str] = {
    "tor": "an exit of the Tor network",
    "vpn": "an exit of a virtual private network that strangers rent",
    "proxy": "an open or rented proxy, those in other people's homes among them",
    "relay": "a privacy relay that an operating system or browser ships",
    "hosting": "rented machines in a data centre",
    "carrier": "a mobile carrier's shared addresses",
    "satellite": "a satellite carrier's shared addresses",
    "campus": "a school, university or library",
    "office": "a firm's own network",
    "public_wifi": "a hotel, café, airport or the like",
    "security": "a firm's filtering gateway or scanner",
}

# Flag in an .mmdb record (MaxMind Anonymous IP and Enterprise, IPinfo privacy, DB-IP) → word.
# A flag that is false says nothing here: unknown is not clean.
FLAGS: dict[str, str] = {
    "is_tor_exit_node": "tor",
    "is_anonymous_vpn": "vpn",
    "is_public_proxy": "proxy",
    "is_residential_proxy": "proxy",
    "is_hosting_provider": "hosting",
    "is_satellite_provider": "satellite",
    "tor": "tor",
    "vpn": "vpn",
    "proxy": "proxy",
    "relay": "relay",
    "hosting": "hosting",
    "is_mobile": "carrier",
    "is_satellite": "satellite",
    "is_hosting": "hosting",
}

# user_type of MaxMind Enterprise and Insights. "residential" and the like give no class: that an
# address is a home explains nothing away.
USER_TYPES: dict[str, str] = {
    "cellular": "carrier",
    "college": "campus",
    "school": "campus",
    "library": "campus",
    "hosting": "hosting",
    "cafe": "public_wifi",
    "traveler": "public_wifi",
    "consumer_privacy_network": "relay",
}
