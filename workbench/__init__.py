"""The attribution workbench: ``from workbench import Workbench``; methods are the commands."""

from __future__ import annotations

from workbench.library import Analysis, Workbench

__all__ = ["Analysis", "Workbench"]
