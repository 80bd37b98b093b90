"""The mappings that ship, one TOML file each, and how a mapping is found by id or path."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from graph_models.errors import UsageError
from ingest.mapping import Mapping, base_of, parse_mapping, read_text

__all__ = ["MAPPINGS", "load_mapping"]

MAPPINGS: tuple[str, ...] = (
    "canonical.account",
    "canonical.alias",
    "canonical.calendar",
    "canonical.device_sighting",
    "canonical.exchange",
    "canonical.http_request",
    "canonical.indicator",
    "canonical.label",
    "canonical.login",
    "canonical.payment",
)


@cache
def _shipped(mapping_id: str) -> Mapping:
    text = files("ingest.mappings").joinpath(f"{mapping_id}.toml").read_text(encoding="utf-8")
    return _parsed(text, mapping_id)


def _parsed(text: str, where: str) -> Mapping:
    base = base_of(text, where)
    return parse_mapping(text, where=where, base=_shipped(_checked(base)) if base else None)


def _checked(mapping_id: str) -> str:
    if mapping_id not in MAPPINGS:
        raise UsageError(
            f"There is no mapping {mapping_id!r}.",
            fix=f"Give a path to a TOML file or one of: {', '.join(MAPPINGS)}.",
        )
    return mapping_id


def load_mapping(mapping: str | Path) -> Mapping:
    """A shipped mapping by its id, or a user's own by the path of its TOML file.

    Raises:
        UsageError: there is none of that name, or it is invalid.
    """
    if str(mapping) in MAPPINGS:
        return _shipped(str(mapping))
    path = Path(mapping)
    if path.suffix == ".toml":
        return _parsed(read_text(path), str(path))
    return _shipped(_checked(str(mapping)))
