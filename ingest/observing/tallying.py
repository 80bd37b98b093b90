"""How often every account did what habits are told by, counted in one pass over all exchanges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit
from numpy.typing import NDArray

from graph_models.tallies import MOST_WEEKS, Counted, Tally, hour_of_week
from ingest.observing.daily import Days, placed

__all__ = ["tally_days"]

_COLUMNS = ("model", "capability", "elicitation")
_US_PER_HOUR = 3_600_000_000


def _add_rows(account, hour, elicited, codes, tally):  # type: ignore[no-untyped-def]
    capability, model, low, high = codes
    hours, exchanges, asked, by_capability, moved = tally
    for row in range(len(account)):
        who = account[row]
        if who < 0:
            continue
        exchanges[who] += 1
        asked[who] += elicited[row]
        hours[who] |= np.uint32(1) << np.uint32(hour[row] % 24)
        if capability[row] >= 0:
            by_capability[who, capability[row]] += 1
        for at in range(len(low)):
            if low[at] <= hour[row] < high[at]:
                moved[who, at, 1] += 1
                if model[row] == at:
                    moved[who, at, 0] += 1


def _end_day(hours, first, most, tally):  # type: ignore[no-untyped-def]
    week, days = tally
    for who in range(len(hours)):
        bits = hours[who]
        if bits:
            active = 0
            for hour in range(24):
                if bits >> np.uint32(hour) & np.uint32(1):
                    active += 1
                    if week[who, first + hour] < most:
                        week[who, first + hour] += 1
            days[who, active] += 1
            hours[who] = 0


_add_rows_compiled = njit(cache=True)(_add_rows)
_end_day_compiled = njit(cache=True)(_end_day)


def tally_days(
    days: Days, codes: NDArray[np.int64], positions: NDArray[np.int32], counted: Counted
) -> Tally:
    """Count the exchanges of all accounts; equals ``tallied`` of all their activity.

    Args:
        days: The exchanges.
        codes: Codes of the accounts, ascending.
        positions: Their positions, of which there are as many as accounts.
        counted: What is counted beside hours and days.
    """
    tally = Tally.empty(len(codes), counted)
    hours = np.zeros(len(codes), np.uint32)
    low, high = (
        np.array([span[end] for span in counted.moves.values()], np.int64) for end in (0, 1)
    )
    counts = (hours, tally.exchanges, tally.elicited, tally.capabilities, tally.moved)
    for table in days.tables(_COLUMNS, unit="hour"):
        if not len(table):
            continue
        hour = table["ts"].to_numpy().astype("datetime64[us]").astype(np.int64) // _US_PER_HOUR
        _add_rows_compiled(
            placed(table, codes, positions),
            hour,
            table["elicitation"].is_valid().to_numpy(),
            (
                _coded(table["capability"], counted.capabilities, other=len(counted.capabilities)),
                _coded(table["model"], tuple(counted.moves), other=-1),
                low,
                high,
            ),
            counts,
        )
        monday = int(hour_of_week(hour[:1] // 24 * 24)[0])
        _end_day_compiled(hours, monday, MOST_WEEKS, (tally.week, tally.days))
    return tally


def _coded(texts: pa.ChunkedArray, names: Sequence[str], *, other: int) -> NDArray[np.int64]:
    """The place of each text among names; ``other`` where it is none, -1 where it says nothing."""
    place = {name: at for at, name in enumerate(names)}
    words = texts.combine_chunks()
    of = [place.get(word, other) if word else -1 for word in words.dictionary.to_pylist()]
    at = pc.fill_null(words.indices, len(of)).to_numpy(zero_copy_only=False)
    coded: NDArray[np.int64] = np.array([*of, -1], np.int64)[at]
    return coded
