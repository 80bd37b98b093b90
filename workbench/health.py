"""``doctor``: what is there, what is whole, what is missing and how to get it."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from graph_models.errors import CheckFailedError, WorkbenchError
from graph_models.stores import DEFAULT_STORE, open_store
from ingest.enrichment import ENRICHMENTS, Enrichment, Site, Source
from ingest.enrichment.user_tables import HEADERS, unread
from ingest.store.integrity import altered_parts
from ingest.store.workspace import SCHEMA
from workbench.library import Workbench

__all__ = ["Check", "Health", "examine"]

PACKAGES = (
    "duckdb",
    "ibis-framework",
    "pyarrow",
    "pandas",
    "numba",
    "neo4j",
    "networkx",
    "streamlit",
    "stix2",
    "tzdata",
)
FREE_SPACE_NEEDED = 2 * 1024**3  # a 2 M-exchange world with its parts and spill files, measured


@dataclass(frozen=True)
class Check:
    """One thing examined; ``state`` is ok, absent (optional) or failed."""

    name: str
    state: str
    found: str
    fix: str = ""


@dataclass(frozen=True)
class Health:
    """All checks; ``ok`` when none failed."""

    ok: bool
    checks: tuple[Check, ...]

    def raise_for_failed(self) -> None:
        """CheckFailedError naming the first failed check."""
        for check in self.checks:
            if check.state == "failed":
                raise CheckFailedError(check.found, where=check.name, fix=check.fix)


def examine(workspace: Path, store: str) -> Health:
    """Run every check; reads only."""
    site = Site.of(workspace)
    checks = (
        *_versions(),
        _browser(),
        _space(workspace),
        *(check for item in ENRICHMENTS for check in _enrichment(item, site)),
        *_unread(site),
        *_store_and_workspace(workspace, store),
    )
    return Health(all(check.state != "failed" for check in checks), checks)


def _versions() -> Iterator[Check]:
    yield Check("python", "ok", platform.python_version())
    for name in PACKAGES:
        yield Check(name, "ok", importlib.metadata.version(name))


def _browser() -> Check:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    fix = "Only the browser tests need it: apt-get install chromium"
    return Check(
        "chromium", "ok" if found else "absent", found or "not installed", "" if found else fix
    )


def _enrichment(item: Enrichment, site: Site) -> Iterator[Check]:
    """Each source of a provider with version and date, or how to get one."""
    name = f"enrichment {item.name}"
    try:
        sources = item.open(site)
    except WorkbenchError as error:
        yield Check(name, "failed", str(error), error.fix)
        return
    for source in sources:
        yield Check(name, "ok", _told(source))
    if not sources:
        yield Check(name, "absent", f"nobody tells {', '.join(item.gives)}: unknown", item.fix)


def _unread(site: Site) -> Iterator[Check]:
    """The user's files in a folder of enrichments that no provider knows."""
    try:
        names = unread(site)
    except WorkbenchError:  # told above, by the provider whose file it is
        return
    if names:
        heads = " or ".join(", ".join(columns) for columns in HEADERS.values())
        fix = f"Give a CSV file a header with {heads}; an .mmdb file that ending."
        yield Check("enrichment files", "absent", f"nobody reads {', '.join(names[:5])}", fix)


def _told(source: Source) -> str:
    date = f"data of {source.date}" if source.date else "data undated"
    return f"{source.name} {source.version}, {date}, {source.licence}"


def _space(workspace: Path) -> Check:
    existing = next(path for path in (workspace, *workspace.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    enough = free >= FREE_SPACE_NEEDED
    fix = "" if enough else "Free some space, or name another workspace."
    return Check("free space", "ok" if enough else "failed", f"{free / 1024**3:.1f} GiB", fix)


def _store_and_workspace(path: Path, store: str) -> Iterator[Check]:
    answers = _attempt("store", lambda: open_store(store, path).engine())
    # Without a store there is nothing to ask about what it holds.
    yield from (answers, *_workspace(path, store if answers.state == "ok" else DEFAULT_STORE))


def _workspace(path: Path, store: str) -> Iterator[Check]:
    if not path.exists():
        fix = "Make one: workbench ingest PATH --workspace DIR, or workbench demo"
        yield Check("workspace", "absent", f"there is none at {path}", fix)
        return
    try:
        desk = Workbench.open(path, store=store)
    except WorkbenchError as error:
        yield Check("workspace", "failed", error.what, error.fix)
        return
    yield Check("workspace", "ok", f"{path}, schema {SCHEMA}")
    yield _integrity(desk)
    yield _attempt("snapshot", lambda: desk.snapshot().digest)
    yield _attempt("published graph", lambda: str(desk.about().get("run") or "none yet"))


def _integrity(desk: Workbench) -> Check:
    parts, altered = altered_parts(desk.workspace.layout)
    altered += tuple(desk.store.altered()) if desk.store.published() else ()
    if not altered:
        return Check("integrity", "ok", f"{parts} parts are as they were written")
    fix = "Withdraw the load and ingest its file again; then analyse."
    return Check("integrity", "failed", f"altered or missing: {', '.join(altered[:5])}", fix)


def _attempt(name: str, what: Callable[[], str]) -> Check:
    try:
        return Check(name, "ok", what())
    except WorkbenchError as error:
        state = "absent" if error.exit_code == 2 else "failed"
        return Check(name, state, error.what, error.fix)
