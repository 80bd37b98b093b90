"""docs/peers.md tells the figures that were kept, and no others."""

from __future__ import annotations

import json

from benchmarks.peers.__main__ import PAGE, PEERS, RESULTS
from benchmarks.peers.page import with_measured


def test_the_page_is_what_was_kept() -> None:
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    assert with_measured(page, kept) == page, "run `make peers`, or `--redraw`"


def test_every_peer_was_measured_and_every_loss_has_a_cause() -> None:
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert {row["method"] for row in kept["rows"]} >= {peer.name for peer in PEERS}
    assert not [loss for loss in kept["losses"] if not loss["cause"]]
