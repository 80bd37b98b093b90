"""One line may hold many records: it may be long, each of them may not."""

from __future__ import annotations

import json

import pytest

from ingest.formats.records import MAX_RECORD
from ingest.mapping.envelopes import begins_envelope

EVENT = {
    "eventSource": "bedrock.amazonaws.com",
    "eventName": "Converse",
    "eventTime": "2026-04-18T22:54:57Z",
    "userIdentity": {"arn": "arn:aws:iam::111122223333:user/ada"},
    "sourceIPAddress": "240.13.0.20",
}


def events(count: int) -> list[dict[str, object]]:
    return [EVENT | {"requestID": f"req-{i}", "userAgent": "a" * 400} for i in range(count)]


def test_a_whole_file_of_cloudtrail_is_one_line(read) -> None:
    line = json.dumps({"Records": events(2_500)})
    assert len(line) > MAX_RECORD
    found = read(line, "aws.cloudtrail")
    assert (found.reading.accepted_rows, found.why) == (2_500, [])


def test_a_long_record_in_an_envelope_is_put_aside_alone(read) -> None:
    long = EVENT | {"requestID": "long", "note": "x" * MAX_RECORD}
    line = json.dumps({"Records": [*events(1), long, *events(1)]})
    found = read(line + "\n" + json.dumps(EVENT | {"requestID": "last"}), "aws.cloudtrail")
    assert found.why == [(2, "", "line_too_long")]
    assert found.column("row") == [1, 3, 4]


def test_a_long_line_that_is_no_envelope_is_put_aside(read) -> None:
    line = json.dumps(EVENT | {"requestID": "long", "note": "x" * MAX_RECORD})
    assert read(line, "aws.cloudtrail").why == [(1, "", "line_too_long")]


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        (b'{"Records":[{"eventVersion"', True),
        (b' { "resourceSpans" : [ {', True),
        (b'{"object":"list","has_more":true,"total":3,"data":[{', True),
        (b'{"a":[1,2,3', False),
        (b'{"prompt":"[{', False),
        (b'{"a":{"b":[{', False),
        (b'[{"a":1}', False),
        (b"x" * 4_096, False),
        (b'{"' + b"a" * 4_094, False),
        (b'{"a":"b",' * 400, False),
    ],
)
def test_how_an_envelope_begins(head: bytes, is_one: bool) -> None:
    assert begins_envelope(head) is is_one
