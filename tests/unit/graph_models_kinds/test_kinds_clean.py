"""Each kind's own idea of a clean value, the benign beside the hostile."""

from __future__ import annotations

import hashlib

import pytest

from graph_models.kind import LinkPolicy, Source
from graph_models.kinds import kind_named


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("240.7.0.1", "240.7.0.1"),
        ("240.7.0.1:8080", "240.7.0.1"),
        ("[4000::1]:443", "4000::1"),
        ("4000:0:0:0::0001", "4000::1"),
        ("4000::AB", "4000::ab"),
        ("::ffff:240.7.0.1", "240.7.0.1"),
        ("010.0.0.1", None),  # parsers disagree on what this means
        ("0x7f.1", None),
        ("2130706433", None),
        ("240.7.0", None),
        ("240.7.0.1, 240.7.0.2", None),
        ("fe80::1%eth0", None),
        ("240.7.0.1/32", None),
    ],
)
def test_an_ip_has_one_spelling_or_none(raw: str, value: str | None) -> None:
    assert kind_named("ip").clean(raw) == value


@pytest.mark.parametrize(
    "value",
    [
        "10.1.2.3", "172.31.0.1", "192.168.1.1", "fc00::1", "100.64.0.1", "127.0.0.1", "::1",
        "169.254.1.1", "fe80::1", "224.0.0.1", "ff02::1", "0.0.0.0", "::", "255.255.255.255",
        "192.0.2.7", "198.51.100.7", "203.0.113.7",
    ],
)  # fmt: skip
def test_an_address_that_many_networks_use_never_links(value: str) -> None:
    kind = kind_named("ip")
    assert kind.clean(value) == value  # kept as it was observed
    assert not kind.linkable(value)


@pytest.mark.parametrize(
    "value", ["8.8.8.8", "240.7.0.1", "255.255.255.254", "4000::1", "100.128.0.1", "172.32.0.1"]
)
def test_other_addresses_link(value: str) -> None:
    assert kind_named("ip").linkable(value)


def test_the_prefix_of_an_address() -> None:
    derive = kind_named("ip").derive
    assert derive("240.7.9.1") == {"prefix": "240.7.9.0/24"}
    assert derive("4000:1:2:3::9") == {"prefix": "4000:1:2::/48"}


@pytest.mark.parametrize(
    "raw",
    [
        "00000000-0000-0000-0000-000000000000",
        "{00000000-0000-0000-0000-000000000000}",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "0000000000000000",
        "9774D56D682E549C",
        "03000200-0400-0500-0006-000700080009",
        "To Be Filled By O.E.M.",
        hashlib.md5(b"unknown").hexdigest(),
        hashlib.sha256(b"").hexdigest(),
        "x",
    ],
)
def test_a_value_that_everybody_has_is_no_device(raw: str) -> None:
    assert kind_named("device").clean(raw) is None


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("dv_3", "dv_3"),
        ("6F9619FF-8B86-D011-B42D-00CF4FC964FF", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
        ("pRq7Xz", "pRq7Xz"),
        (hashlib.md5(b"a real machine").hexdigest(), hashlib.md5(b"a real machine").hexdigest()),
    ],
)
def test_a_real_device_keeps_its_id(raw: str, value: str) -> None:
    assert kind_named("device").clean(raw) == value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("stripe/fp_9", "stripe/fp_9"),
        ("Stripe/fp_9", "stripe/fp_9"),
        ("/fp_9", "fp_9"),
        ("fp_9", "fp_9"),
        ("stripe/aB/9=", "stripe/aB/9="),
        ("/aB/9=", "unknown/aB/9="),
        ("stripe/", None),
        ("stripe/unknown", None),
        ("stripe/4242424242424242", None),  # a card number, by its check digit
        ("stripe/4242 4242 4242 4242", None),
        ("stripe/4242424242424241", "stripe/4242424242424241"),
    ],
)
def test_a_card_is_its_fingerprint_and_never_its_number(raw: str, value: str | None) -> None:
    assert kind_named("payment_method").clean(raw) == value


def test_a_secret_key_becomes_a_digest_that_still_links() -> None:
    clean = kind_named("api_key").clean
    secret = "sk-" + "a1B2" * 8
    value = clean(secret)
    assert value is not None
    assert secret[3:] not in value
    assert clean(secret) == value
    assert clean("sk-" + "a1B3" * 8) != value
    assert clean("key_17") == "key_17"


@pytest.mark.parametrize(
    ("raw", "value", "links"),
    [
        ("Ann@Office.Example.", "office.example", True),
        ("bücher.example", "xn--bcher-kva.example", True),
        ("GMAIL.com", "gmail.com", False),
        ("localhost", None, False),
        ("two words.example", None, False),
    ],
)
def test_an_email_domain(raw: str, value: str | None, links: bool) -> None:
    kind = kind_named("email_domain")
    assert kind.clean(raw) == value
    assert value is None or kind.linkable(value) is links


def test_user_agent_and_tls_have_one_spelling() -> None:
    assert kind_named("user_agent").clean("curl/8.1 \t (x)") == "curl/8.1 (x)"
    assert kind_named("tls_fingerprint").clean("T13D1516H2_8DAA") == "t13d1516h2_8daa"


def test_a_long_value_is_bounded_and_stays_distinct() -> None:
    clean = kind_named("user_agent").clean
    one, other = clean("a" * 10_000), clean("a" * 9_999 + "b")
    assert one is not None
    assert len(one) <= 256
    assert one != other


def test_a_descriptor_refuses_nonsense() -> None:
    with pytest.raises(ValueError, match="probability"):
        LinkPolicy(reuse=1.5, hub_degree=10, cap_bits=1.0, reason="no.")
    with pytest.raises(ValueError, match="hub_degree"):
        LinkPolicy(reuse=0.5, hub_degree=1, cap_bits=1.0, reason="no.")
    with pytest.raises(ValueError, match="column"):
        Source(event="exchange", columns=())
