"""How a kind of identifier is declared: one frozen data sheet, no code path.

A file in ``graph_models/kinds/`` holds one ``Kind``; its line in ``kinds/__init__.py`` registers
it. From that follow ids, sightings, both stores, constraints, the schema page, the generic
shared-identifier signal, the canvas glyph and the exports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from graph_models.families import Family

__all__ = ["Actor", "Glyph", "Kind", "LinkPolicy", "Property", "Source"]

Clean = Callable[[str], str | None]
Derive = Callable[[str], Mapping[str, str]]
Linkable = Callable[[str], bool]


def _tells_nothing(_value: str) -> Mapping[str, str]:
    return {}


def _always(_value: str) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where values of a kind stand in the canonical events.

    ``columns`` are joined by "/" (a card is ``psp/fingerprint``); the value is missing when the
    last column is. ``where`` keeps rows whose column has that value, e.g. ``{"kind": "crypto"}``.
    """

    event: str
    columns: tuple[str, ...]
    where: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError(f"A source in event {self.event!r} needs at least one column.")


@dataclass(frozen=True, kw_only=True)
class LinkPolicy:
    """What two accounts sharing one value is worth, and when it is worth nothing.

    ``reuse``: P(a second account of the same controller shows the value), 0..1.
    ``hub_degree``: a value on more accounts than this is context, never a bridge;
    ``hub_share``: in large populations, on more than this share of all accounts (see ``hub_at``).
    ``cap_bits``: the most that one shared value may say.
    """

    reuse: float
    hub_degree: int
    cap_bits: float
    reason: str
    hub_share: float = 0.0

    def hub_at(self, accounts: int) -> int:
        """The hub degree in a population of that many accounts."""
        return max(self.hub_degree, int(self.hub_share * accounts))

    def __post_init__(self) -> None:
        if not 0 < self.reuse <= 1:
            raise ValueError(f"reuse is a probability in (0, 1], not {self.reuse}.")
        if self.hub_degree < 2 or self.cap_bits < 0 or not self.reason:
            raise ValueError("A link policy needs hub_degree >= 2, cap_bits >= 0 and a reason.")


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property of a node, with the sentence that documents it."""

    name: str
    type: str
    doc: str


@dataclass(frozen=True, kw_only=True)
class Glyph:
    """How the canvas draws a kind: a shape and a colour for each theme (Okabe–Ito, look.md §2)."""

    shape: str
    light: str
    dark: str
    size: float = 10.0


@dataclass(frozen=True, kw_only=True)
class Actor:
    """The node that acts: it uses identifiers and is never one, so it has no policy."""

    name: str
    label: str
    title: str
    plural: str
    doc: str
    clean: Clean
    glyph: Glyph
    properties: tuple[Property, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of identifier that accounts may share.

    ``clean(text)`` gives the canonical value, or None for what identifies nothing.
    ``linkable(value)`` is False for a clean value that is kept but may never join accounts, such
    as a private address.
    ``derive(value)`` gives further properties, such as the prefix of an address.
    ``plain``: an RE2 pattern. A whole text of that form, no longer than ``cleaning.MAX_VALUE``, is
    its own clean value unless it is ``cleaning.is_nothing`` or one of ``not_plain``; so of many
    texts only the odd ones pass through ``clean``. Empty means that all do.
    """

    name: str
    label: str
    relation: str
    title: str
    plural: str
    doc: str
    family: Family
    sources: tuple[Source, ...]
    clean: Clean
    policy: LinkPolicy
    means: str
    misleads: str
    glyph: Glyph
    derive: Derive = field(default=_tells_nothing)
    linkable: Linkable = field(default=_always)
    properties: tuple[Property, ...] = ()
    plain: str = ""
    not_plain: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name in ("name", "label", "relation"):
            text = getattr(self, name)
            if not text.replace("_", "").isalnum() or not text.isascii():
                raise ValueError(f"{name}={text!r}: use ASCII letters, digits and underscores.")
        for name in ("doc", "means", "misleads"):
            if not getattr(self, name).endswith("."):
                raise ValueError(
                    f"{self.name}.{name} must be a sentence that ends with a full stop."
                )

    @property
    def derives(self) -> bool:
        """Whether ``derive`` may tell anything."""
        return self.derive is not _tells_nothing

    @property
    def refuses(self) -> bool:
        """Whether any clean value is not ``linkable``."""
        return self.linkable is not _always
