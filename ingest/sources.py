"""What ``workbench sources`` answers: the mappings, and what they make of a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd

from graph_models.families import Family
from ingest import sql
from ingest.detect import Candidate, detect, detect_mapping
from ingest.events import event_named
from ingest.mapping import Mapping
from ingest.mappings import MAPPINGS, load_mapping
from ingest.protect import Protector
from ingest.readers import Reading, read_file

__all__ = [
    "Explanation",
    "Lack",
    "MappingInfo",
    "Preview",
    "explain_file",
    "preview",
    "sources_check",
    "sources_list",
]

# What each input feeds. A file of one kind is not blamed for what only another kind can hold.
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
# What stands in for a prompt that was not logged.
_INSTEAD = {"prompt": ("prompt_cluster", "prompt_hash")}


@dataclass(frozen=True, kw_only=True)
class MappingInfo:
    """One mapping as ``sources list`` and ``sources check`` show it."""

    mapping: str
    version: int
    emits: str
    formats: tuple[str, ...]
    columns: tuple[str, ...]
    summary: str
    digest: str


@dataclass(frozen=True)
class Lack:
    """A column that a file does not fill, and what cannot be found without it."""

    column: str
    family: Family
    loses: str


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What a mapping makes of a file."""

    file: str
    mapping: str
    emits: str
    candidates: tuple[Candidate, ...]
    rows: int
    accepted: int
    rejected: int
    unknown_columns: dict[str, int]
    lacks: tuple[Lack, ...]
    silent_families: tuple[Family, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The first rows of a file as they would be stored (tokens of a throwaway key), and rejects."""

    mapping: str
    accepted: pd.DataFrame
    rejected: pd.DataFrame
    reading: Reading


def sources_list() -> list[MappingInfo]:
    """The mappings that ship, sorted by id."""
    return [_info(load_mapping(mapping_id)) for mapping_id in MAPPINGS]


def sources_check(mapping: str | Path) -> MappingInfo:
    """Check a mapping file; UsageError says what is wrong and which words are valid."""
    return _info(load_mapping(mapping))


def _info(mapping: Mapping) -> MappingInfo:
    return MappingInfo(
        mapping=mapping.id,
        version=mapping.version,
        emits=mapping.emits,
        formats=mapping.formats,
        columns=tuple(field.name for field in mapping.fields),
        summary=mapping.summary or mapping.event.doc,
        digest=mapping.digest,
    )


@contextmanager
def _session() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own that is silent: stdout belongs to the answer."""
    with duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false")
        yield con


def _chosen(path: Path, mapping: str | Path | None) -> Mapping:
    return detect_mapping(path) if mapping is None else load_mapping(mapping)


def preview(
    path: Path, *, mapping: str | Path | None = None, limit: int = 20, now: datetime
) -> Preview:
    """What the first rows of a file would become. Content columns are left out.

    Raises:
        BadDataError: the file is refused, or no mapping clearly reads it.
    """
    chosen = _chosen(path, mapping)
    event = event_named(chosen.emits)
    with _session() as con:
        reading = read_file(con, path, chosen, now=now)
        Protector(b"preview only, never stored").protect(con, reading.accepted, chosen.emits)
        shown = sql.names(column.name for column in event.columns if column.cls != "content")
        query = "SELECT {} FROM {} ORDER BY row LIMIT {:d}"
        accepted = con.execute(query.format(f"row, {shown}", reading.accepted, limit)).df()
        rejected = con.execute(query.format("*", reading.rejected, limit)).df()
    return Preview(mapping=chosen.id, accepted=accepted, rejected=rejected, reading=reading)


def explain_file(path: Path, *, mapping: str | Path | None = None, now: datetime) -> Explanation:
    """What a file lacks, and which signals that switches off.

    Raises:
        BadDataError: the file is refused, or no mapping clearly reads it.
    """
    candidates = tuple(detect(path))
    chosen = _chosen(path, mapping)
    with _session() as con:
        reading = read_file(con, path, chosen, now=now)
    lacks = tuple(_lacks(chosen.emits, reading))
    fed = {
        family
        for (kind, column), (family, _) in FEEDS.items()
        if kind == chosen.emits and column not in reading.lacking
    }
    silent = sorted({lack.family for lack in lacks} - fed)
    return Explanation(
        file=str(path),
        mapping=chosen.id,
        emits=chosen.emits,
        candidates=candidates,
        rows=reading.rows,
        accepted=reading.accepted_rows,
        rejected=reading.rejected_rows,
        unknown_columns=dict(reading.unknown_columns),
        lacks=lacks,
        silent_families=tuple(silent),
        warnings=reading.warnings,
    )


def _lacks(kind: str, reading: Reading) -> list[Lack]:
    found = []
    for (event, column), (family, loses) in FEEDS.items():
        wanted = (column, *_INSTEAD.get(column, ()))
        if column == "email_domain":
            wanted = (column, "email")
        if event == kind and all(name in reading.lacking for name in wanted):
            found.append(Lack(column, family, loses))
    return found
