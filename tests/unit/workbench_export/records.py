"""A small case record with hostile texts in every field that a log can fill."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from graph_models.inference import ASSESSMENTS, Assessment, Community, Reason, TierSizes
from workbench.export.record import PROFILES, CaseRecord

HOSTILE = '=HYPERLINK("http://evil.test")<script>window.__pwn=1</script>'


def record(profile: str = "internal", *, value: str = HOSTILE) -> CaseRecord:
    """Three accounts on one card and one address; the card's value is hostile."""
    probabilities = dict.fromkeys(ASSESSMENTS, 0.01) | {"campaign": 0.94}
    community = Community(
        community="cm_0011",
        size=TierSizes(core=2, probable=1, possible=0),
        exchanges=30,
        first_seen=datetime(2026, 5, 1),
        last_seen=datetime(2026, 5, 9),
        assessment=Assessment(
            probabilities,
            "moderate",
            (Reason("3 accounts share one card", 9.5, "instrument"),),
            ("A household may share a card.",),
        ),
        held_together=0.97,
        robust_to=("network",),
        chance_p=0.0004,
        cells=("cm_0011/a",),
    )
    names = ["acct_1", "acct_2", "acct_3"]
    when = pd.Timestamp("2026-05-02 10:00:00")
    shared = [("ip", "240.1.2.3"), ("payment_method", value)]
    sightings = pd.DataFrame(
        [
            (name, kind, text, 5, when, when + pd.Timedelta(days=1))
            for name in names
            for kind, text in shared
        ],
        columns=["account", "kind", "value", "count", "first", "last"],
    )
    return CaseRecord(
        community=community,
        profile=next(item for item in PROFILES if item.name == profile),
        snapshot="5e" * 16,
        run="a1" * 8,
        as_of=datetime(2026, 6, 5, 12),
        world="quickstart",
        accounts=pd.DataFrame(
            {
                "account": names,
                "cell": "cm_0011/a",
                "tier": ["core", "core", "probable"],
                "member_confidence": [1.0, 0.95, 0.7],
                "share": 1.0,
            }
        ),
        identifiers=pd.DataFrame(
            {
                "kind": ["ip", "payment_method"],
                "value": ["240.1.2.3", value],
                "accounts_inside": 3,
                "accounts_everywhere": [4, 3],
                "hub": [False, False],
            }
        ),
        sightings=sightings,
        links=pd.DataFrame(
            {"a": ["acct_1", "acct_1"], "b": ["acct_2", "acct_3"], "bits": [21.5, 18.25]}
        ),
        rows=pd.DataFrame(
            {
                "account": names,
                "kind": "payment_method",
                "value": value,
                "file": "payments.csv",
                "row": [1, 2, 3],
            }
        ),
    )
