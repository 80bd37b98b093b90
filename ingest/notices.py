"""What the report of a load says in words beside its counts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ingest.store.corrections import Change
from ingest.store.packages import Load

__all__ = ["notices"]

_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "card_numbers": ("card number", "card numbers"),
        "keys": ("key", "keys"),
        "passwords": ("password", "passwords"),
    }
)


def notices(load: Load, change: Change | None) -> tuple[str, ...]:
    """Sentences about what was masked, and about the version that was replaced."""
    found = []
    removed = [
        f"{count:,} {_WORDS[what][count != 1]}"
        for what, count in sorted(load.notes.get("removed", {}).items())
        if count
    ]
    if removed:
        found.append(f"Masked and not stored: {', '.join(removed)}.")
    if change is not None:
        found.append(
            f"This corrects load {change.replaces}, which was taken out: {change.added:,} rows "
            f"added, {change.changed:,} changed, {change.gone:,} gone. Findings on the earlier "
            "snapshot are stale: analyse again."
        )
    return tuple(found)
