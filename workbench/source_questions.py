"""The questions of ``workbench sources`` as methods: what mappings make of a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.store.workspace import Workspace

# Imported where they are used: a look-up must not wait for the readers.
if TYPE_CHECKING:
    from ingest.mapping.drafts import Draft
    from ingest.mapping.model import Mapping
    from ingest.mapping.sources import Explanation, MappingInfo, Preview, Ranked

__all__ = ["SourceQuestions"]


class SourceQuestions:
    """Asks about files; the workspace's own mappings (its folder ``mappings/``) take part."""

    workspace: Workspace
    clock: Callable[[], datetime]

    def _site(self) -> tuple[Mapping, ...]:
        from ingest.mappings import site_mappings

        return site_mappings(self.workspace.path / "mappings")

    def sources_list(self) -> list[MappingInfo]:
        """The mappings that ship, sorted by id."""
        from ingest.mapping import sources

        return sources.sources_list()

    def sources_detect(self, file: Path | str) -> list[Ranked]:
        """The mappings that know a file, best first, each with a dry run."""
        from ingest.mapping import sources

        return sources.detect_file(Path(file), now=self.clock(), site=self._site())

    def sources_check(
        self, mapping: Path | str, *, sample: Path | str | None = None
    ) -> MappingInfo:
        """Check a mapping, and what it makes of a sample file when one is given."""
        from ingest.mapping import sources

        log = None if sample is None else Path(sample)
        return sources.sources_check(mapping, sample=log, now=self.clock())

    def sources_preview(
        self, file: Path | str, *, mapping: Path | str | None = None, limit: int = 20
    ) -> Preview:
        """The first rows of a file as they would be stored, and those that would be rejected."""
        from ingest.mapping import sources

        site, now = self._site(), self.clock()
        return sources.preview(Path(file), mapping=mapping, limit=limit, now=now, site=site)

    def sources_explain(
        self, file: Path | str, *, mapping: Path | str | None = None
    ) -> Explanation:
        """What a file lacks, and which signals that switches off."""
        from ingest.mapping import sources

        return sources.explain_file(
            Path(file), mapping=mapping, now=self.clock(), site=self._site()
        )

    def sources_draft(self, file: Path | str) -> Draft:
        """A draft mapping for a file of unknown shape."""
        from ingest.mapping.drafts import draft

        return draft(Path(file))
