"""When accounts are active, in ten-minute buckets, and what coincidence their habits explain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graph_models.linking.kernels import overlap
from graph_models.linking.rules import TIMING

__all__ = ["Rhythm"]

SLOTS = 24 * 60 // TIMING.bucket_minutes
_CHUNK = 100_000


@dataclass(frozen=True, eq=False)
class Rhythm:
    """Row table account → distinct active buckets (bucket = day · SLOTS + slot of the day).

    ``origin`` is the bucket, since 1970, from which they are counted: midnight of the first day.
    """

    start: NDArray[np.int64]
    bucket: NDArray[np.int64]
    left_out: int = 0
    origin: int = 0

    @classmethod
    def of(
        cls,
        account: NDArray[np.int64],
        day: NDArray[np.float64],
        accounts: int,
        *,
        left_out: int = 0,
    ) -> Rhythm:
        """Bucket exchanges given by account position and time (days since 1970)."""
        known = ~np.isnan(day)
        bucket = np.floor(day[known] * SLOTS + 1e-6).astype(np.int64)
        origin = int(bucket.min()) // SLOTS * SLOTS if len(bucket) else 0
        span = int(bucket.max()) - origin + 1 if len(bucket) else 1
        key = account[known] * span + bucket - origin
        if (np.diff(key) < 0).any():
            key = np.sort(key)
        key = key[np.flatnonzero(np.r_[True, np.diff(key) != 0])] if len(key) else key
        sizes = np.bincount(key // span, minlength=accounts)
        start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        return cls(start, key % span, left_out, origin)

    @property
    def active(self) -> NDArray[np.int64]:
        """Distinct active buckets by account, shape (accounts,)."""
        return np.diff(self.start)

    @cached_property
    def life(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First and last active day of each account (0, -1 where there is none)."""
        first = np.zeros(len(self.active), np.int64)
        last = np.full(len(self.active), -1, np.int64)
        some = self.active > 0
        first[some] = self.bucket[self.start[:-1][some]] // SLOTS
        last[some] = self.bucket[self.start[1:][some] - 1] // SLOTS
        return first, last

    def joined(self, more: Rhythm) -> Rhythm:
        """Both rhythms as one; no account has buckets in both."""
        if not len(self.bucket) or not len(more.bucket):
            some = self if len(self.bucket) else more
            return replace(some, left_out=self.left_out + more.left_out)
        active = self.active + more.active
        origin = min(self.origin, more.origin)
        mine = np.repeat(self.active > 0, active)
        bucket = np.empty(len(mine), np.int64)
        bucket[mine] = self.bucket + (self.origin - origin)
        bucket[~mine] = more.bucket + (more.origin - origin)
        start = np.concatenate([[0], np.cumsum(active)]).astype(np.int64)
        return Rhythm(start, bucket, self.left_out + more.left_out, origin)

    @cached_property
    def _habit(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Row of each account, and active days per slot of the day by row, shape (rows, SLOTS)."""
        some = self.active > 0
        row = np.cumsum(some, dtype=np.int64) * some  # row 0: never active
        of = np.repeat(row, self.active)
        rows = int(some.sum()) + 1
        flat = np.bincount(of * SLOTS + self.bucket % SLOTS, minlength=rows * SLOTS)
        return row, flat.reshape(-1, SLOTS).astype(np.float32)

    def coincidence(
        self, a: NDArray[np.int32], b: NDArray[np.int32]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """Common buckets of each pair, and how many whole-day shifts would leave on average.

        The shift null keeps each account's hours of the day and its number of active days: over all
        shifts of b by whole days within the days both lived, the expected overlap is
        Σ_slot n_a n_b · common / (life_a · life_b) (SynchroTrap with a rate-preserving null).

        Returns:
            observed, expected and the number of common days; each of shape (pairs,).
        """
        first, last = self.life
        common = np.maximum(0, np.minimum(last[a], last[b]) - np.maximum(first[a], first[b]) + 1)
        lives = (last - first + 1).astype(np.float64)
        row, habit = self._habit
        together = np.empty(len(a))
        for low in range(0, len(a), _CHUNK):
            part = slice(low, low + _CHUNK)
            left, right = habit[row[a[part]]], habit[row[b[part]]]
            together[part] = np.einsum("ij,ij->i", left, right)
        days = np.maximum(lives[a] * lives[b], 1.0)
        return overlap(self.start, self.bucket, a, b), together * common / days, common

    def an_hour_apart(self, a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.float64]:
        """Common buckets of each pair when one of them is moved by an hour, either way, on average.

        It keeps what days, lessons and shared outages make common, and minutes of cron jobs.
        """
        hour = SLOTS // 24
        start = np.concatenate([self.start, self.start[1:] + len(self.bucket)])
        bucket = np.concatenate([self.bucket, self.bucket + hour])
        moved = np.int32(len(self.active))
        later = overlap(start, bucket, a, b + moved)
        sooner = overlap(start, bucket, a + moved, b)
        return (later + sooner) / 2
