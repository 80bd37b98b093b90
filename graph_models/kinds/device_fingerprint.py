"""A device fingerprint: what a collector in browser or app says is one device."""

from __future__ import annotations

import re

from graph_models.cleaning import token
from graph_models.families import Family
from graph_models.kind import Glyph, Kind, LinkPolicy, Source

__all__ = ["DEVICE_FINGERPRINT"]

_HEX = re.compile(r"[0-9a-fA-F:{}-]+")
_SHORTEST = 3
# In small letters, one of them beside a digit: two different characters at least.
_PLAIN = r"[a-z0-9_.-]*(?:[a-z][0-9]|[0-9][a-z])[a-z0-9_.-]+"

# Values that makers, emulators and privacy settings ship to everybody.
_SHIPPED_DEFAULTS: frozenset[str] = frozenset(
    (
        "9774d56d682e549c",  # Android 2.2 ANDROID_ID bug, still copied by emulators
        "02:00:00:00:00:00",  # hardware address since Android 6 and iOS 7
        "03000200-0400-0500-0006-000700080009",  # SMBIOS UUID of unprogrammed boards
        "00020003-0004-0005-0006-000700080009",  # the same, other byte order
        "12345678-1234-5678-90ab-cddeefaabbcc",  # SMBIOS UUID of unprogrammed boards
        "012345678912345", "123456789012345", "0123456789abcdef",  # IMEI and id of emulators
        "to be filled by o.e.m.", "default string", "system serial number", "emulator",
        "not applicable", "generic", "android_id", "device_id", "deviceid", "fingerprint",
    )
)  # fmt: skip


def _is_one_character(text: str) -> bool:
    return len(set(text.casefold()) - set("-:{}_ ")) <= 1


def _clean(text: str) -> str | None:
    value = token(text)
    if value is None or len(value) < _SHORTEST or _is_one_character(value):
        return None
    # Hexadecimal ids are written in either case; other alphabets (base62) tell cases apart.
    canonical = value.strip("{}").casefold() if _HEX.fullmatch(value) else value
    return None if canonical.casefold() in _SHIPPED_DEFAULTS else canonical


DEVICE_FINGERPRINT = Kind(
    name="device",
    label="Device",
    relation="USED_DEVICE",
    title="Device",
    plural="Devices",
    doc="One device, as the fingerprint that a collector in the browser or app gave it.",
    family=Family.DEVICE,
    sources=(
        Source(event="exchange", columns=("device_fingerprint",)),
        Source(event="login", columns=("device_fingerprint",)),
        Source(event="device_sighting", columns=("device_fingerprint",)),
    ),
    clean=_clean,
    plain=_PLAIN,
    not_plain=_SHIPPED_DEFAULTS,
    policy=LinkPolicy(
        reuse=0.35,
        hub_degree=200,
        cap_bits=13.0,
        reason="One machine that runs many accounts is rarely innocent beyond a household; above "
        "200 accounts the fingerprint is a stock build, an SDK or a headless browser.",
    ),
    means="Both accounts were used on what looks like the same machine or browser profile.",
    misleads="Stock phones, headless browsers, SDKs and shared machines in homes, classrooms and "
    "internet cafés give strangers one fingerprint.",
    glyph=Glyph(shape="diamond", light="#CC79A7", dark="#E29BC3", size=11.0),
)
