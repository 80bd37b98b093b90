from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from ingest.protection.leaks import SUSPECT, is_card, mask
from ingest.protection.protect import (
    Protector,
    domain_of,
    folded_email,
    normal_email,
    normal_name,
    normal_phone,
)

TS = "2026-01-01T00:00:00Z"
KEY = b"k" * 32
# Published test numbers of the card schemes.
CARDS = ["4111111111111111", "4242 4242 4242 4242", "5555-5555-5555-4444", "378282246310005",
         "6011111111111117", "3530111333300000", "30569309025904", "2223003122003222",
         "6200000000000005", "4000000000000000006"]  # fmt: skip
NO_CARDS = ["4111111111111112", "1234567812345670", "1767225600000", "0000000000000000",
            "4242", "9999999999999995", "378282246310006", "+49 30 5550100 4242"]  # fmt: skip
SECRETS = ["sk-proj-abcdefghijklmnopqrstuvwx", "sk-ant-api03-AAAAAAAAAAAAAAAAAAAAAAAA",
           "AKIAIOSFODNN7EXAMPLE", "ghp_" + "a" * 36, "xoxb-1234567890-abc",
           "-----BEGIN RSA PRIVATE KEY-----"]  # fmt: skip
NO_SECRETS = ["task-force", "sk-short", "risk-assessment-of-the-whole-department", "key_1", "pk_1"]


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_is_masked_in_text(card: str) -> None:
    counts: Counter[str] = Counter()
    assert mask(f"pay with {card}, please", counts) == "pay with [card number], please"
    assert counts == {"card_numbers": 1}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("4111 1111 1111 1111 12/27 123", "[card number] 12/27 123"),
        ("order 12 4111111111111111", "order 12 [card number]"),
        ("4111.1111.1111.1111", "[card number]"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "[card number]"),
        ("４１１１１１１１１１１１１１１１", "[card number]"),
        ("4111\u00a01111\u20131111\u20131111", "[card number]"),
        ("0.4111111111111111", "0.4111111111111111"),
        ("2026-03-01 1767225600000", "2026-03-01 1767225600000"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 2 3", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 2 3"),
        ("password: hunter2x!", "password: [password]"),
        ("password: string", "password: string"),
        ("postgres://u:p4ss@host/db", "postgres://[key]@host/db"),
    ],
)
def test_secrets_are_told_from_what_stands_beside_them(text: str, masked: str) -> None:
    assert mask(text, Counter()) == masked


@pytest.mark.parametrize("text", NO_CARDS + NO_SECRETS)
def test_other_numbers_and_words_stay(text: str) -> None:
    counts: Counter[str] = Counter()
    assert mask(text, counts) == text
    assert not counts


@pytest.mark.parametrize(
    "name",
    [
        "61b7f36027e0a30103466153158eef664ce214a749d1af04f82f387b6acb9d30",  # of a gateway's key
        "4111111111111111abcdefabcdefabcd",
        "deadbeef-4111-1111-8111-111111111111",
    ],
)
def test_digits_within_a_digest_or_a_uuid_are_no_card(name: str) -> None:
    assert mask(f"key {name}.", Counter()) == f"key {name}."
    assert mask(f"key {name} 4111111111111111", Counter()) == f"key {name} [card number]"
    assert mask("a4111111111111111b", Counter()) == "a[card number]b"


@pytest.mark.parametrize("secret", SECRETS)
def test_a_raw_key_is_masked_and_found_by_the_pattern(secret: str) -> None:
    counts: Counter[str] = Counter()
    assert mask(f"use {secret} now", counts) == "use [key] now"
    assert re.search(SUSPECT, secret)
    assert counts == {"keys": 1}


def test_the_check_digit_in_sql_is_that_in_python(con) -> None:
    from ingest.protection.leaks import is_card_sql

    numbers = [card.replace(" ", "").replace("-", "") for card in CARDS] + NO_CARDS
    numbers += [f"411111111111{n:04d}" for n in range(200)]
    con.execute("CREATE TABLE n AS SELECT unnest($1::VARCHAR[]) AS v", [numbers])
    found = con.execute(f"SELECT v, coalesce({is_card_sql('v')}, FALSE) FROM n").fetchall()
    assert dict(found) == {number: is_card(number) for number in numbers}


@pytest.mark.parametrize(
    ("email", "normal", "folded"),
    [
        ("J.Doe+shop@Gmail.com", "j.doe+shop@gmail.com", "jdoe@gmail.com"),
        ("jdoe@googlemail.com", "jdoe@googlemail.com", "jdoe@gmail.com"),
        ("j.doe+a@example.org", "j.doe+a@example.org", "j.doe@example.org"),
        ('"quoted"@example.org', "quoted@example.org", "quoted@example.org"),
        ('"a b"@example.org', '"a b"@example.org', '"a b"@example.org'),
        ("x@BÜCHER.example", "x@xn--bcher-kva.example", "x@xn--bcher-kva.example"),
        ("x@bu\u0308cher.example", "x@xn--bcher-kva.example", "x@xn--bcher-kva.example"),
        ("+only@example.org", "+only@example.org", "+only@example.org"),
    ],
)
def test_b29_spellings_of_a_mailbox(email: str, normal: str, folded: str) -> None:
    assert normal_email(email) == normal
    assert folded_email(email) == folded


