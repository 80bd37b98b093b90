"""A workspace: a folder of loads and snapshots that one lock guards and one key protects."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from graph_models.errors import UsageError, WorkbenchError
from ingest.protection.keys import fingerprint, load_key
from ingest.store import packages, snapshots
from ingest.store.lock import exclusive
from ingest.store.memory import give_back
from ingest.store.snapshots import Snapshot
from ingest.store.storage import Layout, disk_refusal, read_json, sweep, write_json, write_text

__all__ = ["SCHEMA", "Workspace"]

SCHEMA = 1  # of the files on disk; a newer one is refused, an older one is migrated here
PACKAGE_COLUMNS = (
    "load_id", "file", "mapping", "rows", "events", "quarantined", "state", "at", "world",
)  # fmt: skip
# What a killed creation may have left.
# ``enrichment`` and ``mappings`` are the user's own and may be there first.
OWN = frozenset(
    {"loads", "snapshots", "cache", "scratch", "README", "lock", "enrichment", "mappings"}
)
README = """A workspace of the attribution workbench{synthetic}

loads/      what was ingested: one folder a file, immutable, without prompt text
snapshots/  which loads count; `current` names the one that is shown
cache/      derived tables; may be deleted
scratch/    what running processes spill; may be deleted when none runs
enrichment/ your own .mmdb files and lists, if you have any (docs/enrichment.md)
mappings/   your own mappings, if you have any; they take part in detection (docs/mappings.md)

Account ids, addresses and device ids stand here in clear. Guard the folder accordingly.
The key of the tokens lies elsewhere and is needed to ingest more.
"""


@dataclass(frozen=True, eq=False)
class Workspace:
    """An open workspace. Reading needs no lock; ``exclusive`` is for writers."""

    path: Path
    layout: Layout
    id: str

    @classmethod
    def open(cls, path: Path | str, *, create: bool = True) -> Workspace:
        """Open a folder as a workspace, made first if need be.

        Raises:
            UsageError: there is none and ``create`` is False, or the folder holds something else.
            WorkbenchError: a newer version made it, or the disk refuses.
        """
        root = Path(path).expanduser()
        layout = Layout(root)
        if not layout.card.exists():
            if not create:
                raise UsageError(
                    "There is no workspace here.",
                    where=str(root),
                    fix="Make one with: workbench ingest PATH --workspace DIR",
                )
            _make(layout)
        card = read_json(layout.card)
        if card["schema"] > SCHEMA:
            raise WorkbenchError(
                f"A newer version made this workspace (schema {card['schema']}, here {SCHEMA}).",
                where=str(root),
                fix="Update the workbench.",
            )
        give_back()
        return cls(root, layout, card["id"])

    @property
    def _card(self) -> dict[str, Any]:
        card: dict[str, Any] = read_json(self.layout.card)
        return card

    @property
    def world(self) -> str | None:
        """The synthetic world that the data came from; None for real logs."""
        world: str | None = self._card.get("world")
        return world

    def mark_synthetic(self, world: str) -> None:
        """Say, for good, that the workspace holds synthetic data."""
        write_json(self.layout.card, {**self._card, "world": world})
        write_text(self.path / "README", README.format(synthetic=f"\nsynthetic: {world}"))

    def key(self) -> bytes:
        """The 32-byte key of tokens and sketches; the first call makes it (see ``keys``)."""
        card = self._card
        known = card.get("key")
        key = load_key(self.id, self.path, known=known)
        if known is None:
            write_json(self.layout.card, {**card, "key": fingerprint(key)})
        return key

    @contextmanager
    def exclusive(self, doing: str) -> Iterator[None]:
        """Hold the workspace for writing.

        Raises:
            StoreUnreachableError: another process holds it; its id is named.
        """
        try:
            with exclusive(self.layout.lock, doing=doing):
                sweep(self.layout)
                yield
        except OSError as error:
            raise disk_refusal(error, self.path) or error from error

    # ---- what it holds

    def current(self) -> Snapshot:
        """The current snapshot.

        Raises:
            UsageError: nothing is loaded; says what to do.
        """
        manifest = snapshots.current_manifest(self.layout)
        if not manifest.loads:
            raise UsageError(
                "The workspace is empty.",
                where=str(self.path),
                fix="Load logs with: workbench ingest PATH, "
                "or make some: workbench synth quickstart --out DIR",
            )
        return Snapshot(self.layout, manifest, self.key)

    def snapshot(self, digest: str) -> Snapshot:
        """A snapshot by its digest or the beginning of it; UsageError when there is none."""
        manifest = snapshots.snapshot_named(self.layout, digest)
        return Snapshot(self.layout, manifest, self.key)

    def snapshots(self) -> pd.DataFrame:
        """One row a snapshot, the newest first: snapshot, at, loads, rows, current."""
        return snapshots.snapshots(self.layout)

    def packages(self) -> pd.DataFrame:
        """One row a load, by time and file: ``PACKAGE_COLUMNS``."""
        published = set(snapshots.current_manifest(self.layout).loads)
        rows = [
            {name: getattr(load, name) for name in PACKAGE_COLUMNS}
            | {"state": _state(load, published)}
            for load in packages.loads(self.layout)
        ]
        frame = pd.DataFrame(rows, columns=list(PACKAGE_COLUMNS))
        return frame.sort_values(["at", "file", "load_id"], ignore_index=True)

    def quarantine(self, load_id: str | None = None) -> pd.DataFrame:
        """Rejected rows of one load or of all: load_id, file, row, column, reason, fix, value."""
        return packages.quarantine_rows(self.layout, load_id)


def _state(load: packages.Load, published: set[str]) -> str:
    """The state as the snapshot has it: a kill may have left the ledger behind the switch."""
    if load.load_id in published:
        return "published"
    return "withdrawn" if load.state == "published" else load.state


def _make(layout: Layout) -> None:
    root = layout.root
    if root.exists() and (not root.is_dir() or {item.name for item in root.iterdir()} - OWN):
        raise UsageError(
            "This folder holds something else.",
            where=str(root),
            fix="Name an empty or a new folder as the workspace.",
        )
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with exclusive(layout.lock, doing="making the workspace"):
            if not layout.card.exists():  # another process may have been faster
                _fill(layout)
    except OSError as error:
        raise disk_refusal(error, root) or error from error


def _fill(layout: Layout) -> None:
    for folder in (layout.loads, layout.snapshots, layout.cache, layout.scratch):
        folder.mkdir(exist_ok=True)
    write_text(layout.root / "README", README.format(synthetic=""))
    # The card comes last: with it the folder is a workspace.
    write_json(layout.card, {"schema": SCHEMA, "id": secrets.token_hex(8), "world": None})
