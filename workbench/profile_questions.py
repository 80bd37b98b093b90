"""What is known of one community, account, identifier or pair, as methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from graph_models.errors import UsageError
from graph_models.kinds import ACCOUNT
from graph_models.nodes import NodeRef
from graph_models.stores.relations import COMMUNITY
from workbench.part import Part

if TYPE_CHECKING:
    from workbench.library import Workbench
    from workbench.profiles.account import AccountProfile
    from workbench.profiles.community import Card
    from workbench.profiles.identifier import IdentifierProfile
    from workbench.profiles.work import Work

__all__ = ["MOST_RHYTHMS", "ProfileQuestions"]

MOST_RHYTHMS = 500  # accounts whose hours are read at once: more rows cannot be told apart by eye


class ProfileQuestions(Part):
    """Part of ``Workbench``."""

    def card(self, community: str) -> Card:
        """The card of a community, from the published graph; ``work`` adds what it did."""
        from workbench.profiles.community import card_of

        name = community.removeprefix(f"{COMMUNITY}:")
        return card_of(self.whole.store.view(), name, self.whole.log_gaps())

    def work(self, community: str, *, seed: int = 0) -> Work:
        """What the members did beside everybody else: a pass over the rows, seconds at scale."""
        from workbench.profiles.work import read_work

        members = self.whole.members(community)["account"].tolist()
        return read_work(self.whole.snapshot(), members, seed=seed)

    def log_gaps(self) -> dict[str, tuple[str, ...]]:
        """Days on which a kind of event has no row, by event, in words."""
        from ingest.store.packages import BY_DAY
        from workbench.profiles.gaps import gaps_in

        manifest = self.whole.snapshot().manifest
        return gaps_in({event: sorted(manifest.of(event)) for event in sorted(BY_DAY)})

    def profile(
        self, node: NodeRef | str, *, limit: int = 50, after: str | None = None
    ) -> Card | AccountProfile | IdentifierProfile:
        """Everything about one node: a community's card, an account's or an identifier's page.

        An identifier that one account alone used is no node; it is looked for in the rows.

        Args:
            node: ``kind:value``.
            limit: How many users of an identifier to list.
            after: The cursor of the page of users before.
        """
        found = node if isinstance(node, NodeRef) else NodeRef.parse(node)
        if found.kind == COMMUNITY:
            return self.whole.card(found.value)
        if found.kind == ACCOUNT.name:
            from workbench.profiles.account import account_of

            return account_of(self.whole.store.view(), found.value)
        return _identifier(self.whole, found, limit, after)

    def uses(self, account: str) -> pd.DataFrame:
        """Every value that an account used, private ones too, from the rows.

        Columns kind, value, account, count, first, last.
        """
        from workbench.profiles.using import values_of

        return values_of(self.whole.snapshot(), account.removeprefix(f"{ACCOUNT.name}:"))

    def users(self, node: NodeRef | str) -> pd.DataFrame:
        """Who used a value, from the rows, private values too; columns as of ``uses``."""
        from workbench.profiles.using import users_of

        found = node if isinstance(node, NodeRef) else NodeRef.parse(node)
        return users_of(self.whole.snapshot(), found)

    def mix(self, account: str) -> pd.DataFrame:
        """Exchanges of an account by model and capability, from the rows."""
        from workbench.profiles.using import mix_of

        return mix_of(self.whole.snapshot(), account.removeprefix(f"{ACCOUNT.name}:"))

    def labels(self, account: str) -> pd.DataFrame:
        """What labels say of an account: label, source, ts, note."""
        from workbench.profiles.using import said_of

        return said_of(self.whole.snapshot(), account.removeprefix(f"{ACCOUNT.name}:"))

    def loads_of(self, account: str) -> pd.DataFrame:
        """Rows about an account by event kind and file: event, file, rows, first, last."""
        name = account.removeprefix(f"{ACCOUNT.name}:")
        return self.whole.cited(self.whole.snapshot()).by_file(name)

    def source_rows(self, file: str, rows: Sequence[int]) -> pd.DataFrame:
        """What was stored of some rows of a file; never prompt text."""
        return self.whole.snapshot().rows(file, list(rows))

    def rhythm(
        self, accounts: Sequence[str], *, first: str = "", last: str = "9999-12-31"
    ) -> pd.DataFrame:
        """Exchanges of some accounts by hour: columns account, hour (UTC) and exchanges.

        Args:
            accounts: At most ``MOST_RHYTHMS`` ids; hours without exchanges have no row.
            first: The first day (YYYY-MM-DD) to read; all days when neither is given.
            last: The last day to read.

        Raises:
            UsageError: more accounts than can be shown.
        """
        names = sorted({name.removeprefix(f"{ACCOUNT.name}:") for name in accounts})
        if len(names) > MOST_RHYTHMS:
            raise UsageError(
                f"Hours were asked of {len(names):,} accounts.",
                fix=f"Ask of at most {MOST_RHYTHMS}, such as the members of one cell.",
            )
        return self.whole.cited(self.whole.snapshot()).by_hour(names, first=first, last=last)

    def calendar(self) -> pd.DataFrame:
        """The provider's own events (releases, bans, prices, holidays): ts, kind, name, who."""
        from ingest.observing.citations import register

        return register(self.whole.snapshot(), "calendar")


def _identifier(desk: Workbench, node: NodeRef, limit: int, after: str | None) -> IdentifierProfile:
    from workbench.profiles.identifier import identifier_of, private_identifier

    view = desk.store.view()
    try:
        return identifier_of(view, node, limit=limit, after=after)
    except UsageError:
        # Not in the graph: one account alone may have used it, which only the rows know.
        uses = desk.users(node) if after is None else pd.DataFrame()
        if uses.empty:
            raise
        return private_identifier(view, node, uses)
