"""Ingest: files → loads → a new snapshot. Every row is loaded, a duplicate, or in quarantine.

What is killed leaves the old snapshot and whole loads; the same command goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from graph_models.codes import digest_text
from graph_models.errors import BadDataError, UsageError
from ingest import packages
from ingest.detect import detect_mapping
from ingest.files import SourceFile, source_files, world_of
from ingest.manifest import count_fresh, with_load, without_load
from ingest.mapping import Mapping as SourceMapping
from ingest.mappings import load_mapping
from ingest.packages import Load
from ingest.protect import Protector
from ingest.readers import Reading, read_file
from ingest.report import IngestReport, Package
from ingest.snapshots import Snapshot, current_manifest, publish
from ingest.staging import STAGED, filled_columns, sketch_prompts, stage
from ingest.storage import disk_refusal, session, sync_folder
from ingest.workspace import Workspace

__all__ = ["IngestReport", "ingest_paths", "withdraw"]

Progress = Callable[..., None]


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
        run = _Ingest(workspace, mapping, now=now, world=world_of(paths))
        for number, source in enumerate(files):
            if progress is not None:
                progress(f"reading {source.name}", number / len(files))
            run.add(source)
        return run.publish()


class _Ingest:
    """One ingest under the lock: the manifest grows in memory and is switched once, at the end."""

    def __init__(
        self, workspace: Workspace, mapping: str | None, *, now: datetime, world: str | None
    ) -> None:
        self.workspace, self.layout = workspace, workspace.layout
        self.mapping = load_mapping(mapping) if mapping is not None else None
        self.now, self.world = now.astimezone(UTC), world
        self.before = current_manifest(self.layout)
        self.manifest = self.before
        self.packages: list[Package] = []

    def add(self, source: SourceFile) -> None:
        """Load one file; a file that cannot be read is reported, not raised."""
        try:
            load = self._loaded(source)
            self.packages.append(self._account(source, load))
        except BadDataError as error:
            self._refuse(source, f"{error.what} {error.fix}")
        except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
            refusal = disk_refusal(error, self.layout.root)
            if refusal is not None:
                raise refusal from error
            self._refuse(source, f"The file cannot be read: {error}.")

    def _refuse(self, source: SourceFile, reason: str) -> None:
        self.packages.append(
            Package(load_id="", file=source.name, mapping="", state="refused", reason=reason)
        )

    def _loaded(self, source: SourceFile) -> Load:
        """The load of a file, made now unless an earlier run finished it."""
        mapping = self.mapping or detect_mapping(source.path)
        content = source.digest()
        load_id = digest_text(content, mapping.id, mapping.digest, size=8)
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
        return self._stage(source, mapping, packages.start(self.layout, load))

    def _stage(self, source: SourceFile, mapping: SourceMapping, load: Load) -> Load:
        """Read, check, protect and write one file; verified when all its parts are on disk."""
        folder = packages.folder_of(self.layout, load.load_id)
        try:
            before = source.state()
            with session(self.layout) as con:
                reading = read_file(con, source.path, mapping, now=self.now)
                protector = Protector(self.workspace.key())
                removed = protector.protect(con, reading.accepted, mapping.emits)
                load = self._write(con, reading, mapping, load)
            load = replace(load, notes={**load.notes, "removed": dict(removed)})
            source.refuse_change(before)
        except Exception:
            with suppress(OSError):  # on a full disk the first error is the one to show
                packages.save(self.layout, load.in_state("failed"))
            raise
        sync_folder(folder)
        return packages.save(self.layout, load.in_state("verified"))

    def _write(
        self, con: duckdb.DuckDBPyConnection, reading: Reading, mapping: SourceMapping, load: Load
    ) -> Load:
        folder = packages.folder_of(self.layout, load.load_id)
        event = mapping.event
        sketches, prompts = None, None
        if event.name == "exchange":
            key = self.workspace.key()
            sketches, prompts = sketch_prompts(con, reading.accepted, folder, key)
        stage(con, reading.accepted, event, prompts)
        parts = packages.write_parts(con, STAGED, event, folder)
        rejected = packages.write_rejected(con, reading.rejected, folder)
        return replace(
            load,
            rows=reading.rows,
            quarantined=reading.rejected_rows,
            parts=parts,
            sketches=sketches,
            rejected=rejected,
            filled={event.name: filled_columns(con, STAGED)},
            notes={
                "skipped": reading.skipped,
                "unknown_columns": dict(reading.unknown_columns),
                "warnings": list(reading.warnings),
            },
        )

    def _account(self, source: SourceFile, load: Load) -> Package:
        """Count what a load brings, and add it to the manifest."""
        loaded = 0
        if load.load_id not in self.manifest.loads:
            with session(self.layout) as con:
                loaded = count_fresh(con, self.layout, self.manifest, load)
                self.manifest = with_load(con, self.layout, self.manifest, load)
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
            warnings=tuple(load.notes["warnings"]),
        )

    def publish(self) -> IngestReport:
        """Switch to the new manifest, if it is one."""
        if self.world is not None and self.manifest.loads:
            self.workspace.mark_synthetic(self.world)
        if self.manifest is not self.before:
            self.manifest = publish(self.layout, self.manifest, at=self.now.isoformat())
        digest = self.manifest.digest if self.manifest.loads else None
        return IngestReport(digest, tuple(self.packages))


def withdraw(workspace: Workspace, load_id: str) -> Snapshot:
    """Take a load out; what it had hidden as duplicates comes back.

    Returns:
        The new current snapshot; empty when that was the last load.

    Raises:
        UsageError: the current snapshot has no such load.
    """
    layout = workspace.layout
    with workspace.exclusive("withdraw"):
        manifest = current_manifest(layout)
        if load_id not in manifest.loads:
            raise UsageError(
                f"The current snapshot has no load {load_id!r}.",
                fix="List the loads with: workbench snapshots",
            )
        with session(layout) as con:
            manifest = publish(layout, without_load(con, layout, manifest, load_id), at=manifest.at)
        load = packages.find_load(layout, load_id)
        assert load is not None
        packages.save(layout, load.in_state("withdrawn"))
    return Snapshot(layout, manifest, workspace.key)
