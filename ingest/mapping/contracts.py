"""What must hold of an event of each kind, beyond the type of each value, as SQL conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from ingest import sql
from ingest.events import Column, EventKind
from ingest.protection.leaks import is_card_sql

__all__ = ["AHEAD", "CHECKS", "Check", "column_checks"]

AHEAD = timedelta(hours=24)  # clocks and zones differ by up to a day; more is a wrong unit


@dataclass(frozen=True, kw_only=True)
class Check:
    """A condition that makes a row bad. ``{name}`` stands for the value of a column."""

    column: str
    condition: str
    code: str


CHECKS: Mapping[str, tuple[Check, ...]] = MappingProxyType(
    {
        "account": (
            Check(column="closed_at", condition="{closed_at} < {created_at}", code="order"),
        ),
        "alias": (Check(column="valid_to", condition="{valid_to} < {valid_from}", code="order"),),
        "indicator": (
            Check(column="valid_to", condition="{valid_to} < {valid_from}", code="order"),
        ),
    }
)


def column_checks(event: EventKind, column: Column, now: datetime) -> list[Check]:
    """The checks that follow from the declaration of a column; ``now`` is UTC without a zone."""
    value, checks = "{" + column.name + "}", []
    if column.required:
        checks.append(Check(column=column.name, condition=f"{value} IS NULL", code="missing"))
        if column.type == "id":
            checks.append(
                Check(column=column.name, condition=is_card_sql(value), code="card_number")
            )
    if column.values:
        listed = f"{value} NOT IN ({sql.texts(column.values)})"
        checks.append(Check(column=column.name, condition=listed, code="enum"))
    if column.type == "time" and not column.future:
        latest = (now + AHEAD).strftime("%Y-%m-%d %H:%M:%S.%f")
        ahead = f"{value} > TIMESTAMP '{latest}'"
        checks.append(Check(column=column.name, condition=ahead, code="time_future"))
    if column.type == "names":
        known = sql.texts(item.name for item in event.columns)
        listed = f"list_filter(string_split({value}, ','), lambda c: c NOT IN ({known}))"
        checks.append(Check(column=column.name, condition=f"len({listed}) > 0", code="names"))
    return checks
