from __future__ import annotations

import ipaddress
import random

from ingest.mapping.addresses import canonical_ip, first_public

ODD = ["::", "::1", "1::", ":::", ":1", "1:", "1::2::3", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
       "1:2:3:4:5:6:7:8:9", "64:ff9b::1.2.3.4", "::1.2.3.4", "::ffff:0102:0304", "12345::",
       "1:0:0:2:0:0:0:3", "1:0:2:0:3:0:4:0", "::ffff:1.2.3.04", "[::1]", "1.2.3.4::", "0.0.0.0",
       "255.255.255.255", "1.2.3.256", "1.2.3.4.5", "01.2.3.4", "fe80::1%eth0", "g::"]  # fmt: skip


def wanted(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if "%" in text:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def test_the_spelling_is_that_of_the_standard_library(con) -> None:
    dice = random.Random(7)
    texts = list(ODD)
    for _ in range(300):
        groups = [dice.choice([0, 0, dice.randrange(65_536)]) for _ in range(8)]
        number = sum(group << (16 * place) for place, group in enumerate(groups))
        address = ipaddress.IPv6Address(number)
        texts += [address.exploded, address.compressed.upper(), ":".join(f"{g:x}" for g in groups)]
        texts.append("".join(dice.choice("01f:.a") for _ in range(dice.randrange(2, 14))))
    con.execute("CREATE TABLE texts AS SELECT unnest($1::VARCHAR[]) AS v", [texts])
    found = con.execute(f"SELECT v, {canonical_ip('texts.v')} FROM texts").fetchall()
    assert [(text, clean) for text, clean in found if clean != wanted(text)] == []


def test_of_a_list_the_first_public_address_counts(con) -> None:
    lists = {
        "10.0.0.1, 203.0.113.9, 198.51.100.1": "203.0.113.9",
        "fd00::1,2001:db8::1": "2001:db8::1",
        "192.168.0.1": "192.168.0.1",
        "100.64.0.1, 127.0.0.1": "100.64.0.1",
    }
    for text, first in lists.items():
        query = f"SELECT {first_public('v')} FROM (SELECT $1::VARCHAR AS v)"
        assert con.execute(query, [text]).fetchall() == [(first,)]
