"""What client software a user agent names."""

from __future__ import annotations

import time

import pytest

from ingest.enrichment import Site
from ingest.enrichment.client_software import CLIENT_SOFTWARE, clients

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "{}/138.0.7204.100 Safari/537.36"
)
NAMED = [
    ("OpenAI/Python 1.55.3", "openai-python", "1.55.3", "sdk"),
    ("AsyncOpenAI/Python 1.55.3", "openai-python", "1.55.3", "sdk"),
    ("OpenAI/JS 4.77.0", "openai-node", "4.77.0", "sdk"),
    ("Anthropic/Python 0.40.0", "anthropic-python", "0.40.0", "sdk"),
    ("AsyncAnthropic/Python 0.40.0", "anthropic-python", "0.40.0", "sdk"),
    ("Anthropic/JS 0.33.1", "anthropic-node", "0.33.1", "sdk"),
    ("claude-cli/1.0.61 (external, cli)", "claude-cli", "1.0.61", "cli"),
    ("codex_cli_rs/0.21.0 (Mac OS 15.5)", "codex-cli", "0.21.0", "cli"),
    ("litellm/1.52.0", "litellm", "1.52.0", "sdk"),
    ("langchain-openai/0.2.1", "langchain", "0.2.1", "sdk"),
    ("Boto3/1.35.1 md/Botocore#1.35.1 ua/2.0 os/linux", "aws-sdk", "1.35.1", "sdk"),
    ("python-httpx/0.27.2", "httpx", "0.27.2", "http_library"),
    ("Python/3.11 aiohttp/3.9.5", "aiohttp", "3.9.5", "http_library"),
    ("python-requests/2.32.3", "requests", "2.32.3", "http_library"),
    ("node-fetch/1.0 (+https://github.com/bitinn/node-fetch)", "node-fetch", "1.0", "http_library"),
    ("undici", "undici", None, "http_library"),
    ("node", "node", None, "http_library"),
    ("axios/1.7.7", "axios", "1.7.7", "http_library"),
    ("okhttp/4.12.0", "okhttp", "4.12.0", "http_library"),
    ("Go-http-client/1.1", "go-http-client", "1.1", "http_library"),
    ("PostmanRuntime/7.42.0", "postman", "7.42.0", "app"),
    ("curl/8.9.1", "curl", "8.9.1", "cli"),
    (CHROME.format("HeadlessChrome"), "headless-chrome", "138.0.7204.100", "headless"),
    (CHROME.format("Chrome"), "Chrome", "138", "browser"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox", "130",
     "browser"),
]  # fmt: skip
NAMES_NOTHING = ["client/1.0", "x", "gotcha/1.0", "nodemon-like thing", "curling club app"]


def told(value: str) -> dict[str, str]:
    rows = [
        row
        for source in CLIENT_SOFTWARE.open(Site())
        for row in source.look_up([value]).to_pylist()
    ]
    assert len({row["property"] for row in rows}) == len(rows), "one product is told once"
    return {row["property"]: row["value"] for row in rows}


@pytest.mark.parametrize(("value", "product", "release", "kind"), NAMED)
def test_it_names_the_software(value: str, product: str, release: str | None, kind: str) -> None:
    found = told(value)
    assert found["client_product"] == product
    assert found.get("client_version") == release
    assert found["client_kind"] == kind


@pytest.mark.parametrize("value", NAMES_NOTHING)
def test_what_no_rule_knows_has_no_kind(value: str) -> None:
    assert "client_kind" not in told(value)


def test_the_operating_system_is_told_beside_the_product() -> None:
    assert told(CHROME.format("HeadlessChrome"))["client_os"] == "Windows"


def test_every_line_of_the_table_is_reached() -> None:
    products = [client.product for client in clients()]
    assert len(products) == len(set(products))
    assert len(products) >= 40


@pytest.mark.parametrize("filling", ["A", "(", "1.", "; ", "a/1 ", "OpenAI/", "Build/", " ", "\\"])
def test_a_hostile_user_agent_costs_no_time(filling: str) -> None:
    value = (filling * 256)[:256]
    start = time.process_time()
    for source in CLIENT_SOFTWARE.open(Site()):
        source.look_up([f"{value}{i}" for i in range(5)])
    assert time.process_time() - start < 2.0  # the first look-up loads the rules
