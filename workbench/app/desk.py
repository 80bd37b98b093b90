"""What the app asks of the library: ``workbench.Workbench`` has these methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
from sqlalchemy import Engine

from graph_models.inference import Community
from graph_models.stores.protocol import GraphStore
from graph_models.stores.triage import Asked, Triage
from workbench.finding import Findings
from workbench.plays.play import Answer, Play
from workbench.scenes.graph import Graph
from workbench.scenes.investigation import Investigation

__all__ = ["Desk"]


class Desk(Graph, Protocol):
    """Everything that the pages call."""

    workspace: Any
    store: GraphStore
    database: Engine

    def about(self) -> Mapping[str, Any]:
        """The published graph, or nothing."""

    def communities(self, *, min_size: int = 2) -> tuple[Community, ...]:
        """Communities in the order of triage."""

    def community(self, community: str) -> Community:
        """One community."""

    def triage(self, asked: Asked) -> Triage:
        """One page of the communities, with the counts above it."""

    def story(self, community: str) -> pd.DataFrame:
        """What became of a community's line from run to run."""

    def context(self) -> object:
        """The snapshot as analysis reads it; slow at first, then kept."""

    def open_scene(self, focus: str, *, by: str = "", case: str = "") -> Investigation:
        """The scene of one focus, drawn if it never was."""

    def find(self, text: str, *, limit: int = 25) -> Findings:
        """Any entity by value or beginning, with counts."""

    def plays(self) -> tuple[Play, ...]:
        """The plays that there are."""

    def play(self, name: str, **options: Any) -> Answer:
        """Ask a play's question within its budget."""

    def links(self, account: str) -> pd.DataFrame:
        """Links of one account."""

    def explain(self, a: str, b: str) -> Any:
        """Why two accounts are linked."""

    def ingest(self, paths: Sequence[Path | str], **options: Any) -> Any:
        """Load files."""

    def detect(self, paths: Sequence[Path | str], **options: Any) -> pd.DataFrame:
        """What each file is, before it is loaded."""

    def analyse(self, **options: Any) -> Any:
        """Link, find communities, assess, publish."""

    def withdraw(self, load_id: str) -> Any:
        """Take a load out."""

    def packages(self) -> pd.DataFrame:
        """Load packages."""

    def snapshots(self) -> pd.DataFrame:
        """Snapshots, newest first."""

    def quarantine(self, load_id: str | None = None) -> pd.DataFrame:
        """Rejected rows."""

    def activity(self, accounts: Sequence[str]) -> pd.DataFrame:
        """Exchanges per day."""

    def habits(self, *, by: str) -> Mapping[str, str]:
        """What the desk remembers of a person's habits."""

    def keep_habit(self, name: str, value: str, *, by: str) -> None:
        """Remember a habit of a person."""

    def export(self, **options: Any) -> Any:
        """Write an evidence pack."""
