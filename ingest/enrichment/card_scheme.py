"""The card network that the first digits of a card belong to (ISO/IEC 7812 number ranges)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import pyarrow as pa

from graph_models.codes import digest_text
from ingest.enrichment.provider import Enrichment, Site, Source, answer

__all__ = ["CARD_SCHEME"]

NAME = "card number ranges (workbench)"
DATE = "2026-11-21"
WIDTH = 6  # digits that are compared; a shorter BIN is filled with zeros

# First and last six digits of each network's ranges, as the networks publish them for routing.
# Ranges that two networks share by contract (6282–6288, 622126–622925, 60, 81, 82) are left out
# or given to the one that issues nearly all of them.
_RANGES: tuple[tuple[int, int, str], ...] = (
    (220000, 220499, "mir"),
    (222100, 272099, "mastercard"),
    (300000, 305999, "diners"),
    (340000, 349999, "amex"),
    (352800, 358999, "jcb"),
    (360000, 369999, "diners"),
    (370000, 379999, "amex"),
    (380000, 399999, "diners"),
    (400000, 499999, "visa"),
    (510000, 559999, "mastercard"),
    (601100, 601199, "discover"),
    (620000, 629999, "unionpay"),
    (644000, 649999, "discover"),
    (650000, 651999, "discover"),
)
_STARTS = [first for first, _, _ in _RANGES]


def _scheme(bin_: str) -> str | None:
    if not (bin_.isascii() and bin_.isdigit() and len(bin_) >= 4):
        return None
    number = int(bin_[:WIDTH].ljust(WIDTH, "0"))
    place = bisect_right(_STARTS, number) - 1
    return _RANGES[place][2] if place >= 0 and number <= _RANGES[place][1] else None


def _open(_site: Site) -> tuple[Source, ...]:
    edition = digest_text(repr(_RANGES), size=6)

    def look_up(values: Sequence[str]) -> pa.Table:
        return answer({"card_scheme": [_scheme(value) for value in values]}, (NAME, edition, DATE))

    return (Source(name=NAME, version=edition, date=DATE, licence="Apache-2.0", look_up=look_up),)


CARD_SCHEME = Enrichment(
    name="card_scheme",
    reads="bin",
    gives=("card_scheme",),
    doc="The card network of a payment method whose first digits a log gives.",
    open=_open,
)
