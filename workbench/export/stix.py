"""The community as a STIX 2.1 bundle: observables, their links, and the assessment as a note.

Ids are UUIDv5 over natural keys, so the same record gives the same bundle. STIX ``confidence``
holds analytic confidence only (low 15, moderate 50, high 85), never a likelihood: the two scales
of probability words (DNI, ICD 203) disagree.
"""

from __future__ import annotations

import ipaddress
import json
import uuid
from pathlib import Path
from typing import Any

import stix2

from workbench.export.record import CaseRecord

__all__ = ["bundle", "write_stix"]

NAMESPACE = uuid.UUID("6f1d2b0a-93b5-5d0e-9a7e-0f6f4f3c2a11")  # ours; never the OASIS one
CONFIDENCE = {"low": 15, "moderate": 50, "high": 85}
MAX_LINKS = 1_000  # the strongest; the rest stand in links.csv, and the note says so

# TLP 2.0 markings as OASIS published them (stix2 3.0.2 knows only TLP 1).
TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_IDS = {
    "CLEAR": "94868c89-83c2-464b-929b-a1a8aa3c8487",
    "GREEN": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "AMBER": "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "AMBER+STRICT": "939a9414-2ddd-4d32-a0cd-375ea402b003",
    "RED": "e828b379-4e03-4974-9ac4-e53a884c97c1",
}


def write_stix(record: CaseRecord, folder: Path) -> None:
    """``bundle.json``: sorted keys, LF."""
    # The library's own pretty printer searches the whole bundle for every property.
    text = json.dumps(json.loads(bundle(record).serialize()), indent=1, sort_keys=True)
    (folder / "bundle.json").write_text(text + "\n", encoding="utf-8")


def bundle(record: CaseRecord) -> stix2.Bundle:
    """Identity, accounts, addresses, links, the grouping that holds them, and the assessment."""
    author = stix2.Identity(
        id=_id("identity", "team"), name="Trust and safety team", identity_class="organization",
        **_times(record),
    )  # fmt: skip
    accounts = {
        name: stix2.UserAccount(user_id=name, account_type="ai-provider")
        for name in record.accounts["account"]
    }
    addresses = [item for item in map(_address, record.identifiers.itertuples()) if item]
    links = [_link(record, row, accounts, author) for row in _strongest(record)]
    members = [*accounts.values(), *addresses, *links]
    parts = [author, *members]
    if members:
        group = _grouping(record, members, author)
        parts += [group, _note(record, group, author)]
    return stix2.Bundle(
        objects=[_tlp(record.profile.tlp), *parts],
        id=_id("bundle", record.run, record.community.community, record.profile.name),
        allow_custom=True,
    )


def _strongest(record: CaseRecord) -> Any:
    return record.links.nlargest(MAX_LINKS, "bits", keep="first").itertuples(index=False)


def _id(kind: str, *parts: str) -> str:
    return f"{kind}--{uuid.uuid5(NAMESPACE, chr(31).join((kind, *parts)))}"


def _times(record: CaseRecord) -> dict[str, Any]:
    return {"created": record.as_of, "modified": record.as_of}


def _common(record: CaseRecord, author: Any) -> dict[str, Any]:
    return {
        **_times(record),
        "created_by_ref": author.id,
        "object_marking_refs": [f"marking-definition--{TLP_IDS[record.profile.tlp]}"],
    }


def _address(row: Any) -> Any:
    if row.kind != "ip":
        return None
    try:
        version = ipaddress.ip_address(row.value).version
    except ValueError:  # a token, not an address
        return None
    return (stix2.IPv4Address if version == 4 else stix2.IPv6Address)(value=row.value)


def _link(record: CaseRecord, row: Any, accounts: dict[str, Any], author: Any) -> Any:
    return stix2.Relationship(
        id=_id("relationship", record.run, row.a, row.b),
        relationship_type="related-to",
        source_ref=accounts[row.a].id,
        target_ref=accounts[row.b].id,
        description=f"{row.bits:.1f} bits that one controller runs both (run {record.run}).",
        **_common(record, author),
    )


def _grouping(record: CaseRecord, members: list[Any], author: Any) -> Any:
    return stix2.Grouping(
        id=_id("grouping", record.run, record.community.community),
        name=record.title,
        context="suspicious-activity",
        object_refs=[item.id for item in members],
        confidence=CONFIDENCE[record.community.assessment.confidence],
        **_common(record, author),
    )


def _note(record: CaseRecord, group: Any, author: Any) -> Any:
    probabilities = record.community.assessment.probabilities
    lines = [f"{name}: {value:.2f}" for name, value in probabilities.items()]
    lines += ["", "Innocent explanations considered:"]
    lines += [f"- {text}" for text in record.community.assessment.innocent_explanations]
    if len(record.links) > MAX_LINKS:
        lines += ["", f"{MAX_LINKS} of {len(record.links)} links stand here; all in links.csv."]
    return stix2.Note(
        id=_id("note", record.run, record.community.community),
        abstract="Competing explanations; an investigative lead, not a finding of guilt",
        content="\n".join(lines),
        object_refs=[group.id],
        **_common(record, author),
    )


def _tlp(level: str) -> dict[str, Any]:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{TLP_IDS[level]}",
        "created": "2022-10-01T00:00:00.000Z",
        "name": f"TLP:{level}",
        "extensions": {
            TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": level.lower()}
        },
    }
