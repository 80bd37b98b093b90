"""What ``explain`` adds to the bits of a pair: names, rarity, what was looked for, why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graph_models.families import Family
from graph_models.linking.context import LinkContext
from graph_models.linking.explain import Entry, PairExplanation
from graph_models.linking.model import SIGNALS
from graph_models.linking.rules import CANDIDATES, DERIVED_POLICIES
from workbench.profiles.compared import Compared, compare_kinds, silent_signals
from workbench.profiles.rarity import rarity_of
from workbench.profiles.whynot import Stand, why_not

__all__ = ["HUB", "added_to_entry", "added_to_pair", "looked_for"]

HUB = "context "
_SHARED = ("shared ", HUB)
# What usually comes with a piece of evidence when one person is behind both; where it is missing,
# the innocent reading gains.
_COMPANY: Mapping[str, tuple[str, ...]] = {
    "payment_method": ("device", "ip", "email_domain"),
    "device": ("ip", "payment_method", "user_agent"),
    "ip": ("device", "payment_method", "user_agent"),
    "ip_prefix": ("ip", "device", "payment_method"),
    "ip_asn": ("ip", "device", "payment_method"),
    "prompt_cluster": ("payment_method", "device", "ip"),
    "api_key": ("ip", "device", "payment_method"),
    "email_domain": ("payment_method", "device", "ip"),
    "tls_fingerprint": ("device", "ip", "payment_method"),
    "user_agent": ("device", "ip", "payment_method"),
}
_OF_FAMILY: Mapping[str, tuple[str, ...]] = {
    Family.TIMING.value: ("ip", "device", "prompt_cluster"),
    Family.PROMPTS.value: ("prompt_cluster", "payment_method", "device"),
    Family.LIFECYCLE.value: ("payment_method", "device", "ip"),
    Family.PROFILE.value: ("payment_method", "device", "ip"),
}
_QUIET = ("synchrony", "same hours", "model move", "close births")


def added_to_entry(context: LinkContext, entry: Entry) -> dict[str, Any]:
    """The fields that name what an entry speaks of, and say how rare it is."""
    shared = _shared(context, entry)
    rarity = rarity_of(entry.signal, entry.inputs, entry.bits, accounts=context.accounts)
    named = f"{shared['kind']} {shared['value']}" if shared else entry.signal
    return {
        "named": named,
        "shared": shared,
        "value": shared["value"] if shared and entry.identifier is None else None,
        "accounts": round(entry.inputs["accounts"]) if "accounts" in entry.inputs else None,
        "rarity": rarity.as_json() if rarity else None,
    }


def _shared(context: LinkContext, entry: Entry) -> dict[str, str] | None:
    """The kind and value that an entry speaks of; also of a prefix, which is no identifier."""
    if entry.identifier is not None:
        return {"kind": entry.identifier.kind, "value": entry.identifier.value}
    kind = next((entry.signal.removeprefix(x) for x in _SHARED if entry.signal.startswith(x)), "")
    layer = context.layer(kind) if kind in DERIVED_POLICIES else None
    if layer is None or "value" not in entry.inputs:
        return None
    return {"kind": kind, "value": str(layer.text[int(entry.inputs["value"])])}


def added_to_pair(
    context: LinkContext,
    found: PairExplanation,
    lines: Sequence[dict[str, Any]],
    stands: tuple[Stand, Stand],
    gaps: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """The fields that say what was compared, what a link needs, and why there is none.

    Args:
        context: What is known of the two.
        found: The pair's bits.
        lines: Its entries, as ``explain`` tells them; each gets what was looked for.
        stands: Where the two stand.
        gaps: Days without rows, by event kind.
    """
    places = [context.obs.position_of(name) for name in (found.a, found.b)]
    assert places[0] is not None
    assert places[1] is not None
    compared = compare_kinds(context, places[0], places[1], gaps)
    silent = silent_signals(context)
    spoken = {line["signal"] for line in lines}
    for line in lines:
        line["looked_for"] = looked_for(line, compared, spoken, silent)
    hubs = [
        {"named": line["named"], "accounts": line["accounts"] or 0}
        for line in lines
        if line["signal"].startswith(HUB)
    ]
    told = {
        "bits": found.bits,
        "prior_bits": found.prior_bits,
        "linked": found.linked,
        "candidate": found.candidate,
    }
    missing = why_not(told, compared, hubs, stands)
    return {
        "accounts": context.accounts,
        "candidate": found.candidate,
        "candidate_bits": round(max(CANDIDATES.floors(context.accounts)), 3),
        "threshold_bits": round(-found.prior_bits, 3),
        "communities": {
            stand.account: {"community": stand.community or None, "tier": stand.tier or None}
            for stand in stands
        },
        "compared": [one.as_json() for one in compared],
        "silent": silent,
        "why_not": missing.as_json() if missing else None,
    }


def looked_for(
    line: Mapping[str, Any],
    compared: Sequence[Compared],
    spoken: set[str],
    silent: Sequence[Mapping[str, Any]],
) -> list[str]:
    """What one person behind both would usually have left beside this, and was not found."""
    shared = line["shared"]
    names = _COMPANY.get(shared["kind"] if shared else "", ()) or _OF_FAMILY.get(line["family"], ())
    by_kind = {one.kind: one for one in compared}
    said = [_sentence(by_kind[name]) for name in names if name in by_kind]
    unheard = {str(one["signal"]) for one in silent}
    known = {signal.name for signal in SIGNALS}
    quiet = [
        name for name in _QUIET if name in known and name not in spoken and name not in unheard
    ]
    if quiet:
        said.append(f"Nothing above chance in {', '.join(quiet)}.")
    return [words for words in said if words]


def _sentence(one: Compared) -> str:
    kind = one.kind.replace("_", " ")
    return {
        "shared": "",
        "hub": f"A {kind} of their own: in common are only {one.hubs} that many share.",
        "apart": f"A common {kind}: {one.a} and {one.b} values, none in common.",
        "one": f"A common {kind}: not comparable, seen of one of the two only.",
        "none": f"A common {kind}: not comparable, seen of neither.",
        "no log": f"A common {kind}: no log shows any.",
    }[one.state]
