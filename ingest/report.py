"""What an ingest did, file by file: every row accounted for, refused files named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from graph_models.errors import BadDataError
from graph_models.text import inert

__all__ = ["IngestReport", "Package"]

MESSAGE, NAME = 2_000, 120  # signs of a message and of a column name that are shown


@dataclass(frozen=True, kw_only=True)
class Package:
    """What became of one file; rows = loaded + duplicate + quarantined.

    ``removed`` counts secrets that were masked. ``replaces`` names the load of the file's earlier
    version, which this one took out; ``changes`` counts rows added, changed, gone.
    """

    load_id: str
    file: str
    mapping: str
    rows: int = 0
    loaded: int = 0
    duplicate: int = 0
    quarantined: int = 0
    state: str = "published"
    reason: str = ""
    skipped: int = 0
    unknown_columns: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[str, ...] = ()
    removed: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    replaces: str = ""
    changes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.rows != self.loaded + self.duplicate + self.quarantined:
            raise ValueError(f"{self.file}: the accounts of the rows do not add up: {self}.")

    def as_json(self) -> dict[str, Any]:
        """One entry of ``packages`` in contract §4; all text in it is inert."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {
            "reason": inert(self.reason, limit=MESSAGE),
            "unknown_columns": {inert(k, limit=NAME): n for k, n in self.unknown_columns.items()},
            "warnings": [inert(warning, limit=MESSAGE) for warning in self.warnings],
            "removed": dict(self.removed),
            "changes": dict(self.changes),
        }


@dataclass(frozen=True)
class IngestReport:
    """What an ingest did. ``snapshot`` is the current one, changed or not; None when empty."""

    snapshot: str | None
    packages: tuple[Package, ...]

    def total(self, name: str) -> int:
        """Sum over the files of ``rows``, ``loaded``, ``duplicate`` or ``quarantined``."""
        return sum(getattr(package, name) for package in self.packages)

    @property
    def refused(self) -> tuple[Package, ...]:
        """The files of which nothing was loaded, with their reasons."""
        return tuple(package for package in self.packages if package.state == "refused")

    def as_json(self) -> dict[str, Any]:
        """The value that ``ingest --json`` prints (contract §4)."""
        totals = {name: self.total(name) for name in ("rows", "loaded", "duplicate", "quarantined")}
        listed = [package.as_json() for package in self.packages]
        return {"snapshot": self.snapshot, "packages": listed, **totals}

    def raise_for_refused(self) -> None:
        """Raise BadDataError that names the refused files, if there are any."""
        if not self.refused:
            return
        reasons = "; ".join(f"{package.file}: {package.reason}" for package in self.refused)
        loaded = len(self.packages) - len(self.refused)
        raise BadDataError(
            f"{len(self.refused)} of {len(self.packages)} files were refused.",
            where=reasons,
            fix=f"The other {loaded} were loaded. Name the mapping with --mapping, or leave out "
            "what is no log.",
        )
