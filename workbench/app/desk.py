"""What the app asks of the library: ``workbench.Workbench`` has these methods."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
from sqlalchemy import Engine

from graph_models.inference import Community
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import GraphStore
from graph_models.stores.triage import Asked, Triage
from workbench.casebook.book import Case, Note
from workbench.casebook.checking import Checked
from workbench.casebook.people import Person
from workbench.casebook.review import Review
from workbench.finding import Findings
from workbench.plays.answer import Answer
from workbench.plays.play import Play
from workbench.profiles.account import AccountProfile
from workbench.profiles.community import Card
from workbench.profiles.identifier import IdentifierProfile
from workbench.profiles.work import Work
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

    def scene(self, scene: str, *, by: str = "") -> Investigation:
        """A scene by its id, as one person works on it."""

    def calendar(self) -> pd.DataFrame:
        """The provider's own events: releases, bans, prices, holidays."""

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

    # ---- what is known of one thing

    def profile(
        self, node: NodeRef | str, *, limit: int = 50, after: str | None = None
    ) -> Card | AccountProfile | IdentifierProfile:
        """Everything about one community, account or identifier."""

    def card(self, community: str) -> Card:
        """The card of a community."""

    def work(self, community: str, *, seed: int = 0) -> Work:
        """What its members did beside everybody else."""

    def uses(self, account: str) -> pd.DataFrame:
        """Every value that an account used, private ones too."""

    def mix(self, account: str) -> pd.DataFrame:
        """Exchanges of an account by model and capability."""

    def labels(self, account: str) -> pd.DataFrame:
        """What labels say of an account."""

    def loads_of(self, account: str) -> pd.DataFrame:
        """Rows about an account by event kind and file."""

    def source_rows(self, file: str, rows: Sequence[int]) -> pd.DataFrame:
        """What was stored of some rows of a file."""

    def rhythm(
        self, accounts: Sequence[str], *, first: str = "", last: str = "9999-12-31"
    ) -> pd.DataFrame:
        """Exchanges of some accounts by hour."""

    def export(self, **options: Any) -> Any:
        """Write an evidence pack."""

    # ---- what people do

    def person_list(self) -> tuple[Person, ...]:
        """Registered people."""

    def person_add(self, name: str) -> Person:
        """Register a person."""

    def case_open(self, title: str, *, by: str, focus: str = "") -> Case:
        """Open a case."""

    def case_list(self) -> tuple[Case, ...]:
        """All cases, the newest first."""

    def case_show(self, case: str) -> Mapping[str, Any]:
        """A case with its judgements, notes and kept views."""

    def case_rename(self, case: str, title: str, *, by: str) -> Any:
        """Give a case another title."""

    def case_close(self, case: str, *, because: str, by: str) -> Any:
        """Close a case."""

    def case_reopen(self, case: str, *, because: str, by: str) -> Any:
        """Open a closed case again."""

    def case_log(self, case: str = "", **filters: Any) -> pd.DataFrame:
        """Who did what, when, on what."""

    def scenes(self, *, case: str = "") -> pd.DataFrame:
        """Scenes of a case."""

    def case_check(self, *, head: str = "") -> Checked:
        """Whether the casebook is what people wrote."""

    def judge(self, case: str, a: str, b: str, verdict: str, *, because: str, by: str) -> Any:
        """Say whether two accounts have one controller."""

    def judge_subject(self, case: str, subject: str, verdict: str, *, because: str, by: str) -> Any:
        """Say it of a link or a community by its name."""

    def retract(self, number: int, *, because: str, by: str) -> Any:
        """Take back an entry of one's own."""

    def note(self, case: str, subject: str, text: str, *, by: str, citing: bool = False) -> Any:
        """Write a note."""

    def notes(self, subjects: Sequence[str] = (), *, case: str = "") -> tuple[Note, ...]:
        """Notes, the newest first."""

    def gone_loads(self, loads: Sequence[str]) -> Mapping[str, str]:
        """Loads that no longer count, each with why."""

    def review(self, subject: str, *, case: str = "") -> Review:
        """Where a link or community stands."""

    def judged_links(self, account: str) -> Mapping[str, Review]:
        """Where the judged links of an account stand, by partner."""

    def judged_among(self, accounts: Collection[str]) -> dict[str, Review]:
        """Where the links among some accounts stand that anybody judged."""

    def unrejected(self, account: str, links: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Links that are shown, and those that are hidden as rejected."""
