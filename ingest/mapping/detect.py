"""Which mappings read a file: told from its columns and values, record by record, never by name."""

from __future__ import annotations

from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from graph_models.errors import BadDataError
from ingest import sql
from ingest.formats.sampling import Sample, sample
from ingest.mapping.dispatch import Router
from ingest.mapping.envelopes import unwrapped
from ingest.mapping.model import Mapping
from ingest.mapping.patterns import knows, may_know, nearly_knows, surely_knows
from ingest.mapping.trial import Trial, dry_run
from ingest.mappings import MAPPINGS, load_mapping

__all__ = [
    "Candidate",
    "Detection",
    "detect",
    "detect_mapping",
    "detect_router",
    "detection",
    "sample",
    "settled",
    "trial_of",
    "unclear",
]

Site = Sequence[Mapping]

# Share of the sampled records that mappings must know, or nearly know. The others are put aside one
# by one; a file of which more is foreign is another file, and is asked about.
ACCEPT = 0.5
# Share of a mapping's records that another may know as well, before the two are weighed.
OVERLAP = 0.5
FAR = datetime(9000, 1, 1)  # two mappings are weighed alike whatever the clock says


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A mapping that may read a file.

    ``score``: share of the sampled records that it knows, 0..1. ``reads``: how many of the file's
    columns it uses; ``ignores`` names the others.
    """

    mapping: str
    emits: str
    score: float
    reads: int
    ignores: tuple[str, ...]


@dataclass(frozen=True)
class Detection:
    """The sample of a file against some mappings; ``preferred`` ones come before all others."""

    seen: Sample
    mappings: tuple[Mapping, ...]
    preferred: tuple[str, ...] = ()

    @cached_property
    def known(self) -> dict[str, frozenset[int]]:
        """For every mapping the sampled records that it knows, by their positions."""
        return {mapping.id: self._known_by(mapping, knows) for mapping in self.mappings}

    def _known_by(self, mapping: Mapping, test: Any) -> frozenset[int]:
        if self.seen.form.format not in mapping.formats:
            return frozenset()
        records, names = self.seen.records, self.seen.names
        # Rows of a table have the same names all.
        if self.seen.form.format != "jsonl" and test is knows and not may_know(mapping, names):
            return frozenset()
        if self.seen.form.format != "jsonl" and surely_knows(mapping, names):
            return frozenset(range(len(records)))
        return frozenset(i for i, record in enumerate(records) if _within(mapping, record, test))

    @cached_property
    def ranked(self) -> list[Candidate]:
        """The mappings that know at least one record, best first."""
        found = [self._candidate(item) for item in self.mappings if self.known[item.id]]
        return sorted(found, key=self._rank)

    def _rank(self, item: Candidate) -> tuple[bool, float, int, str]:
        return (item.mapping not in self.preferred, -item.score, -item.reads, item.mapping)

    def _candidate(self, mapping: Mapping) -> Candidate:
        used = {path.root for path in mapping.paths} | {str(path) for path in mapping.paths}
        used |= {path.root for path in mapping.unwrap}
        return Candidate(
            mapping=mapping.id,
            emits=mapping.emits,
            score=len(self.known[mapping.id]) / len(self.seen.records),
            reads=len(used.intersection(self.seen.names)),
            ignores=tuple(name for name in self.seen.names if name not in used),
        )

    @cached_property
    def used(self) -> list[str]:
        """The mappings that the records go to when each takes the best that knows it."""
        left, found = set(range(len(self.seen.records))), []
        for item in self.ranked:
            if left & self.known[item.mapping]:
                found.append(item.mapping)
                left -= self.known[item.mapping]
        return found

    @property
    def share(self) -> float:
        """Share of the sampled records that the used mappings know or nearly know."""
        every = max(1, len(self.seen.records))
        found = frozenset[int]().union(*(self.known[name] for name in self.used))
        if len(found) < every:
            nearly = [self._known_by(self.named(name), nearly_knows) for name in self.used]
            found = found.union(*nearly)
        return len(found) / every

    def rivals(self) -> list[tuple[Candidate, Candidate]]:
        """Used mappings, and others that know the same records and read as many columns."""
        by_name = {item.mapping: item for item in self.ranked}
        found = []
        for name in self.used:
            own = self.known[name]
            for other in self.ranked:
                both = len(own & self.known[other.mapping])
                later = other.mapping not in self.used
                if later and both > OVERLAP * len(own) and other.reads >= by_name[name].reads:
                    found.append((by_name[name], other))
        return found

    def named(self, name: str) -> Mapping:
        """The mapping of that id."""
        return next(mapping for mapping in self.mappings if mapping.id == name)

    def router(self) -> Router:
        """The used mappings first, then all others of this format, for what the sample missed."""
        own = [self.named(name) for name in self.used]
        fitting = (item for item in self.mappings if self.seen.form.format in item.formats)
        if self.seen.form.format != "jsonl":  # one header, one mapping
            return Router(own[:1], named=True)
        return Router((*own, *(item for item in fitting if item not in own)), used=len(own))


def _within(mapping: Mapping, record: Table[str, Any], test: Any) -> bool:
    """Whether a mapping passes the test for a record, or for any record inside."""
    if not may_know(mapping, record) and test is knows:
        return False
    return test(mapping, record) or any(
        test(mapping, inner) for inner in unwrapped(record, mapping)[1]
    )


def detection(path: Path, *, among: Sequence[str] = MAPPINGS, site: Site = ()) -> Detection:
    """Hold a sample of a file against the mappings that ship and those of the site.

    A site's mapping stands in for the one that it extends.
    """
    replaced = {mapping.extends for mapping in site} | {mapping.id for mapping in site}
    shipped = [load_mapping(mapping_id) for mapping_id in among if mapping_id not in replaced]
    return Detection(sample(path), (*site, *shipped))


def detect(path: Path, *, among: Sequence[str] = MAPPINGS) -> list[Candidate]:
    """The mappings that know at least one record of a file, best first.

    Raises:
        BadDataError: the file is of a foreign kind or damaged.
    """
    return detection(path, among=among).ranked


def detect_router(path: Path, *, site: Site = ()) -> Router:
    """The mappings that read a file, each the records that it knows.

    Args:
        path: the file.
        site: mappings of the user's own, which come before those that ship.

    Raises:
        BadDataError: they know too little of it, or two are equally fit; the message ranks them.
    """
    found = settled(detection(path, site=site))
    if found is None:
        raise unclear(path, detection(path, site=site))
    return found.router()


def detect_mapping(path: Path) -> Mapping:
    """The one mapping that reads a file.

    Raises:
        BadDataError: none does, or several do; the message ranks them.
    """
    found = settled(detection(path))
    if found is None or len(found.used) != 1:
        raise unclear(path, found or detection(path))
    return found.router().mappings[0]


def settled(found: Detection) -> Detection | None:
    """The detection with every rivalry decided by a dry run; None when it stays unclear."""
    if not found.used or found.share < ACCEPT:
        return None
    rivals = found.rivals()
    if not rivals:
        return found
    with duckdb.connect(config={"threads": 2}) as con:
        sql.silence(con)
        for own, other in rivals:
            first, second = (trial_of(con, found, item.mapping, now=FAR) for item in (own, other))
            if first.worth == second.worth:
                return None
            if second.worth > first.worth:
                found = replace(found, preferred=(*found.preferred, other.mapping))
    return found


def trial_of(
    con: duckdb.DuckDBPyConnection, found: Detection, mapping: str, *, now: datetime
) -> Trial:
    """A dry run of a mapping over the sampled records that it knows."""
    records = [found.seen.records[i] for i in sorted(found.known[mapping])]
    return dry_run(con, found.named(mapping), records, now=now)


def unclear(path: Path, found: Detection) -> BadDataError:
    """The refusal of a file that no mapping clearly reads; it ranks the candidates."""
    names = ", ".join(ascii(name)[1:-1][:40] for name in found.seen.names[:20])
    listed = ", ".join(f"{item.mapping} ({item.score:.0%})" for item in found.ranked[:3]) or "none"
    return BadDataError(
        f"No mapping clearly reads this file. Candidates: {listed}. Its columns: {names}.",
        where=str(path),
        fix="Name one with --mapping, or look closer: workbench sources detect FILE. For a "
        "shape of your own: workbench sources draft FILE --out F.toml, then: workbench ingest FILE "
        "--mapping F.toml.",
    )
