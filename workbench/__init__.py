"""The attribution workbench: ``from workbench import Workbench``; methods are the commands."""

from __future__ import annotations

from workbench.library import Workbench

__all__ = ["Workbench"]
