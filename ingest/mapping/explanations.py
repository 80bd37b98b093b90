"""What a file feeds: the events it gives, what it lacks, and which signals that switches off."""

from __future__ import annotations

from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from graph_models.families import Family
from ingest.mapping.asking import quiet, router_for
from ingest.mapping.detect import Candidate, detection
from ingest.mapping.dispatch import Router
from ingest.mapping.feeds import Lack, lacks, silent
from ingest.mapping.fields import Emission
from ingest.mapping.model import Mapping
from ingest.mapping.readers import Reading, read_shared

__all__ = ["Explanation", "explain_file"]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What a mapping makes of a file.

    ``kinds`` counts the events by kind, ``filled`` and ``claimed`` name the columns with a value
    and those of them that the caller wrote himself, as ``kind.column``. ``others`` explains the
    records of the file that other mappings read.
    """

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
    kinds: Table[str, int]
    filled: tuple[str, ...]
    claimed: tuple[str, ...]
    system: str | None
    others: tuple[Explanation, ...] = ()


def explain_file(
    path: Path, *, mapping: str | Path | None = None, now: datetime, site: Sequence[Mapping] = ()
) -> Explanation:
    """What a file lacks, and which signals that switches off.

    Raises:
        BadDataError: the file is refused, or no mapping clearly reads it.
    """
    candidates = tuple(detection(path, site=site).ranked)
    router = router_for(path, mapping, site)
    with quiet() as con:
        first = read_shared(con, path, router, now=now)
        others = tuple(
            _explained(path, router, place, read_shared(con, path, router, chosen=place, now=now))
            for place in first.elsewhere
        )
    return _explained(path, router, 0, first, candidates=candidates, others=others)


def _explained(
    path: Path,
    router: Router,
    place: int,
    reading: Reading,
    *,
    candidates: tuple[Candidate, ...] = (),
    others: tuple[Explanation, ...] = (),
) -> Explanation:
    mapping, tables = router.mappings[place], [item for item in reading.tables if item.rows]
    tables = tables or [reading.tables[0]]
    lacking = {item.kind: item.lacking for item in tables}
    found = [lack for item in tables for lack in lacks(item.kind, item.lacking)]
    emissions = [item for item in mapping.emissions if item.emits in lacking]
    return Explanation(
        file=str(path),
        mapping=mapping.id,
        emits=mapping.emits,
        candidates=candidates,
        rows=reading.rows,
        accepted=reading.accepted_rows,
        rejected=reading.rejected_rows,
        unknown_columns=dict(reading.unknown_columns),
        lacks=tuple(found),
        silent_families=silent(found, lacking),
        warnings=reading.warnings,
        kinds={item.kind: item.rows for item in reading.tables if item.rows},
        filled=_columns(emissions, lacking, claimed=False),
        claimed=_columns(emissions, lacking, claimed=True),
        system=mapping.system,
        others=others,
    )


def _columns(
    emissions: Sequence[Emission], lacking: Table[str, Sequence[str]], *, claimed: bool
) -> tuple[str, ...]:
    """The columns with a value as ``kind.column``; ``claimed``: only those that callers write."""
    return tuple(
        f"{item.emits}.{field.name}"
        for item in emissions
        for field in item.fields
        if field.name not in lacking[item.emits] and (not claimed or field.trust == "claimed")
    )
