"""Pages of which one part is written from kept figures, so that words and numbers cannot drift."""

from __future__ import annotations

import re

__all__ = ["END", "with_part"]

END = "<!-- end of measured -->"


def with_part(page: str, begin: str, text: str) -> str:
    """The page with the part from ``begin`` to ``END`` written anew.

    Raises:
        ValueError: the page has no such part.
    """
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(END)}", re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"The page has no part between {begin} and {END}.")
    return pattern.sub(lambda _: f"{begin}\n{text}\n{END}", page, count=1)
