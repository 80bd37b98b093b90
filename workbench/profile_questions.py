"""What is known of one community, account, identifier or pair, as methods."""

from __future__ import annotations

__all__ = ["ProfileQuestions"]


class ProfileQuestions:
    """Part of ``Workbench``; methods annotate ``self: Workbench``."""
