"""Progress: rows so far, rate, time left; not more often than people read."""

from __future__ import annotations

from ingest.meter import Meter


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_meter_tells_rows_rate_and_time_left() -> None:
    clock, told = Clock(), []
    meter = Meter(
        lambda words, share: told.append((words, round(share, 3))), [300, 100], clock=clock
    )
    meter.begin("a")
    meter.at(1_000, 0.1)  # at once: nothing to tell yet
    clock.now += 10
    meter.at(50_000, 1 / 3)
    meter.end(150_000)
    meter.begin("b")
    clock.now += 20
    meter.at(10_000, 0.5)
    assert told == [
        ("reading a", 0.0),
        ("a: 50,000 rows, 5,000 rows/s, 30 s left", 0.25),
        ("reading b", 0.75),
        ("b: 160,000 rows, 5,333 rows/s, 4 s left", 0.875),
    ]


def test_a_packed_text_file_tells_rows_without_an_end() -> None:
    clock, told = Clock(), []
    meter = Meter(lambda *words: told.append(words), [10], clock=clock)
    meter.begin("a.gz")
    clock.now += 4
    meter.at(80, None)
    assert told[-1] == ("a.gz: 80 rows, 20 rows/s", 0.0)


def test_nobody_need_listen() -> None:
    meter = Meter(None, [0])
    meter.begin("a")
    meter.at(5, 0.5)
    meter.end(5)
    assert meter.rows == 5
