"""The address of every page on an analysed workspace, for pictures and for checks of all pages."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from workbench import Workbench

__all__ = ["addresses"]


def addresses(desk: Workbench) -> Mapping[str, str]:
    """Every page by name; pages about one thing with a thing of the first campaign."""
    found = desk.communities()
    first = next((c for c in found if c.assessment.assessed_as == "campaign"), found[0])
    a, b = sorted(desk.members(first.community)["account"])[:2]
    return {
        "triage": "/triage",
        "explore_choose": "/explore",
        "explore": _at("explore", community=first.community),
        "explain_choose": "/explain",
        "explain": _at("explain", a=a, b=b),
        "data": "/data",
    }


def _at(page: str, **parameters: str) -> str:
    return f"/{page}?{urlencode(parameters)}"
