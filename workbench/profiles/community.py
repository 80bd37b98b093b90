"""The card of a community: why its accounts stand together, and how far that carries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from graph_models.families import FAMILIES
from graph_models.inference import Community
from graph_models.kinds import ACCOUNT
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import Entity, GraphView
from graph_models.stores.relations import COMMUNITY

__all__ = ["SAMPLE", "Card", "Held", "Tie", "card_of", "chance_words", "robust_words"]

SAMPLE = 32  # members whose links and identifiers are read: a share of a half is known to a tenth
MOST_TIES = 12
_EACH = 12  # identifiers of a kind read of each of them, the rarest first
TIES_LEAST = 2
_STORY = ("at", "event", "line", "community", "reason")


@dataclass(frozen=True, kw_only=True)
class Held:
    """One family: in what share of the sampled links it speaks for, and the median bits there."""

    family: str
    share: float
    bits: float


@dataclass(frozen=True, kw_only=True)
class Tie:
    """An identifier that several of the sampled members used; ``accounts`` of everybody did."""

    node: str
    sampled: int
    accounts: int
    hub: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class Card:
    """What is known of one community; figures of ``families`` and ``ties`` are of ``sampled``.

    ``strongest`` names the two members with the most bits among the sampled links.
    """

    community: Community
    families: tuple[Held, ...]
    ties: tuple[Tie, ...]
    strongest: tuple[str, str, float] | None
    sampled: int
    members: int
    story: pd.DataFrame
    unknown: tuple[str, ...]
    gaps: Mapping[str, tuple[str, ...]]

    def as_json(self) -> dict[str, Any]:
        """The community as contract §4 has it, with what the card adds."""
        found = self.community
        return {
            **found.as_json(),
            "robustness": robust_words(found),
            "chance": chance_words(found.chance_p),
            "families": [asdict(held) for held in self.families],
            "ties": [asdict(tie) for tie in self.ties],
            "strongest": None
            if self.strongest is None
            else dict(zip(("a", "b", "bits"), self.strongest, strict=True)),
            "sampled": self.sampled,
            "members": self.members,
            "lineage": self.story[list(_STORY)],
            "unknown": list(self.unknown),
            "gaps": {event: list(spans) for event, spans in self.gaps.items()},
        }


def robust_words(found: Community) -> str:
    """What leaving a family out does, in one sentence: "holds without network; fails …"."""
    holds, fails = found.robust_to, found.rests_on
    if not fails:
        return "Holds without any one family."
    if not holds:
        return f"Fails without any one of {_listed(fails, 'or')}."
    return f"Holds without {_listed(holds, 'or')}; fails without {_listed(fails, 'or')}."


def _listed(names: Sequence[str], last: str) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def chance_words(p: float) -> str:
    """What the chance check says, and what it does not."""
    if p < 0.01:
        said = "Shuffled worlds with the same degrees hardly ever make one like it"
    elif p < 0.05:
        said = "Shuffled worlds with the same degrees seldom make one like it"
    else:
        said = "Shuffled worlds with the same degrees make ones like it as well"
    return f"{said}. That it is no chance is not guilt: a household or a class is no chance either."


def card_of(
    view: GraphView, community: str, gaps: Mapping[str, tuple[str, ...]], *, sample: int = SAMPLE
) -> Card:
    """Read a card from a published graph; no day file is opened.

    Args:
        view: The graph.
        community: Its id.
        gaps: Days without rows by event kind (``gaps.gaps_in``).
        sample: How many members to read links and identifiers of.
    """
    found = view.community(community)
    table = view.members(community)
    members = set(table["account"])
    chosen = _sampled(table, sample)
    links = _links(view, chosen, members)
    return Card(
        community=found,
        families=_held(links),
        ties=_ties(view, chosen),
        strongest=_strongest(links),
        sampled=len(chosen),
        members=len(table),
        story=view.story(community),
        unknown=tuple(str(one) for one in view.about().get("lacking", ())),
        gaps=gaps,
    )


def _sampled(table: pd.DataFrame, sample: int) -> list[str]:
    """Members at equal distances in the order of ids, core ones if there are enough."""
    core = table.loc[table["tier"].eq("core"), "account"]
    names = core if len(core) >= min(sample, len(table)) else table["account"]
    at = np.unique(np.linspace(0, len(names) - 1, min(sample, len(names))).astype(int))
    return names.iloc[at].astype(str).tolist() if len(names) else []


def _links(view: GraphView, chosen: Sequence[str], members: set[str]) -> pd.DataFrame:
    """Links of the sampled members within the community, each once."""
    frames = []
    for account in chosen:
        links = view.links(account)
        inside = links[links["account"].isin(members)]
        low = np.minimum(inside["account"].to_numpy(object), account)
        frames.append(
            inside.assign(a=low, b=np.maximum(inside["account"].to_numpy(object), account))
        )
    if not frames:
        return pd.DataFrame()
    return pd.concat(frames, ignore_index=True).drop_duplicates(["a", "b"])


def _held(links: pd.DataFrame) -> tuple[Held, ...]:
    if links.empty:
        return ()
    found = []
    for family in FAMILIES:
        bits = links[family.value].to_numpy() / 1000
        speaks = bits > 0
        median = float(np.median(bits[speaks])) if speaks.any() else 0.0
        found.append(Held(family=family.value, share=float(speaks.mean()), bits=round(median, 3)))
    return tuple(sorted(found, key=lambda held: (-held.share * held.bits, held.family)))


def _strongest(links: pd.DataFrame) -> tuple[str, str, float] | None:
    if links.empty:
        return None
    best = links.sort_values(["millibits", "a", "b"], ascending=[False, True, True]).iloc[0]
    return str(best["a"]), str(best["b"]), float(best["millibits"]) / 1000


def _ties(view: GraphView, chosen: Sequence[str]) -> tuple[Tie, ...]:
    """Identifiers of several sampled members: those that hardly anybody else used come first."""
    seen: Counter[str] = Counter()
    known: dict[str, tuple[int, bool]] = {}
    for entity in _used(view, chosen):
        name = str(entity.node)
        seen[name] += 1
        known[name] = int(entity.properties.get("accounts") or 0), entity.hub
    ties = [
        Tie(node=name, sampled=count, accounts=known[name][0], hub=known[name][1])
        for name, count in seen.items()
        if count >= TIES_LEAST
    ]
    ties.sort(key=lambda tie: (tie.hub, -tie.sampled / np.log2(2 + tie.accounts), tie.node))
    return tuple(ties[:MOST_TIES])


def _used(view: GraphView, chosen: Sequence[str]) -> Iterator[Entity]:
    """The rarest identifiers of each kind that some accounts used."""
    for account in chosen:
        node = NodeRef(ACCOUNT.name, account)
        for kind in view.entity(node).counts:
            if kind not in (ACCOUNT.name, COMMUNITY):
                yield from view.expand(node, kind=kind, limit=_EACH).nodes
