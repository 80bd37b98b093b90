"""The case record: the one canonical source from which every file of a pack derives.

Same snapshot, run and profile give the same record, and so the same bytes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from graph_models.errors import UsageError
from graph_models.inference import Community
from graph_models.kinds import KINDS, policy_of
from graph_models.nodes import NodeRef
from graph_models.observations import Observations
from graph_models.stores.relations import LINKED
from graph_models.text import inert

if TYPE_CHECKING:
    from workbench.library import Workbench

__all__ = ["PROFILES", "CaseRecord", "Profile", "case_record"]

ROWS_SHOWN = 20  # of each account and identifier
MAX_VALUE = 300  # a longer value from a log is cut, visibly, in every file of a pack


@dataclass(frozen=True)
class Profile:
    """What an audience may see."""

    name: str
    tlp: str
    tokens: bool
    identifiers: bool
    audience: str


PROFILES: tuple[Profile, ...] = (
    Profile("internal", "AMBER+STRICT", tokens=False, identifiers=True, audience="the provider"),
    Profile("partner", "AMBER", tokens=True, identifiers=True, audience="one partner"),
    Profile("public", "CLEAR", tokens=True, identifiers=False, audience="anybody"),
)


def profile_named(name: str) -> Profile:
    """The profile of that name; UsageError lists the valid ones."""
    for profile in PROFILES:
        if profile.name == name:
            return profile
    valid = ", ".join(profile.name for profile in PROFILES)
    raise UsageError(f"There is no export profile {name!r}.", fix=f"Valid: {valid}.")


@dataclass(frozen=True, eq=False)
class CaseRecord:
    """One community as it leaves the house.

    Frames: ``accounts`` (account, cell, tier, member_confidence, share), ``identifiers`` (kind,
    value, accounts_inside, accounts_everywhere, hub), ``sightings`` (account, kind, value, count,
    first, last), ``links`` (a, b, bits), ``rows`` (account, kind, value, file, row). All sorted.
    """

    community: Community
    profile: Profile
    snapshot: str
    run: str
    as_of: datetime
    world: str | None
    accounts: pd.DataFrame
    identifiers: pd.DataFrame
    sightings: pd.DataFrame
    links: pd.DataFrame
    rows: pd.DataFrame
    lacking: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The sentence that names the record, with the size as a range."""
        size = self.community.size
        upper = size.accused + size.possible
        return f"Community {self.community.community}: {size.core}–{upper} linked accounts"

    @property
    def cards(self) -> tuple[tuple[str, str, str], ...]:
        """(kind, what it means, how it misleads) for every kind of evidence in the record."""
        seen = set(self.identifiers["kind"])
        return tuple((kind.title, kind.means, kind.misleads) for kind in KINDS if kind.name in seen)

    def summary(self) -> Mapping[str, Any]:
        """The headline figures, each recomputable from the frames beside it."""
        return {
            **self.community.as_json(),
            "profile": self.profile.name,
            "tlp": self.profile.tlp,
            "snapshot": self.snapshot,
            "run": self.run,
            "as_of": self.as_of.isoformat(),
            "synthetic_world": self.world,
            "counts": {
                "accounts": len(self.accounts),
                "identifiers": len(self.identifiers),
                "sightings": len(self.sightings),
                "links": len(self.links),
                "source_rows": len(self.rows),
            },
        }


def case_record(desk: Workbench, community: str, *, profile: str, recipient: str) -> CaseRecord:
    """Gather one community of the published run into a record for one audience."""
    about = desk.about()
    if about.get("snapshot") != desk.snapshot().digest:
        raise UsageError(
            "The published run is older than the loaded data, so its rows cannot be cited.",
            fix="Run: workbench analyse",
        )
    found = desk.community(community.removeprefix("community:"))
    members = desk.members(found.community).drop(columns="community")
    obs = desk.observations()
    inside = np.flatnonzero(obs.accounts["account"].isin(members["account"]).to_numpy())
    shared, sightings = _shared(obs, inside)
    names = obs.accounts["account"].to_numpy()
    sightings = sightings.assign(account=names[sightings["account"]])
    record = CaseRecord(
        community=found,
        profile=profile_named(profile),
        snapshot=str(about["snapshot"]),
        run=str(about["run"]),
        as_of=datetime.fromisoformat(str(about["analysed_at"])),
        world=desk.workspace.world,
        accounts=members.sort_values("account", ignore_index=True),
        identifiers=shared,
        sightings=_sorted(sightings[["account", "kind", "value", "count", "first", "last"]]),
        links=_links_among(desk, set(members["account"])),
        rows=_rows(desk, sightings),
    )
    return _for_audience(record, desk.workspace.key(), recipient)


