"""What the parts of ``Workbench`` have in common: they may ask the whole of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from workbench.library import Workbench

__all__ = ["Part"]


class Part:
    """A part of ``Workbench`` in a file of its own; it is never used alone."""

    @property
    def whole(self) -> Workbench:
        """The workbench that this is a part of."""
        return cast("Workbench", self)