def test_b30_a_look_alike_domain_is_another_domain() -> None:
    assert domain_of("x@exаmple.org") == "xn--exmple-4nf.org"  # with a Cyrillic а
    assert domain_of("x@example.org") == "example.org"


def test_b32_b33_b34_spellings_of_a_name() -> None:
    assert normal_name("Jo\u0308rg  GROSS") == normal_name("Jörg Groß".upper())
    assert normal_name("A\u200bda\ufe0f Example") == "ada example"
    assert normal_name("İ") == normal_name("i̇")
    assert normal_name("I") != normal_name("ı")


@pytest.mark.parametrize(
    ("phone", "normal"),
    [("+49 (30) 555-01", "+493055501"), ("0049 30 55501", "+493055501"), ("030 55501", "03055501")],
)
def test_spellings_of_a_telephone_number(phone: str, normal: str) -> None:
    assert normal_phone(phone) == normal


def test_tokens_keep_equality_and_nothing_else() -> None:
    one, two = Protector(KEY), Protector(b"another key of its own")
    token = one.token("email", "x@example.org")
    assert re.fullmatch(r"email~[0-9a-f]{8}~[a-z2-7]{26}", token)
    assert token == Protector(KEY).token("email", "x@example.org")
    others = [
        one.token("email", "y@example.org"),
        one.token("phone", "x@example.org"),
        one.token("email", "x@example.org", scope="stripe"),
        two.token("email", "x@example.org"),
    ]
    assert len({token, *others}) == 5
    assert one.key_id != two.key_id


def people(read, con):
    rows = [
        {"account_id": "a1", "email": "J.Doe+x@Gmail.com", "phone": "+49 30 1", "name": "Jörg D"},
        {"account_id": "a2", "email": "jdoe@gmail.com", "phone": "0049301", "name": "JÖRG  d"},
        {"account_id": "a3", "email": "z@bücher.example", "email_domain": "Given.example"},
        {"account_id": "a4", "email_domain": "bücher.example", "close_reason": f"card {CARDS[0]}"},
        {"account_id": "a5", "organisation": f"{SECRETS[0]} & sons"},
    ]
    found = read("\n".join(json.dumps(row | {"created_at": TS}) for row in rows))
    counts = Protector(KEY).protect(con, found.reading.accepted, "account")
    table = con.sql(f"SELECT * FROM {found.reading.accepted} ORDER BY row")
    return found, counts, table.to_arrow_table().to_pylist()


def test_people_become_tokens_in_place(read, con) -> None:
    before, counts, after = people(read, con)
    assert "canary" not in str(after)
    for clear in ("Doe", "doe@", "Jörg", "JÖRG", "+49", "0049", CARDS[0], SECRETS[0]):
        assert clear not in str(after)
    assert [row["email_domain"] for row in after] == [
        "gmail.com",
        "gmail.com",
        "given.example",
        "xn--bcher-kva.example",
        None,
    ]
    assert after[0]["email"] != after[1]["email"]
    assert after[0]["email_folded"] == after[1]["email_folded"]
    assert after[0]["phone"] == after[1]["phone"]
    assert after[0]["name"] == after[1]["name"]
    assert after[3]["close_reason"] == "card [card number]"
    assert after[4]["organisation"] == "[key] & sons"
    assert counts == {"card_numbers": 1, "keys": 1}
    assert [row["row_hash"] for row in after] == before.column("row_hash")


def test_row_hashes_do_not_know_people_or_keys(read, con) -> None:
    line = json.dumps({"account_id": "a", "created_at": TS, "email": "x@example.org"})
    other = line.replace("x@example.org", "y@example.org")
    assert read(line).column("row_hash") == read(other).column("row_hash")
    assert read(line).column("row_hash") != read(line.replace('"a"', '"b"')).column("row_hash")


def test_b39_secrets_in_prompts_and_ids_go(read, con) -> None:
    rows = [
        {"prompt": f"my key is {SECRETS[1]} and card {CARDS[1]}", "api_key_id": SECRETS[0]},
        {"prompt": "sum 4111111111111112", "api_key_id": "key_1", "session_id": CARDS[0]},
    ]
    ids = {"ts": TS, "account_id": "a"}
    lines = [json.dumps(row | ids | {"exchange_id": f"e{i}"}) for i, row in enumerate(rows)]
    found = read("\n".join(lines), "canonical.exchange")
    Protector(KEY).protect(con, found.reading.accepted, "exchange")
    query = f"SELECT prompt, api_key_id, session_id FROM {found.reading.accepted} ORDER BY row"
    assert con.execute(query).fetchall() == [
        ("my key is [key] and card [card number]", None, None),
        ("sum 4111111111111112", "key_1", None),
    ]