def _shared(obs: Observations, inside: np.ndarray[Any, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    identifiers = obs.identifiers
    rows = obs.sightings[obs.sightings["account"].isin(inside)]
    degree = rows.groupby("identifier")["account"].nunique()
    degree = degree[degree >= 2]
    rows = rows[rows["identifier"].isin(degree.index)]
    rows = rows.join(identifiers[["kind", "value"]], on="identifier")
    shared = identifiers.loc[degree.index, ["kind", "value", "accounts", "linkable"]]
    shared = shared.rename(columns={"accounts": "accounts_everywhere"})
    shared.insert(2, "accounts_inside", degree.to_numpy())
    limits = shared["kind"].map(lambda kind: policy_of(kind).hub_at(len(obs.accounts)))
    shared["hub"] = (shared["accounts_everywhere"] > limits) | ~shared.pop("linkable")
    return _sorted(shared), rows


def _links_among(desk: Workbench, accounts: set[str]) -> pd.DataFrame:
    edges = desk.subgraph([NodeRef("account", name) for name in sorted(accounts)])
    links = [
        (edge.source.value, edge.target.value, float(edge.properties["bits"]))
        for edge in edges
        if edge.relation == LINKED
    ]
    return _sorted(pd.DataFrame(links, columns=["a", "b", "bits"]))


def _rows(desk: Workbench, sightings: pd.DataFrame) -> pd.DataFrame:
    uses = sightings.assign(group=np.arange(len(sightings)))
    found = desk.cited(desk.snapshot()).behind(uses, limit=ROWS_SHOWN)
    named = sightings[["account", "kind", "value"]].iloc[found["group"].to_numpy()]
    told = {name: found[name].to_numpy() for name in ("file", "row")}
    return _sorted(named.assign(**told).astype({"file": "str"}))


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(list(frame.columns), ignore_index=True)


def _for_audience(record: CaseRecord, key: bytes, recipient: str) -> CaseRecord:
    """Tokens per recipient, so that two recipients cannot join; text made inert and cut."""
    frames = {
        name: getattr(record, name) for name in ("accounts", "identifiers", "sightings", "rows")
    }
    frames["links"] = record.links
    if record.profile.tokens:
        frames = {name: _tokenised(frame, key, recipient) for name, frame in frames.items()}
    if not record.profile.identifiers:
        frames = {
            name: frame if name == "accounts" else frame.iloc[:0] for name, frame in frames.items()
        }
    safe = {name: _inert(frame) for name, frame in frames.items()}
    return replace(
        record,
        accounts=safe["accounts"],
        identifiers=safe["identifiers"],
        sightings=safe["sightings"],
        links=safe["links"],
        rows=safe["rows"],
    )


def _tokenised(frame: pd.DataFrame, key: bytes, recipient: str) -> pd.DataFrame:
    def token(kind: str, value: str) -> str:
        text = f"{recipient}\x1f{kind}\x1f{value}".encode()
        return f"{kind}-{hmac.new(key, text, hashlib.sha256).hexdigest()[:20]}"

    frame = frame.copy()
    for column in {"account", "a", "b"} & set(frame.columns):
        frame[column] = frame[column].map(lambda value: token("account", value))
    if "value" in frame.columns:
        pairs = zip(frame["kind"], frame["value"], strict=True)
        frame["value"] = [token(kind, value) for kind, value in pairs]
    if "file" in frame.columns:
        frame["file"] = frame["file"].map(lambda value: token("file", value))
    return _sorted(frame)


def _inert(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.copy()
    for column in frame.columns[frame.dtypes == "str"]:
        frame[column] = frame[column].map(lambda text: inert(text, limit=MAX_VALUE))
    return frame
