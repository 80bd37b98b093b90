"""Which column of an unknown log is which canonical one: by the words people use, then by looks."""

from __future__ import annotations

import re
from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ingest.events import EventKind, event_named
from ingest.mapping.fields import word
from ingest.mapping.looks import as_object, look_of
from ingest.mapping.paths import PathInRecord

__all__ = ["Guess", "Seen", "best_kind", "guesses", "seen_in"]

MAX_DEPTH = 6
MAX_PATHS = 400  # a wider record is no log
# The words that sources use for a canonical column, letters and digits only, the usual first.
WORDS: dict[str, tuple[str, ...]] = {
    "account_id": (
        "accountid", "userid", "customerid", "account", "uid", "customer", "user", "memberid",
        "subscriberid", "tenantid", "clientid", "ownerid", "actorid", "principalid", "login",
        "username", "sub", "subject", "who",
    ),
    "ts": (
        "ts", "timestamp", "time", "datetime", "createdat", "created", "eventtime", "starttime",
        "startedat", "date", "loggedat", "occurredat", "published", "requesttime", "when",
    ),
    "exchange_id": ("exchangeid", "requestid", "id", "traceid", "completionid", "callid", "eventid",
                    "correlationid", "uuid"),
    "payment_id": ("paymentid", "chargeid", "transactionid", "id", "txnid", "orderid", "reference",
                   "pspreference", "invoiceid"),
    "login_id": ("loginid", "eventid", "id", "logid", "sessionid", "requestid", "uuid"),
    "request_id": ("requestid", "rayid", "id", "traceid", "correlationid", "eventid", "uuid"),
    "sighting_id": ("sightingid", "eventid", "requestid", "id", "uuid"),
    "created_at": ("createdat", "created", "signupat", "signedupat", "registeredat", "signupdate",
                   "registrationdate", "joinedat", "datejoined"),
    "ip": ("ip", "ipaddress", "clientip", "remoteip", "remoteaddr", "sourceip", "srcip", "callerip",
           "remoteaddress", "clientaddress", "xforwardedfor", "calleripaddress", "host"),
    "signup_ip": ("signupip", "registrationip", "ip", "ipaddress", "createdip"),
    "user_agent": ("useragent", "ua", "httpuseragent", "clientuseragent", "agent", "client"),
    "device_fingerprint": ("devicefingerprint", "deviceid", "visitorid", "fingerprint", "device",
                           "browserid", "machineid"),
    "tls_fingerprint": ("tlsfingerprint", "ja4", "ja3", "ja3hash", "ja3digest"),
    "model": ("model", "modelname", "modelid", "engine", "deployment", "modelgroup"),
    "endpoint": ("endpoint", "operation", "route", "path", "calltype", "api", "method"),
    "input_tokens": ("inputtokens", "prompttokens", "tokensin", "inputtokencount", "requesttokens"),
    "output_tokens": ("outputtokens", "completiontokens", "tokensout", "outputtokencount",
                      "responsetokens"),
    "max_tokens": ("maxtokens", "maxoutputtokens", "maxcompletiontokens"),
    "temperature": ("temperature",),
    "prompt": ("messages", "prompt", "input", "prompttext", "requestbody", "query", "question"),
    "end_user_id": ("enduserid", "enduser", "externaluserid"),
    "api_key_id": ("apikeyid", "apikey", "keyid", "keyhash", "virtualkey", "tokenid"),
    "org_id": ("orgid", "organizationid", "organisationid", "teamid", "workspaceid", "projectid"),
    "session_id": ("sessionid", "conversationid", "threadid", "session"),
    "status": ("status", "statuscode", "state", "result", "outcome", "responsestatus"),
    "outcome": ("outcome", "result", "status", "success", "authenticationstatus"),
    "email": ("email", "emailaddress", "mail", "useremail"),
    "email_domain": ("emaildomain", "domain"),
    "phone": ("phone", "phonenumber", "mobile", "msisdn"),
    "name": ("fullname", "displayname", "name", "realname"),
    "country": ("country", "countrycode", "countryiso", "geocountry"),
    "organisation": ("organisation", "organization", "company", "companyname"),
    "pathway": ("pathway", "plan", "channel", "tier", "signupchannel"),
    "closed_at": ("closedat", "deletedat", "bannedat", "suspendedat", "deactivatedat"),
    "close_reason": ("closereason", "banreason", "suspensionreason"),
    "payment_fingerprint": ("paymentfingerprint", "cardfingerprint", "fingerprint", "instrumentid",
                            "paymentmethodid", "cardid", "alias", "cardhash",
                            "uniquenumberidentifier"),
    "psp": ("psp", "provider", "processor", "gateway", "paymentprovider"),
    "kind": ("kind", "paymentmethodtype", "paymentmethod", "methodtype", "type", "instrumenttype"),
    "bin": ("bin", "iin", "cardbin"),
    "last4": ("last4", "cardlast4", "lastfour", "lastdigits"),
    "issuer_country": ("issuercountry", "cardcountry", "issuingcountry"),
    "funding": ("funding", "cardfunding", "fundingsource"),
    "amount": ("amount", "total", "price", "value", "amountpaid"),
    "currency": ("currency", "currencycode", "currencyisocode"),
    "asn": ("asn", "autonomoussystem", "clientasn", "asnumber"),
}  # fmt: skip
# Looks that a column must have whatever its name, and looks that are enough without a name.
MUST: dict[str, tuple[str, ...]] = {
    "time": ("time",), "ip": ("ip",), "email": ("email",), "int": ("number", "time"),
    "decimal": ("number",), "country": ("country",), "upper": ("currency", "country"),
}  # fmt: skip
ENOUGH: dict[str, tuple[str, ...]] = {
    "ip": ("ip",), "signup_ip": ("ip",), "ts": ("time",), "created_at": ("time",),
    "user_agent": ("user_agent",), "tls_fingerprint": ("ja4",), "prompt": ("messages",),
    "email": ("email",), "account_id": ("customer", "email"), "exchange_id": ("request", "uuid"),
    "payment_id": ("charge",), "request_id": ("request", "uuid"), "login_id": ("uuid",),
    "sighting_id": ("uuid",),
}  # fmt: skip
# Columns by which a kind is told from others; the weight says how much each one tells.
TELLING: dict[str, dict[str, int]] = {
    "exchange": {"model": 3, "input_tokens": 3, "output_tokens": 3, "prompt": 3, "temperature": 1},
    "payment": {"amount": 2, "currency": 3, "last4": 3, "payment_fingerprint": 1, "funding": 2},
    "login": {"outcome": 2, "ip": 1},
    "account": {"created_at": 2, "email": 2, "closed_at": 2, "signup_ip": 1, "pathway": 1},
    "device_sighting": {"device_fingerprint": 3},
    "http_request": {"ip": 1, "asn": 2, "tls_fingerprint": 1, "status": 1},
}
UNIQUE = 0.95  # share of distinct values above which a column may name a row


