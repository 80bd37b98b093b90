"""Names of what a published graph holds beside identifiers: one node kind and two relations."""

from __future__ import annotations

__all__ = ["COMMUNITY", "LINKED", "MEMBER_OF"]

COMMUNITY = "community"
LINKED = "LINKED"
MEMBER_OF = "MEMBER_OF"
