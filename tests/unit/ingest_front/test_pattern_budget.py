"""S13: patterns of a mapping, and our own, take linear time over hostile values."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from ingest.mapping.model import parse_mapping
from ingest.protection.leaks import mask

SECONDS = 2.5  # for a quarter of a megabyte, on a busy machine
MAPPING = """
[mapping]
id = "own.accounts"
version = 1
emits = "account"

[fields]
account_id = { from = ["id"], check = "(a+)+" }
created_at = { from = ["at"], as = "time" }
"""


def test_a_pattern_of_a_mapping_that_would_burst_elsewhere_takes_no_time(read) -> None:
    line = '{"id": "' + "a" * 50_000 + '!", "at": "2026-01-01T00:00:00Z"}'
    began = time.process_time()
    found = read(line, parse_mapping(MAPPING, where="own"))
    assert found.why == [(1, "account_id", "check")]
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    "piece", ["4 ", "1", "4111 ", "://a:", "pwd=", "sk-", "eyJ", "a.b@", "-----BEGIN ", "\u202f4"]
)
def test_masking_takes_linear_time(piece: str) -> None:
    text = piece * ((1 << 18) // len(piece))
    began = time.process_time()
    mask(text, Counter())
    assert time.process_time() - began < SECONDS