@dataclass(frozen=True)
class Seen:
    """A path with its values (texts), how many records have it, and what the values look like."""

    path: PathInRecord
    values: tuple[str, ...]
    share: float
    look: str

    @property
    def distinct(self) -> float:
        """Share of distinct values, 0..1."""
        return len(set(self.values)) / max(1, len(self.values))

    @property
    def words(self) -> tuple[str, ...]:
        """The path as words: its last keys, from the longest to the shortest."""
        keys = [re.sub(r"[^a-z0-9]", "", key.lower()) for key in self.path.segments]
        return tuple("".join(keys[start:]) for start in range(len(keys)))


@dataclass(frozen=True)
class Guess:
    """A canonical column and where it seems to stand; ``sure`` is sure, likely or guess."""

    column: str
    seen: Seen
    sure: str
    why: str
    rank: tuple[int, int, float]


def seen_in(records: Sequence[Table[str, Any]]) -> tuple[list[Seen], list[PathInRecord]]:
    """The leaves of some records, and the paths at which JSON stands as text."""
    found: dict[tuple[str, ...], list[str]] = {}
    packed: set[tuple[str, ...]] = set()
    for record in records:
        _leaves(record, (), found, packed)
    leaves = [
        Seen(PathInRecord(key), tuple(values), len(values) / len(records), look_of(values))
        for key, values in found.items()
    ]
    return leaves, [PathInRecord(key) for key in sorted(packed)]


def _leaves(
    value: Any,
    path: tuple[str, ...],
    found: dict[tuple[str, ...], list[str]],
    packed: set[tuple[str, ...]],
) -> None:
    inner = as_object(value) if path else value
    if isinstance(inner, dict) and inner and len(path) < MAX_DEPTH:
        if isinstance(value, str):
            packed.add(path)
        for key, item in inner.items():
            if _is_plain(key):
                _leaves(item, (*path, key), found, packed)
        if "messages" not in inner:
            return
    if value is None or value == "" or (path not in found and len(found) >= MAX_PATHS):
        return
    text = word(value) if not isinstance(value, dict | list) else _json(value)
    found.setdefault(path, []).append(text)


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


def _is_plain(key: str) -> bool:
    return bool(key) and len(key) <= 100 and key.isprintable() and not set(key) & {'"', "\\"}


def guesses(kind: str, leaves: Sequence[Seen]) -> dict[str, Guess]:
    """For each column of a kind the best leaf, no leaf for two columns."""
    event = event_named(kind)
    every = [guess for leaf in leaves for guess in _of_leaf(event, leaf)]
    chosen: dict[str, Guess] = {}
    taken: set[PathInRecord] = set()
    for guess in sorted(every, key=lambda item: (item.rank, str(item.seen.path))):
        if guess.column not in chosen and guess.seen.path not in taken:
            chosen[guess.column] = guess
            taken.add(guess.seen.path)
    return chosen


def _of_leaf(event: EventKind, leaf: Seen) -> list[Guess]:
    found = []
    for column in event.columns:
        named = _named(column.name, leaf)
        must = MUST.get(column.type, ())
        fits = not must or leaf.look in must
        looks = leaf.look in ENOUGH.get(column.name, ())
        is_id = column.name == event.id_columns[0] and column.name != "account_id"
        if is_id and leaf.distinct < UNIQUE:
            continue
        if named is not None and fits:
            sure, why = ("sure", "name and values") if must or looks else ("likely", "name")
            found.append(Guess(column.name, leaf, sure, why, (0, named, -leaf.share)))
        elif looks:
            found.append(Guess(column.name, leaf, "guess", "values", (1, 0, -leaf.share)))
    return found


def _named(column: str, leaf: Seen) -> int | None:
    """The place of the first of a column's words that the path ends in; None when none does."""
    words = WORDS.get(column, (re.sub("_", "", column),))
    return next((place for place, name in enumerate(words) if name in leaf.words), None)


def best_kind(leaves: Sequence[Seen]) -> str:
    """The kind of event that the leaves tell of most."""

    def told(kind: str) -> tuple[int, int]:
        found = guesses(kind, leaves)
        named = [name for name, guess in found.items() if guess.sure != "guess"]
        required = sum(name in found for name in event_named(kind).required)
        return sum(TELLING[kind].get(name, 0) for name in named), required

    return max(TELLING, key=told)
