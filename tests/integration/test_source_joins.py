"""Two logs of one vendor meet in the request id: what one of them lacks, the other brings."""

from __future__ import annotations

import json
from pathlib import Path

from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

CALLER = "arn:aws:sts::111122223333:assumed-role/ml-batch/ada"
SERVICE = {"type": "AssumedRole", "arn": CALLER, "invokedBy": "bedrock.amazonaws.com"}


def invocation(number: int) -> logs.Row:
    return {
        "schemaType": "ModelInvocationLog",
        "timestamp": "2026-04-18T22:54:57Z",
        "accountId": "111122223333",
        "identity": {"arn": CALLER},
        "requestId": f"req-{number}",
        "operation": "Converse",
        "modelId": "amazon.nova-lite-v1:0",
        "input": {"inputTokenCount": 4},
        "output": {"outputTokenCount": 9},
    }


def trail(number: int, **changes: object) -> logs.Row:
    return {
        "eventSource": "bedrock.amazonaws.com",
        "eventName": "Converse",
        "eventTime": "2026-04-18T22:54:57Z",
        "eventID": f"ev-{number}",
        "requestID": f"req-{number}",
        # No ARN: only the request id can tell whose call it was.
        "userIdentity": {"type": "IAMUser"},
        "sourceIPAddress": f"240.13.0.{number}",
        "userAgent": "Boto3/1.35.50",
        **changes,
    }


def addresses(desk: Workspace) -> set[str]:
    found = desk.current().observations().identifiers
    return set(found[found["kind"] == "ip"]["value"])


def test_cloudtrail_brings_the_addresses_of_bedrock_calls(tmp_path: Path) -> None:
    desk = Workspace.open(tmp_path / "desk")
    calls = logs.write(tmp_path / "bedrock.jsonl", [invocation(1), invocation(2)])
    logs.load(desk, calls)
    assert addresses(desk) == set()
    events = [trail(1), trail(2, userIdentity=SERVICE, sourceIPAddress="bedrock.amazonaws.com")]
    events.append(trail(3))  # nobody's exchange
    path = tmp_path / "cloudtrail.json"
    path.write_text(json.dumps({"Records": events}))
    report = logs.load(desk, path)
    (package,) = report.packages
    assert (package.rows, package.loaded, package.quarantined) == (2, 2, 0)
    assert addresses(desk) == {"240.13.0.1"}
