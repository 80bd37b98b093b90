"""What client software a user agent names: our table of SDKs and libraries, then ua-parser's rules.

The caller writes his user agent himself, so this tells what he says, not what he runs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import NamedTuple

import pyarrow as pa
import ua_parser

from graph_models.codes import digest_text
from ingest.enrichment.provider import Enrichment, Site, Source, answer

__all__ = ["CLIENT_SOFTWARE", "KINDS_OF_CLIENT", "Client", "clients"]

KINDS_OF_CLIENT: tuple[str, ...] = (
    "sdk", "http_library", "browser", "headless", "cli", "app", "crawler",
)  # fmt: skip
TABLE = "workbench client table"
RULES = "ua-parser"
TABLE_MOST = 100_000
"""User agents that our table looks at: 10,000 a second, so 10 s at most."""
RULES_MOST = 20_000
"""User agents that the rules look at: 2,000 a second without ua-parser-rs, so 10 s at most."""

# Families that ua-parser gives to browsers which people use; every other family stays of no kind.
_BROWSERS: frozenset[str] = frozenset(
    (
        "Chrome", "Chrome Mobile", "Chrome Mobile WebView", "Chrome Mobile iOS", "Chromium", "Edge",
        "Edge Mobile", "Firefox", "Firefox Mobile", "Firefox iOS", "IE", "IE Mobile",
        "MIUI Browser", "Mobile Safari", "Mobile Safari UI/WKWebView", "Opera", "Opera Mobile",
        "Opera Mini", "QQ Browser", "QQ Browser Mobile", "Safari", "Samsung Internet", "UC Browser",
        "Vivaldi", "WeChat", "Yandex Browser",
    )
)  # fmt: skip
_OS_NAMES_NOTHING = "Other"


class Told(NamedTuple):
    """What one user agent says; None is unknown."""

    product: str | None = None
    version: str | None = None
    kind: str | None = None
    os: str | None = None


@dataclass(frozen=True)
class Client:
    """One line of ``clients.toml``; the first group of ``pattern`` is the version."""

    product: str
    kind: str
    pattern: re.Pattern[str]

    def __post_init__(self) -> None:
        if self.kind not in KINDS_OF_CLIENT or self.pattern.groups != 1:
            raise ValueError(f"Client {self.product!r}: a kind of {KINDS_OF_CLIENT}, one group.")


@cache
def _table() -> tuple[str, str]:
    """The text of the table and its date."""
    text = files("ingest.enrichment").joinpath("clients.toml").read_text(encoding="utf-8")
    return text, str(tomllib.loads(text)["date"])


@cache
def clients() -> tuple[Client, ...]:
    """The table, in the order in which it is tried."""
    rows = tomllib.loads(_table()[0])["client"]
    return tuple(Client(r["product"], r["kind"], re.compile(r["pattern"], re.I)) for r in rows)


def _by_table(value: str) -> Told:
    for client in clients():
        found = client.pattern.search(value)
        if found:
            return Told(client.product, found[1] or None, client.kind)
    return Told()


def _by_rules(value: str) -> Told:
    """What the rules say; of a client that our table names, only the operating system."""
    wanted = ua_parser.Domain.USER_AGENT | ua_parser.Domain.OS
    found = ua_parser.parser(value, wanted)
    system = found.os.family if found.os else None
    told = Told(os=None if system == _OS_NAMES_NOTHING else system)
    if found.user_agent is None or _by_table(value).product:
        return told
    family = found.user_agent.family
    kind = "browser" if family in _BROWSERS else None
    return told._replace(product=family, version=found.user_agent.major, kind=kind)


def _facts(told: Sequence[Told]) -> dict[str, list[str | None]]:
    return {
        "client_product": [item.product for item in told],
        "client_version": [item.version for item in told],
        "client_kind": [item.kind for item in told],
        "client_os": [item.os for item in told],
    }


def _open(_site: Site) -> tuple[Source, ...]:
    text, date = _table()
    own = (TABLE, digest_text(text, size=6), date)
    release = version("ua-parser-builtins")
    rules = (RULES, f"{version('ua-parser')} rules {release}", f"{release[:4]}-{release[4:6]}")

    def by_table(values: Sequence[str]) -> pa.Table:
        return answer(_facts([_by_table(value) for value in values]), own)

    def by_rules(values: Sequence[str]) -> pa.Table:
        return answer(_facts([_by_rules(value) for value in values]), rules)

    licence = "Apache-2.0"
    return (
        Source(
            name=own[0],
            version=own[1],
            date=date,
            licence=licence,
            look_up=by_table,
            most=TABLE_MOST,
        ),
        Source(
            name=RULES,
            version=rules[1],
            date=rules[2],
            licence=licence,
            look_up=by_rules,
            most=RULES_MOST,
        ),
    )


CLIENT_SOFTWARE = Enrichment(
    name="client_software",
    reads="user_agent",
    gives=("client_product", "client_version", "client_kind", "client_os"),
    doc="The product, version, sort of client and operating system that a user agent names.",
    open=_open,
)
