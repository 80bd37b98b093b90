"""The one library that app, CLI and notebooks call: a workspace, a store, and a method per command.

Every method is one action of contract §4. Nothing here decides anything: ingest observes,
``graph_models`` infers, stores answer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from graph_models.families import families_named
from graph_models.inference import Community
from graph_models.nodes import NodeRef
from graph_models.observations import Observations
from graph_models.stores import open_store
from graph_models.stores.protocol import Edge, Entity, Expansion, GraphStore
from graph_models.stores.triage import Asked, Triage
from ingest.store.snapshots import Snapshot
from ingest.store.workspace import Workspace
from workbench.case_questions import CaseQuestions
from workbench.habit_questions import HabitQuestions
from workbench.play_questions import PlayQuestions
from workbench.profile_questions import ProfileQuestions
from workbench.scene_questions import SceneQuestions
from workbench.source_questions import SourceQuestions

# Imported where they are used: a look-up must not wait for compilers, STIX and statistics.
if TYPE_CHECKING:
    from sqlalchemy import Engine

    from graph_models.linking import LinkContext
    from ingest.load import IngestReport
    from ingest.observing.citations import Citations
    from workbench.analysis import Analysis
    from workbench.attribution import Attribution
    from workbench.export import Pack, Verification
    from workbench.grading import Grade

__all__ = ["Workbench"]

Clock = Callable[[], datetime]
ProgressTo = Callable[..., None]


def utc_now() -> datetime:
    """The wall clock; everything below takes it as an argument."""
    return datetime.now(UTC)


class Workbench(
    SourceQuestions, SceneQuestions, CaseQuestions, PlayQuestions, ProfileQuestions, HabitQuestions
):
    """An open workspace. ``Workbench.open(path)``; methods carry the names of the commands."""

    def __init__(self, workspace: Workspace, store: GraphStore, *, clock: Clock = utc_now) -> None:
        self.workspace = workspace
        self.store = store
        self.clock = clock
        self._observed: tuple[str, Observations] | None = None
        self._context: LinkContext | None = None
        self._citations: Citations | None = None

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        store: str = "embedded:",
        create: bool = False,
        clock: Clock = utc_now,
    ) -> Workbench:
        """Open a workspace folder; ``create`` makes an empty one where there is none."""
        workspace = Workspace.open(Path(path), create=create)
        return cls(workspace, open_store(store, workspace.path), clock=clock)

    # ---- data in and out

    def ingest(
        self,
        paths: Sequence[Path | str],
        *,
        mapping: str | None = None,
        progress: ProgressTo | None = None,
    ) -> IngestReport:
        """Load files and folders; the report adds up per file and in all."""
        from ingest.load import ingest_paths

        files = [Path(path) for path in paths]
        return ingest_paths(
            self.workspace, files, mapping=mapping, now=self.clock(), progress=progress
        )

    def detect(
        self, paths: Sequence[Path | str], *, progress: ProgressTo | None = None
    ) -> pd.DataFrame:
        """What each file is, from a dry run over a sample of it; nothing is loaded."""
        from workbench.checking import check_files

        return check_files(self, [Path(path) for path in paths], progress=progress)

    def withdraw(self, load_id: str) -> Mapping[str, Any]:
        """Take a load out; says which published run and which findings of people became stale."""
        from ingest.load import withdraw

        snapshot = withdraw(self.workspace, load_id)
        published = self.about()
        stale = published.get("snapshot") not in (None, snapshot.digest)
        run = [f"run {published['run']}"] if stale and published.get("run") else []
        findings = self.findings_on([load_id])
        return {
            "snapshot": snapshot.digest,
            "withdrawn": load_id,
            "stale": [*run, *(f"{one['finding']} {one['number']}" for one in findings)],
            "findings": findings,
        }

    def snapshots(self) -> pd.DataFrame:
        """All snapshots, newest first."""
        return self.workspace.snapshots()

    def packages(self) -> pd.DataFrame:
        """All load packages with their accounting."""
        return self.workspace.packages()

    def quarantine(self, load_id: str | None = None) -> pd.DataFrame:
        """Rejected rows with file, row, column, reason and fix."""
        return self.workspace.quarantine(load_id)

    # ---- analysis

    def snapshot(self) -> Snapshot:
        """The current snapshot; UsageError with the next step when nothing is loaded."""
        return self.workspace.current()

    def observations(self, *, progress: ProgressTo | None = None) -> Observations:
        """The current snapshot as columnar tables (kept while the snapshot stays the same)."""
        snapshot = self.snapshot()
        if self._observed is None or self._observed[0] != snapshot.digest:
            self._observed = (snapshot.digest, snapshot.observations(say=progress))
        return self._observed[1]

    def context(self) -> LinkContext:
        """What linking knows of the current snapshot (kept while the snapshot stays the same)."""
        from graph_models.linking import LinkContext

        obs = self.observations()
        if self._context is None or self._context.obs is not obs:
            self._context = LinkContext.of(obs)
        return self._context

    def analyse(
        self,
        *,
        seed: int = 0,
        from_: datetime | None = None,
        to: datetime | None = None,
        without: Iterable[str] = (),
        progress: ProgressTo | None = None,
    ) -> Analysis:
        """Link, find communities, assess, publish; returns what it did and what it cost.

        ``without`` names families to leave out, as if no log had ever shown them.
        """
        from workbench.analysis import run_analysis

        left = families_named(without)
        return run_analysis(self, seed=seed, from_=from_, to=to, without=left, progress=progress)

    # ---- questions to the published graph

    def about(self) -> Mapping[str, Any]:
        """Snapshot, run and counts of the published graph; empty before the first analysis."""
        return self.store.view().about() if self.store.published() else {}

    def communities(self, *, min_size: int = 2) -> tuple[Community, ...]:
        """Communities with at least ``min_size`` core and probable members, in triage order."""
        found = self.store.view().communities()
        return tuple(item for item in found if item.size.accused >= min_size)

    def community(self, community: str) -> Community:
        """One community; UsageError with near names where there is none."""
        return self.store.view().community(community)

    def triage(self, asked: Asked) -> Triage:
        """One page of the communities in the order of triage, with the counts above it."""
        return self.store.view().triage(asked)

    def story(self, community: str) -> pd.DataFrame:
        """What became of the line that a community stands in now (``lineage.LOG_COLUMNS``)."""
        return self.store.view().story(community)

    def members(self, community: str | None = None) -> pd.DataFrame:
        """Members of one community, or of all."""
        if community is not None:
            community = self.community(community.removeprefix("community:")).community
        return self.store.view().members(community)

    def lineage(self, community: str | None = None) -> pd.DataFrame:
        """What became of communities from run to run, oldest first (``lineage.LOG_COLUMNS``).

        ``community`` (of any run; the name of a line does as well) shows only the line it is in.
        """
        lineage = self.store.view().lineage()
        return lineage.of(community.removeprefix("community:")) if community else lineage.log

    def show(self, node: NodeRef | str) -> Entity:
        """One entity with its neighbours counted by kind."""
        return self.store.view().entity(_node(node))

    def search(self, text: str, *, limit: int = 25) -> Sequence[Entity]:
        """Entities by value or prefix; ``find`` also tells why each was found, and the total."""
        return [hit.entity for hit in self.find(text, limit=limit).hits]

    def expand(
        self,
        node: NodeRef | str,
        *,
        kind: str | None = None,
        limit: int = 25,
        after: str | None = None,
    ) -> Expansion:
        """Neighbours of a node: shown + hidden + truncated = total."""
        return self.store.view().expand(_node(node), kind=kind, limit=limit, after=after)

    def subgraph(self, nodes: Sequence[NodeRef], *, linked: bool = True) -> Sequence[Edge]:
        """All edges among the given nodes, or all but links."""
        return self.store.view().subgraph(nodes, linked=linked)

    def links(self, account: str) -> pd.DataFrame:
        """Links of one account, strongest first."""
        return self.store.view().links(account.removeprefix("account:"))

    def explain(self, a: str, b: str) -> Mapping[str, Any]:
        """Why two accounts are, or are not, linked; every bit down to file and row."""
        from workbench.explanation import explain_accounts

        return explain_accounts(self, a.removeprefix("account:"), b.removeprefix("account:"))

    def cited(self, snapshot: Snapshot) -> Citations:
        """The rows of a snapshot (kept while it is the one that is asked about)."""
        from ingest.observing.citations import Citations

        if self._citations is None or self._citations.snapshot.digest != snapshot.digest:
            self._citations = Citations(snapshot)
        return self._citations

    def attribute(self, community: str, *, indicators: Path | str | None = None) -> Attribution:
        """Weigh the competing operators of a community, each layer apart.

        Indicators come from the file where one is named, else from the loaded indicator events.
        """
        from ingest.observing.citations import register
        from workbench.attribution import attribute, read_indicators

        found = self.community(community.removeprefix("community:"))
        if indicators is not None:
            known = read_indicators(Path(indicators))
        else:
            known = register(self.snapshot(), "indicator")
        return attribute(found, self.members(found.community), self.observations(), known)

    def export(
        self,
        *,
        community: str,
        out: Path | str,
        profile: str = "internal",
        recipient: str = "",
        signer: str = "workbench",
        formats: Sequence[str] = (),
    ) -> Pack:
        """Write a sealed evidence pack about one community."""
        from workbench.export import Signer, build_pack, case_record, signing_keys

        record = case_record(self, community, profile=profile, recipient=recipient)
        key = Signer.load(signer, signing_keys())
        return build_pack(record, Path(out), key, formats=tuple(formats))

    def verify(self, pack: Path | str) -> Verification:
        """Check a pack against its seal."""
        from workbench.export.verify import verify_pack

        return verify_pack(Path(pack))

    def activity(self, accounts: Sequence[str]) -> pd.DataFrame:
        """Exchanges per day of some accounts: columns day, exchanges."""
        return self.cited(self.snapshot()).by_day(accounts)

    def grade(self, truth: Path | str) -> Grade:
        """Grade the published findings against the truth of a synthetic world."""
        from workbench.grading import grade_published

        return grade_published(self, Path(truth))

    @cached_property
    def database(self) -> Engine:
        """Where people's work is kept: the workspace's own file, or WORKBENCH_CASEBOOK."""
        from workbench.database import open_database

        return open_database(self.workspace.path, os.environ.get("WORKBENCH_CASEBOOK", ""))

    @cached_property
    def synthetic(self) -> bool:
        """True when any load said that it is synthetic; shown as a badge everywhere."""
        return self.workspace.world is not None


def _node(node: NodeRef | str) -> NodeRef:
    return node if isinstance(node, NodeRef) else NodeRef.parse(node)
