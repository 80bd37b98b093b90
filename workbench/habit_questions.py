"""What the desk remembers of people's habits, as methods of the library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

# Imported where it is used: a look-up must not wait for SQL.
if TYPE_CHECKING:
    from workbench.habits import Habits
    from workbench.library import Workbench

__all__ = ["HabitQuestions"]


class HabitQuestions:
    """Part of ``Workbench``."""

    _habits: Habits | None = None

    def habits(self, *, by: str) -> Mapping[str, str]:
        """The habits of a person, by name; nobody has none."""
        return self._of_people().of(by) if by else {}

    def keep_habit(self, name: str, value: str, *, by: str) -> None:
        """Remember a habit of a person; nobody's is not remembered."""
        if by:
            self._of_people().keep(by, name, value)

    def _of_people(self) -> Habits:
        if self._habits is None:
            from workbench.habits import Habits

            self._habits = Habits(cast("Workbench", self).database)
        return self._habits
