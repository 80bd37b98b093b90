"""docs/peers.md tells the figures that were kept, and no others."""

from __future__ import annotations

import json

from benchmarks.peers.__main__ import PAGE, PEERS, RESULTS
from benchmarks.peers.causes import UNKNOWN
from benchmarks.peers.ours import OURS
from benchmarks.peers.page import with_measured


def test_the_page_is_what_was_kept() -> None:
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    assert with_measured(page, kept) == page, "run `make peers`, or `--redraw`"


def test_every_row_is_of_a_known_method_and_every_loss_has_a_cause() -> None:
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert {row["method"] for row in kept["rows"]} <= {method.name for method in (*PEERS, *OURS)}
    assert not [loss for loss in kept["losses"] if loss["cause"] == UNKNOWN]
