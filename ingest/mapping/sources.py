"""What ``workbench sources`` answers: the mappings, and what they make of a file."""

from __future__ import annotations

from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd

from graph_models.errors import UsageError
from ingest import sql
from ingest.events import event_named
from ingest.mapping.asking import quiet, router_for
from ingest.mapping.detect import Candidate, detection, settled, trial_of, unclear
from ingest.mapping.explanations import Explanation, explain_file
from ingest.mapping.feeds import FEEDS, Lack
from ingest.mapping.model import Mapping
from ingest.mapping.readers import KindTable, Reading, read_shared
from ingest.mapping.trial import Trial
from ingest.mappings import MAPPINGS, load_mapping
from ingest.protection.protect import Protector

__all__ = [
    "FEEDS",
    "Explanation",
    "Lack",
    "MappingInfo",
    "Preview",
    "Ranked",
    "detect_file",
    "explain_file",
    "preview",
    "sources_check",
    "sources_list",
]

TRIED = 3  # candidates that get a dry run
Site = Sequence[Mapping]


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
    kinds: tuple[str, ...] = ()
    system: str | None = None
    extends: str | None = None
    sample: Trial | None = None


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """A candidate with its dry run; ``next`` is the command to go on with."""

    mapping: str
    emits: str
    score: float
    reads: int
    accepted: float
    problems: float
    filled: float
    first: datetime | None
    last: datetime | None
    reasons: Table[str, int]
    examples: Table[str, str]
    ignores: tuple[str, ...]
    next: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The first rows of a file as they would be stored (tokens of a throwaway key), and rejects.

    ``accepted`` are events of the first kind, ``also`` those of further kinds; ``elsewhere`` counts
    the records that other mappings read.
    """

    mapping: str
    accepted: pd.DataFrame
    rejected: pd.DataFrame
    reading: Reading
    also: Table[str, pd.DataFrame]
    elsewhere: Table[str, int]


def sources_list() -> list[MappingInfo]:
    """The mappings that ship, sorted by id."""
    return [_info(load_mapping(mapping_id)) for mapping_id in MAPPINGS]


def sources_check(
    mapping: str | Path, *, sample: Path | None = None, now: datetime | None = None
) -> MappingInfo:
    """Check a mapping file, and what it makes of a sample file when one is given.

    Raises:
        UsageError: says what is wrong and which words are valid.
        BadDataError: the sample cannot be read.
    """
    found = load_mapping(mapping)
    _bound(found)
    if sample is None:
        return _info(found)
    if now is None:
        raise UsageError("A sample is read by a clock; none was given.", fix="Pass now.")
    with quiet() as con:
        own = detection(sample, among=(), site=(found,))
        if not own.known[found.id]:
            raise unclear(sample, own)
        return _info(found, trial_of(con, own, found.id, now=now))


def _bound(mapping: Mapping) -> None:
    """Refuse an expression that cannot be bound: texts compared with numbers, wrong arguments."""
    with quiet() as con:
        for emission in mapping.emissions:
            for item in emission.fields:
                try:
                    if item.expr is not None:
                        con.execute("SELECT " + item.expr.sql(lambda _: "CAST(NULL AS VARCHAR)"))
                except duckdb.Error as error:
                    raise UsageError(
                        f"fields.{item.name}: expr cannot be used: {str(error).splitlines()[0]}",
                        where=mapping.id,
                        fix="Correct it, then: workbench sources check FILE",
                    ) from error


def _info(mapping: Mapping, sample: Trial | None = None) -> MappingInfo:
    return MappingInfo(
        mapping=mapping.id,
        version=mapping.version,
        emits=mapping.emits,
        formats=mapping.formats,
        columns=tuple(field.name for field in mapping.fields),
        summary=mapping.summary or mapping.event.doc,
        digest=mapping.digest,
        kinds=tuple(emission.emits for emission in mapping.emissions),
        system=mapping.system,
        extends=mapping.extends,
        sample=sample,
    )


def detect_file(path: Path, *, now: datetime, site: Site = ()) -> list[Ranked]:
    """The mappings that know a file, best first; the best three with a dry run of the sample.

    Raises:
        BadDataError: the file is of a foreign kind or damaged.
    """
    found = detection(path, site=site)
    found = settled(found) or found
    with quiet() as con:
        return [
            _ranked(item, trial_of(con, found, item.mapping, now=now), path)
            for item in found.ranked[:TRIED]
        ]


def _ranked(item: Candidate, trial: Trial, path: Path) -> Ranked:
    return Ranked(
        mapping=item.mapping,
        emits=", ".join(trial.kinds) or item.emits,
        score=round(item.score, 4),
        reads=item.reads,
        accepted=trial.accepted,
        problems=trial.problems,
        filled=trial.filled,
        first=trial.first,
        last=trial.last,
        reasons=trial.reasons,
        examples=trial.examples,
        ignores=item.ignores,
        next=f"workbench ingest {path.name} --mapping {item.mapping}",
    )


def preview(
    path: Path,
    *,
    mapping: str | Path | None = None,
    limit: int = 20,
    now: datetime,
    site: Site = (),
) -> Preview:
    """What the first rows of a file would become. Content columns are left out.

    Raises:
        BadDataError: the file is refused, or no mapping clearly reads it.
    """
    router = router_for(path, mapping, site)
    with quiet() as con:
        reading = read_shared(con, path, router, now=now)
        frames = {item.kind: _first_rows(con, item, limit) for item in reading.tables}
        query = f"SELECT * FROM {reading.rejected} ORDER BY row LIMIT {limit:d}"
        rejected = con.execute(query).df()
    return Preview(
        mapping=router.mappings[0].id,
        accepted=frames.pop(reading.kind),
        rejected=rejected,
        reading=reading,
        also=frames,
        elsewhere={router.mappings[i].id: rows for i, rows in reading.elsewhere.items()},
    )


def _first_rows(con: duckdb.DuckDBPyConnection, item: KindTable, limit: int) -> pd.DataFrame:
    Protector(b"preview only, never stored").protect(con, item.table, item.kind)
    columns = (c.name for c in event_named(item.kind).columns if c.cls != "content")
    query = f"SELECT row, {sql.names(columns)} FROM {item.table} ORDER BY row LIMIT {limit:d}"
    frame: pd.DataFrame = con.execute(query).df()
    return frame
