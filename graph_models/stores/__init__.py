"""Where a published graph lives: stores behind one protocol, the embedded one by default."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from graph_models.errors import UsageError
from graph_models.stores.embedded import EmbeddedStore
from graph_models.stores.protocol import GraphStore
from graph_models.text import inert

__all__ = ["STORES", "open_store"]


def _embedded(place: str, workspace: Path) -> GraphStore:
    return EmbeddedStore(Path(place) if place else workspace)


# Scheme of a store's URL → how it is opened with the rest of the URL and the workspace.
STORES: tuple[tuple[str, Callable[[str, Path], GraphStore]], ...] = (("embedded", _embedded),)


def open_store(url: str, workspace: Path) -> GraphStore:
    """The store that a URL names: ``embedded:`` lives in the workspace, ``embedded:DIR`` in DIR.

    Raises:
        UsageError: no store has that scheme; the message lists those there are.
    """
    scheme, _, place = url.partition(":")
    for known, opened in STORES:
        if scheme == known:
            return opened(place, workspace)
    valid = ", ".join(f"{known}:" for known, _ in STORES)
    raise UsageError(f"{inert(repr(url))} is no store of this version.", fix=f"Use one of {valid}")
