"""The default store: a folder of immutable graphs and one pointer to the current one.

``graphs/<digest>/`` holds a graph, ``graphs/current`` the digest of the one that readers see. A
graph is written beside the others, synced and renamed; only then the pointer is replaced. So a
reader never sees half a graph, and a killed publish leaves the last good one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph_models.errors import BadDataError, UsageError
from graph_models.stores.embedded_view import EmbeddedView
from graph_models.stores.graph_files import GraphFiles
from graph_models.stores.locks import alone
from graph_models.stores.mapped_graph import MappedGraph
from graph_models.stores.protocol import GraphView, GraphWriter, Published

__all__ = ["EmbeddedStore"]

KEPT_GRAPHS = 2
"""Graphs kept besides the current one, for readers that are still on them."""
_UNFINISHED = ".unfinished-"


class EmbeddedStore:
    """A ``GraphStore`` in a folder of this machine; any number of readers, one writer."""

    def __init__(self, path: Path) -> None:
        self.url = f"embedded:{path}"
        self._graphs = path / "graphs"
        self._opened: tuple[str, EmbeddedView] | None = None

    def published(self) -> bool:
        """Whether there is a graph to view."""
        return (self._graphs / "current").is_file()

    def view(self) -> GraphView:
        """A reader pinned to the current graph; UsageError when none was published."""
        for _ in range(1 + KEPT_GRAPHS):
            digest = self._current()
            if self._opened is not None and self._opened[0] == digest:
                return self._opened[1]
            try:
                files = GraphFiles.open(self._graphs / digest)
            except FileNotFoundError:
                # Swept away between the pointer and the folder: several graphs were just published.
                continue
            view = EmbeddedView(MappedGraph(files), digest=digest)
            self._opened = digest, view
            return view
        raise BadDataError(
            "The current graph's files are gone.",
            where=self.url,
            fix="Run workbench analyse again.",
        )

    @contextmanager
    def writer(self) -> Iterator[GraphWriter]:
        """A writer; StoreUnreachableError while another process holds it."""
        lock = self._graphs / ".lock"
        with alone(lock, busy="Another process is publishing.", where=self.url):
            yield _Writer(self._graphs)

    def compiled(self) -> tuple[GraphFiles, str]:
        """The current graph's files and their digest, to be copied into another store."""
        digest = self._current()
        return GraphFiles.open(self._graphs / digest), digest

    def engine(self) -> str:
        """Files that this process maps; there is no server."""
        return f"embedded, in {self._graphs}"

    def altered(self) -> list[str]:
        """Names of the current graph's files that are not as published, for ``doctor``."""
        return GraphFiles.altered(self._graphs / self._current())

    def close(self) -> None:
        """Let go of the view; its mapped files go when its last user does."""
        self._opened = None

    def _current(self) -> str:
        try:
            return (self._graphs / "current").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise UsageError(
                "No graph is published yet.", where=self.url, fix="Run workbench analyse first."
            ) from None


class _Writer:
    """Writes beside, then renames; holds the store's lock as long as it lives."""

    def __init__(self, graphs: Path) -> None:
        self._graphs = graphs

    def publish(self, graph: Published) -> None:
        """Write the graph and make it the current one."""
        # Readers need none of what compiling takes.
        from graph_models.stores.compilation import compile_graph

        self._sweep_unfinished()
        unfinished = self._graphs / f"{_UNFINISHED}{os.getpid()}"
        digest = compile_graph(graph).save(unfinished)
        if (self._graphs / digest).is_dir():
            shutil.rmtree(unfinished)
        else:
            unfinished.rename(self._graphs / digest)
        self._point_to(digest)
        self._sweep_old(digest)

    def _point_to(self, digest: str) -> None:
        pointer, fresh = self._graphs / "current", self._graphs / ".current"
        if pointer.is_file() and pointer.read_text(encoding="ascii").strip() == digest:
            return
        with fresh.open("w", encoding="ascii") as file:
            file.write(digest + "\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(pointer)
        handle = os.open(self._graphs, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _sweep_unfinished(self) -> None:
        for folder in self._graphs.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(folder)

    def _sweep_old(self, current: str) -> None:
        folders = [f for f in self._graphs.iterdir() if f.is_dir() and f.name != current]
        for folder in sorted(folders, key=lambda f: f.stat().st_mtime_ns)[:-KEPT_GRAPHS]:
            shutil.rmtree(folder)
