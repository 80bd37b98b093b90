"""The questions of ``workbench case`` and ``person`` as methods: what people decided, and why."""

from __future__ import annotations

__all__ = ["CaseQuestions"]


class CaseQuestions:
    """Part of ``Workbench``; methods annotate ``self: Workbench``."""
