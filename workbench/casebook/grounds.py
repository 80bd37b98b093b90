"""What a person saw, as the casebook keeps it: evidence, and every load that it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graph_models.errors import UsageError
from graph_models.nodes import NodeRef
from ingest.store.packages import find_load
from workbench.casebook.subjects import COMMUNITY, kind_of, pair_of

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot
    from workbench.library import Workbench

__all__ = ["gone", "pin", "seen"]


def pin(desk: Workbench) -> dict[str, Any]:
    """Snapshot, run and loads that are current, as far as there are any."""
    about = desk.about()
    snapshot = _snapshot(desk, str(about.get("snapshot") or ""))
    loads = list(snapshot.manifest.loads) if snapshot is not None else []
    digest = snapshot.digest if snapshot is not None else ""
    return {"snapshot": digest, "run": str(about.get("run") or ""), "loads": loads}


def seen(desk: Workbench, subject: str) -> dict[str, Any]:
    """What is known of a subject now, with the loads that any row behind it lies in.

    Raises:
        UsageError: No evidence stands behind subjects of that kind.
    """
    pair = pair_of(subject)
    if pair is not None:
        return _of_pair(desk, *pair)
    if kind_of(subject) == COMMUNITY:
        return _of_community(desk, NodeRef.parse(subject).value)
    if kind_of(subject) == "account":
        return {**_standing(desk), "loads": _of_accounts(desk, [NodeRef.parse(subject).value])}
    raise UsageError(
        f"Nothing can be cited for {subject!r}.",
        fix="Cite a link, an account or a community; or write the note without citing.",
    )


def gone(desk: Workbench, loads: Sequence[str]) -> dict[str, str]:
    """Those of the loads that this workspace knows and no longer counts, each with why."""
    if not loads:
        return {}
    try:
        current = desk.snapshot().manifest.loads
    except UsageError:  # the last load was withdrawn
        current = ()
    found = {}
    for load_id in sorted(set(loads) - set(current)):
        load = find_load(desk.workspace.layout, load_id)
        if load is not None:
            found[load_id] = f"({load.file}) was withdrawn, or a corrected file replaced it"
    return found


def _standing(desk: Workbench) -> dict[str, Any]:
    about = desk.about()
    return {"snapshot": str(about.get("snapshot") or ""), "run": str(about.get("run") or "")}


def _of_pair(desk: Workbench, a: str, b: str) -> dict[str, Any]:
    from workbench.explanation import explain_accounts

    told = explain_accounts(desk, a, b, grounds=True)
    evidence = [_kept(entry) for entry in (*told["signals"], *told["against"])]
    loads = {load for entry in evidence for load in entry["loads"]}
    return {
        **_standing(desk),
        "snapshot": told.get("snapshot", ""),
        "bits": told["bits"],
        "probability": told["probability"],
        "linked": told.get("linked", False),
        "evidence": evidence,
        "loads": sorted(loads),
    }


def _kept(entry: Mapping[str, Any]) -> dict[str, Any]:
    names = ("signal", "family", "bits", "identifier", "value", "rows_total")
    return {**{name: entry.get(name) for name in names}, "loads": list(entry.get("loads", ()))}


def _of_community(desk: Workbench, community: str) -> dict[str, Any]:
    found = desk.community(community)
    accounts = desk.members(found.community)["account"].tolist()
    size = {"core": found.size.core, "probable": found.size.probable,
            "possible": found.size.possible}  # fmt: skip
    return {
        **_standing(desk),
        "size": size,
        "assessed_as": found.assessment.assessed_as,
        "loads": _of_accounts(desk, accounts),
    }


def _of_accounts(desk: Workbench, accounts: Sequence[str]) -> list[str]:
    """Every load that holds a row about any of the accounts."""
    from ingest.observing.row_index import EVENTS

    snapshot = _snapshot(desk, str(desk.about().get("snapshot") or "")) or desk.snapshot()
    return desk.cited(snapshot).loads_about(EVENTS, accounts)


def _snapshot(desk: Workbench, digest: str) -> Snapshot | None:
    try:
        return desk.workspace.snapshot(digest) if digest else desk.snapshot()
    except UsageError:
        return None
