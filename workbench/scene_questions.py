"""The questions of ``workbench scene`` as methods: what is drawn, its steps, its branches."""

from __future__ import annotations

__all__ = ["SceneQuestions"]


class SceneQuestions:
    """Part of ``Workbench``; methods annotate ``self: Workbench``."""
