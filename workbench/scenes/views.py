"""Saved views: a name for a step, given once, so that its link always shows the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from graph_models.errors import UsageError
from graph_models.text import inert
from workbench.scenes.tables import VIEWS

__all__ = ["View", "Views"]

_LONGEST = 80  # a name stands in a link and in a tab


@dataclass(frozen=True)
class View:
    """A step with a name."""

    name: str
    number: int
    by: str
    at: str


@dataclass(frozen=True)
class Views:
    """The saved views of one scene."""

    database: Engine
    scene: str
    by: str = ""

    def list(self) -> list[View]:
        """All saved views by name."""
        asked = select(VIEWS).where(VIEWS.c.scene == self.scene).order_by(VIEWS.c.name)
        with self.database.connect() as link:
            return [View(row.name, row.number, row.by, row.at) for row in link.execute(asked)]

    def save(self, name: str, number: int, *, now: datetime) -> str:
        """Name a step.

        Raises:
            UsageError: no name, too long a name, or one that names another step already.
        """
        clean = inert(" ".join(name.split()), _LONGEST + 1)
        if not clean or len(clean) > _LONGEST or not number:
            raise UsageError("A view needs a name of 1 to 80 characters.", fix="Choose another.")
        row = {"scene": self.scene, "name": clean, "number": number, "by": self.by}
        try:
            with self.database.begin() as link:
                link.execute(insert(VIEWS).values(**row, at=now.isoformat(timespec="microseconds")))
        except IntegrityError:
            if self.number(clean) != number:
                raise UsageError(
                    "Another step has that name already.", fix="Choose another name."
                ) from None
        return f"Saved as {clean}"

    def number(self, name: str) -> int:
        """The step of that name; UsageError where there is none."""
        for view in self.list():
            if view.name == name:
                return view.number
        known = ", ".join(inert(view.name, 40) for view in self.list()) or "none"
        raise UsageError("There is no saved view of that name.", fix=f"Saved: {known}.")
