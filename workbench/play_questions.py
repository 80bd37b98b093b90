"""The questions of ``workbench play`` as methods: named questions with a budget."""

from __future__ import annotations

__all__ = ["PlayQuestions"]


class PlayQuestions:
    """Part of ``Workbench``; methods annotate ``self: Workbench``."""
