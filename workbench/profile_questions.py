"""What is known of one community, account, identifier or pair, as methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from graph_models.errors import UsageError

if TYPE_CHECKING:
    from workbench.library import Workbench

__all__ = ["MOST_RHYTHMS", "ProfileQuestions"]

MOST_RHYTHMS = 500  # accounts whose hours are read at once: more rows cannot be told apart by eye


class ProfileQuestions:
    """Part of ``Workbench``; methods annotate ``self: Workbench``."""

    def rhythm(
        self: Workbench, accounts: Sequence[str], *, first: str = "", last: str = "9999-12-31"
    ) -> pd.DataFrame:
        """Exchanges of some accounts by hour: columns account, hour (UTC) and exchanges.

        Args:
            accounts: At most ``MOST_RHYTHMS`` ids; hours without exchanges have no row.
            first: The first day (YYYY-MM-DD) to read; all days when neither is given.
            last: The last day to read.

        Raises:
            UsageError: more accounts than can be shown.
        """
        names = sorted({name.removeprefix("account:") for name in accounts})
        if len(names) > MOST_RHYTHMS:
            raise UsageError(
                f"Hours were asked of {len(names):,} accounts.",
                fix=f"Ask of at most {MOST_RHYTHMS}, such as the members of one cell.",
            )
        return self.cited(self.snapshot()).by_hour(names, first=first, last=last)

    def calendar(self: Workbench) -> pd.DataFrame:
        """The provider's own events (releases, bans, prices, holidays): ts, kind, name, who."""
        from ingest.observing.citations import register

        return register(self.snapshot(), "calendar")
