"""Ingest: files → loads → a new snapshot. Every row is loaded, a duplicate, or in quarantine.

What is killed leaves the old snapshot and whole loads; the same command goes on from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Table
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from graph_models.codes import digest_text
from graph_models.errors import BadDataError
from graph_models.text import inert
from ingest.direct.load import Way, load_directly
from ingest.direct.values import Known
from ingest.events import event_named
from ingest.formats.files import SourceFile, source_files, world_of
from ingest.mapping.detect import detect_router
from ingest.mapping.dispatch import Router
from ingest.mapping.model import Mapping
from ingest.mapping.readers import Reading, read_shared
from ingest.mappings import load_mapping, site_mappings
from ingest.meter import Meter
from ingest.notices import notices
from ingest.protection.leaks import mask
from ingest.protection.protect import Protector
from ingest.report import IngestReport, Package
from ingest.store import packages
from ingest.store.clocks import clock_notes
from ingest.store.corrections import Change, corrected
from ingest.store.manifest import count_fresh, with_load, without_load
from ingest.store.memory import memory_bytes
from ingest.store.packages import Load, Part
from ingest.store.snapshots import current_manifest, publish
from ingest.store.staging import STAGED, filled_columns, sketch_prompts, stage
from ingest.store.storage import disk_refusal, session, sync_folder
from ingest.store.workspace import Workspace
from ingest.withdrawing import mark_withdrawn, withdraw

__all__ = ["IngestReport", "ingest_paths", "withdraw"]

Progress = Callable[..., None]
LONGEST_REASON = 1_000  # signs of the reason for which a file is refused


def ingest_paths(
    workspace: Workspace,
    paths: Sequence[Path | str],
    *,
    mapping: str | None = None,
    now: datetime,
    progress: Progress | None = None,
) -> IngestReport:
    """Load files and folders, then publish one new snapshot with all of them.

    Args:
        workspace: where to.
        paths: files, or folders that are walked in sorted order.
        mapping: the mapping of all files; None detects one for each.
        now: the clock; a row of tomorrow is late, one of next week goes to quarantine.
        progress: called with a sentence and the share that is done.

    Returns:
        The report. A refused file does not keep the others out: see ``raise_for_refused``.

    Raises:
        UsageError: a path or the mapping does not exist.
        StoreUnreachableError: another process writes to the workspace.
        WorkbenchError: the disk is full; the same command goes on afterwards.
    """
    files = source_files(paths)
    with workspace.exclusive("ingest"):
        meter = Meter(progress, [source.size for source in files])
        run = _Ingest(workspace, mapping, now=now, world=world_of(paths), meter=meter)
        for source in files:
            meter.begin(source.name)
            run.add(source)
        return run.publish()


class _Ingest:
    """One ingest under the lock: the manifest grows in memory and is switched once, at the end."""

    def __init__(
        self,
        workspace: Workspace,
        mapping: str | None,
        *,
        now: datetime,
        world: str | None,
        meter: Meter,
    ) -> None:
        self.workspace, self.layout = workspace, workspace.layout
        self.site = site_mappings(self.layout.root / "mappings")
        own = {item.id: item for item in self.site}
        self.mapping = own.get(mapping) or load_mapping(mapping) if mapping is not None else None
        self.now, self.world = now.astimezone(UTC), world
        self.before = current_manifest(self.layout)
        self.manifest = self.before
        self.packages: list[Package] = []
        self.meter, self.known = meter, Known()
        memory_bytes()  # a setting that is no size is told before anything is read

    def add(self, source: SourceFile) -> None:
        """Load one file; a file that cannot be read is reported, not raised."""
        try:
            source.refuse_escape()
            loads = self._loads(source)
            self.packages += [self._account(source, load) for load in loads]
            self.meter.end(sum(load.rows for load in loads))
        except BadDataError as error:
            self._refuse(source, f"{error.what} {error.fix}")
        except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
            refusal = disk_refusal(error, self.layout.root)
            if refusal is not None:
                raise refusal from error
            self._refuse(source, f"The file cannot be read: {error}.")

    def _refuse(self, source: SourceFile, reason: str) -> None:
        shown = mask(inert(reason, limit=LONGEST_REASON), Counter())
        self.packages.append(
            Package(load_id="", file=source.name, mapping="", state="refused", reason=shown)
        )

    def _loads(self, source: SourceFile) -> list[Load]:
        """The loads of a file, one for each mapping that knows some of its records."""
        if self.mapping is not None:
            return [self._load(source, Router((self.mapping,), named=True), 0)]
        router = detect_router(source.path, site=self.site)
        first = self._load(source, router, 0)
        places = {mapping.id: place for place, mapping in enumerate(router.mappings)}
        others = [places[name] for name in first.notes["beside"] if name in places]
        return [first, *(self._load(source, router, place) for place in others)]

    def _load(self, source: SourceFile, router: Router, chosen: int) -> Load:
        """One mapping's load of a file, made now unless an earlier run finished it."""
        mapping, first = router.mappings[chosen], router.mappings[0]
        content = source.digest()
        # What one mapping leaves to others depends on who comes first.
        shared = () if router.named else ("shared", first.id, first.digest)
        load_id = digest_text(content, mapping.id, mapping.digest, *shared, size=8)
        known = packages.find_load(self.layout, load_id)
        if known is not None and packages.intact(self.layout, known):
            return known
        load = Load(
            load_id=load_id,
            file=source.name,
            mapping=mapping.id,
            content=content,
            state="staged",
            world=self.world,
            at=self.now.isoformat(),
        )
        return self._stage(source, router, chosen, packages.start(self.layout, load))

    def _stage(self, source: SourceFile, router: Router, chosen: int, load: Load) -> Load:
        """Read, check, protect and write one file; verified when all its parts are on disk."""
        try:
            before, elsewhere = source.state(), dict[int, int]()
            with session(self.layout) as con:
                made = self._direct(con, source, router.mappings[chosen], load)
                if made is None:
                    reading = read_shared(
                        con, source.path, router, chosen=chosen, now=self.now, say=self.meter.at
                    )
                    made = self._write(con, reading, load)
                    elsewhere.update(reading.elsewhere)
                load = made
            beside = {router.mappings[i].id: count for i, count in elsewhere.items()}
            told = {"beside": beside, "system": router.mappings[chosen].system}
            load = replace(load, notes={**load.notes, **told})
            source.refuse_change(before)
        except Exception:
            with suppress(OSError):  # on a full disk the first error is the one to show
                packages.save(self.layout, load.in_state("failed"))
            raise
        sync_folder(packages.folder_of(self.layout, load.load_id))
        return packages.save(self.layout, load.in_state("verified"))

    def _direct(
        self, con: duckdb.DuckDBPyConnection, source: SourceFile, mapping: Mapping, load: Load
    ) -> Load | None:
        """The load of a typed file that needs no more than a look at its values."""
        way = Way(
            folder=packages.folder_of(self.layout, load.load_id),
            key=self.workspace.key,
            now=self.now,
            known=self.known,
            say=self.meter.at,
        )
        made = load_directly(con, source.path, mapping, load, way)
        if made is None:
            return None
        unknown = _masked(made.notes["unknown_columns"])
        return replace(made, notes={**made.notes, "unknown_columns": unknown})

    def _write(self, con: duckdb.DuckDBPyConnection, reading: Reading, load: Load) -> Load:
        folder = packages.folder_of(self.layout, load.load_id)
        sketches: str | None = None
        parts: list[Part] = []
        filled: dict[str, tuple[str, ...]] = {}
        removed: Counter[str] = Counter()
        protector = Protector(self.workspace.key())
        protector.redact(con, reading.rejected)
        for item in reading.tables:
            event, prompts = event_named(item.kind), None
            removed.update(protector.protect(con, item.table, item.kind))
            if event.name == "exchange":
                key = self.workspace.key()
                sketches, prompts = sketch_prompts(con, item.table, folder, key)
            stage(con, item.table, event, prompts)
            parts += packages.write_parts(con, STAGED, event, folder)
            filled[event.name] = filled_columns(con, STAGED)
        return replace(
            load,
            rows=reading.rows,
            quarantined=reading.rejected_rows,
            parts=tuple(parts),
            sketches=sketches,
            rejected=packages.write_rejected(con, reading.rejected, folder),
            filled=filled,
            notes={
                "skipped": reading.skipped,
                "unknown_columns": _masked(reading.unknown_columns),
                "warnings": list(reading.warnings),
                "removed": dict(removed),
            },
        )

    def _account(self, source: SourceFile, load: Load) -> Package:
        """Count what a load brings, and add it to the manifest."""
        loaded, change = 0, None
        clock: tuple[str, ...] = ()
        if load.load_id not in self.manifest.loads:
            with session(self.layout) as con:
                change = self._correct(con, load)
                loaded = count_fresh(con, self.layout, self.manifest, load)
                self.manifest = with_load(con, self.layout, self.manifest, load)
                clock = clock_notes(con, self.layout, self.manifest, load, self.now)
        return Package(
            load_id=load.load_id,
            file=source.name,
            mapping=load.mapping,
            rows=load.rows,
            loaded=loaded,
            duplicate=load.rows - load.quarantined - loaded,
            quarantined=load.quarantined,
            skipped=load.notes["skipped"],
            unknown_columns=load.notes["unknown_columns"],
            warnings=(*load.notes["warnings"], *notices(load, change), *clock),
            removed=load.notes.get("removed", {}),
            replaces=change.replaces if change else "",
            changes=change.counts if change else {},
        )

    def _correct(self, con: duckdb.DuckDBPyConnection, load: Load) -> Change | None:
        """Take out the earlier version of a file that came again corrected."""
        change = corrected(con, self.layout, self._earlier(), load)
        if change is not None:
            self.manifest = without_load(con, self.layout, self.manifest, change.replaces)
        return change

    def _earlier(self) -> tuple[str, ...]:
        """Loads that were there before this run: files of one run are no versions of each other."""
        return tuple(item for item in self.before.loads if item in self.manifest.loads)

    def publish(self) -> IngestReport:
        """Switch to the new manifest, if it is one."""
        if self.world is not None and self.manifest.loads:
            self.workspace.mark_synthetic(self.world)
        if self.manifest is not self.before:
            self.manifest = publish(self.layout, self.manifest, at=self.now.isoformat())
            for load_id in {*self.before.loads} - {*self.manifest.loads}:
                mark_withdrawn(self.layout, load_id)
        digest = self.manifest.digest if self.manifest.loads else None
        return IngestReport(digest, tuple(self.packages))


def _masked(names: Table[str, int]) -> dict[str, int]:
    """Column names as they may be kept: a file without a header has values for names."""
    return {mask(inert(name), Counter()): count for name, count in names.items()}
