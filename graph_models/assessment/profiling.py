"""Profiles of all communities: what is cheap of all of them, hours and texts where they matter.

Hours and texts are the bulk of the logs. Where the population is small they are at hand and tell
of every community. Where it is large they are read for the communities that a campaign could lead
by everything else (``findings.may_lead``); they can only be what makes others more or less of a
household, a network or an event, and there they stay unknown, which says nothing either way.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.assessment.alike import alike
from graph_models.assessment.background import Background
from graph_models.assessment.chosen import to_read
from graph_models.assessment.conduct import frames, strangers, texts
from graph_models.assessment.findings import may_lead
from graph_models.assessment.holding import families, identifiers, profile_fields
from graph_models.assessment.moves import moves
from graph_models.assessment.pool import Pool
from graph_models.assessment.profile import CommunityProfile, Profiles
from graph_models.assessment.step import in_step
from graph_models.assessment.tempo import bursts, hours, lives
from graph_models.assessment.topics import topics
from graph_models.linking.rhythm import Rhythm
from graph_models.observations import Observations

__all__ = ["profiles", "profiles_of"]


def profiles(
    obs: Observations,
    members: pd.DataFrame,
    links: pd.DataFrame,
    *,
    rhythm: Rhythm | None = None,
) -> dict[str, CommunityProfile]:
    """Profile every community.

    Args:
        obs: The population.
        members: As ``inference.MEMBER_COLUMNS``; core and probable members are profiled, all of
            them where a community has neither.
        links: As ``inference.LINK_COLUMNS``.
        rhythm: Ten-minute buckets of all accounts; without them synchrony is unknown.

    Returns:
        Community id to profile, in order of id.
    """
    found = profiles_of(obs, members, links, rhythm=rhythm)
    rows = found.table.to_dict("records")
    return {
        name: CommunityProfile(**{str(key): _plain(value) for key, value in row.items()})
        for name, row in zip(found.names, rows, strict=True)
    }


def profiles_of(
    obs: Observations,
    members: pd.DataFrame,
    links: pd.DataFrame,
    *,
    rhythm: Rhythm | None = None,
    background: Background | None = None,
) -> Profiles:
    """The same as ``profiles``, as one table; ``background`` keeps what was read for it."""
    pool = Pool.of(obs, members, background)
    named = [field.name for field in fields(CommunityProfile)]
    if not pool.names:
        return Profiles((), pd.DataFrame(columns=named))
    held = pd.concat(
        [
            pool.frame(size=pd.Series(pool.size)), identifiers(pool), families(pool, links),
            frames(pool), lives(pool), profile_fields(pool),
        ],
        axis=1,
    )  # fmt: skip
    codes = _worth_reading(pool, held)
    found = held.join(_behaviour(pool.part(codes), members, rhythm).set_index(codes))
    found = found.reindex(columns=named)
    return Profiles(pool.names, found.assign(moved_to=found["moved_to"].fillna("").astype(object)))


def _worth_reading(pool: Pool, held: pd.DataFrame) -> NDArray[np.int64]:
    """Numbers of the communities whose hours and texts are looked at."""
    if pool.background.whole:
        return np.arange(len(pool.names))
    unread = held.assign(repeats=0.0)  # at best every item is handed out once
    found: NDArray[np.int64] = np.flatnonzero(may_lead(Profiles(pool.names, unread)))
    return found


def _behaviour(pool: Pool, members: pd.DataFrame, rhythm: Rhythm | None) -> pd.DataFrame:
    """What hours, minutes and texts say of some communities, one row each."""
    if not pool.names:
        return pd.DataFrame()
    some = _speaking(pool, members)
    return pd.concat(
        [
            topics(some), hours(some), alike(some), in_step(pool, rhythm), bursts(some),
            moves(some), texts(pool),
        ],
        axis=1,
    )  # fmt: skip


def _speaking(pool: Pool, members: pd.DataFrame) -> Pool:
    """The communities by the members whose hours speak for all.

    Of a small population everything is at hand. Of a large one the exchanges of members are read
    here, in one question with those of the strangers whom their texts are compared with.
    """
    if pool.background.whole:
        return pool
    read, even = to_read(pool, members)
    others = strangers(pool)["account"].to_numpy()
    pool.background.reading.read(np.concatenate([read, others]))
    return pool.only(np.isin(pool.table["account"].to_numpy(), even))


def _plain(value: float | str) -> Any:
    return value if isinstance(value, str) else float(value)
