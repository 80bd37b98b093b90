"""Protection of what was read: tokens for email, phone and name; no card numbers, no raw keys.

A token is ``class~key id~base32(HMAC-SHA256)`` over the value in its normal form, with a key of its
own for each class: equal values have equal tokens, and without the key nothing can be tried out
(reference/formats.md §6.3). Everything works on distinct values and joins back.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping

import duckdb
import pyarrow as pa

from ingest import sql
from ingest.events import Column, event_named
from ingest.protection.leaks import SUSPECT, is_card, mask

__all__ = [
    "Protector",
    "domain_of",
    "folded_email",
    "is_open",
    "normal_email",
    "normal_name",
    "normal_phone",
]

# Mailboxes that read "j.doe+shop" as "jdoe": (domains, the one that stands for them).
_DOTLESS = ("gmail.com", "googlemail.com")
_UNSEEN = re.compile("[\u00ad\u034f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_MASKED_TYPES = ("id", "text", "upper", "lower", "json", "messages")


def _ascii_domain(domain: str) -> str:
    domain = unicodedata.normalize("NFC", domain).lower().rstrip(".")
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def domain_of(email: str) -> str:
    """The domain of an address, lower case and in ASCII form."""
    return _ascii_domain(email.rpartition("@")[2])


def normal_email(email: str) -> str:
    """One spelling of an address: NFC, lower case, ASCII domain, no quotes that need not be."""
    local = unicodedata.normalize("NFC", email.rpartition("@")[0]).lower()
    if re.fullmatch(r'"[^"\\@\s]+"', local):
        local = local[1:-1]
    return f"{local}@{domain_of(email)}"


def folded_email(email: str) -> str:
    """The mailbox behind an address: no plus tag, and no dots where the provider ignores them."""
    local, _, domain = normal_email(email).rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), _DOTLESS[0]
    return f"{local}@{domain}"


def normal_phone(phone: str) -> str:
    """Digits with ``+`` for an international number; ``00`` counts as ``+``."""
    text = unicodedata.normalize("NFKC", phone).strip()
    digits = re.sub(r"[^0-9]", "", text)
    if text.startswith("+"):
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") else digits


def normal_name(name: str) -> str:
    """A name as it compares: NFKC, case folded (ß as ss), invisible signs and spare blanks out."""
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", name))
    return " ".join(unicodedata.normalize("NFKC", text.casefold()).split())


_NORMAL: Mapping[str, Callable[[str], str]] = {
    "email": normal_email,
    "phone": normal_phone,
    "person": normal_name,
}


def is_open(column: Column) -> bool:
    """Whether a column keeps text in clear, so that secrets must be looked for in it."""
    return column.type in _MASKED_TYPES and column.cls not in _NORMAL


class Protector:
    """Makes tokens with one key, and takes out of tables what must not be stored."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.key_id = hmac.new(key, b"workbench/v1/key id", hashlib.sha256).hexdigest()[:8]
        self._class_keys: dict[str, bytes] = {}

    def token(self, cls: str, normal: str, *, scope: str = "") -> str:
        """The token of a value that is already in its normal form."""
        key = self._class_keys.get(cls)
        if key is None:
            key = hmac.digest(self._key, f"workbench/v1/{cls}".encode(), "sha256")
            self._class_keys[cls] = key
        message = f"{scope}\x1f{normal}".encode("utf-8", "surrogatepass")
        digest = hmac.digest(key, message, "sha256")[:16]
        return f"{cls}~{self.key_id}~{base64.b32encode(digest).decode().rstrip('=').lower()}"

    def protect(self, con: duckdb.DuckDBPyConnection, table: str, kind: str) -> Mapping[str, int]:
        """Protect a table of accepted rows in place.

        Email, phone and name become tokens; ``account`` gains ``email_folded``, the token of the
        mailbox, and ``email_domain`` where the log did not say it.

        Returns:
            What was taken out, by occurrence in rows: ``card_numbers``, ``keys``, ``passwords``.
        """
        event, counts = event_named(kind), Counter[str]()
        for column in event.columns:
            if column.cls == "email":
                self._tokenise_email(con, table, column.name)
            elif column.cls in _NORMAL:
                self._tokenise(con, table, column)
        self._mask(con, table, event.columns, counts)
        return dict(counts)

    def _tokenise(self, con: duckdb.DuckDBPyConnection, table: str, column: Column) -> None:
        values = _distinct(con, table, column.name, "TRUE")
        tokens = [self.token(column.cls, _NORMAL[column.cls](value)) for value in values]
        _replace(con, table, column.name, values, {column.name: tokens})

    def _tokenise_email(self, con: duckdb.DuckDBPyConnection, table: str, name: str) -> None:
        con.execute(f"ALTER TABLE {table} ADD COLUMN email_folded VARCHAR")
        domains = _distinct(con, table, "email_domain", "NOT regexp_full_match(v, '[!-~]*')")
        ascii_domains = [_ascii_domain(domain) for domain in domains]
        _replace(con, table, "email_domain", domains, {"email_domain": ascii_domains})
        values = _distinct(con, table, name, "TRUE")
        found = {
            name: [self.token("email", normal_email(value)) for value in values],
            "email_folded": [self.token("mailbox", folded_email(value)) for value in values],
        }
        given = "coalesce(t.email_domain, m.email_domain)"
        domain = {"email_domain": [domain_of(value) for value in values]}
        _replace(con, table, name, values, found | domain, instead={"email_domain": given})

    def redact(self, con: duckdb.DuckDBPyConnection, rejected: str) -> None:
        """Take card numbers, keys and passwords out of what the rejected rows show, in place."""
        values = _suspect_values(con, rejected, "value")
        clean = [mask(value, Counter()) for value, _ in values]
        _replace(con, rejected, "value", [value for value, _ in values], {"value": clean})

    def _mask(
        self,
        con: duckdb.DuckDBPyConnection,
        table: str,
        columns: tuple[Column, ...],
        counts: Counter[str],
    ) -> None:
        open_columns = [column for column in columns if is_open(column)]
        suspects = _suspects(con, table, [column.name for column in open_columns])
        for column in open_columns:
            if not suspects[column.name]:
                continue
            values = _suspect_values(con, table, column.name)
            clean = []
            for value, rows in values:
                found = Counter[str]()
                clean.append(self._clean(column, value, found))
                for what, times in found.items():
                    counts[what] += times * rows
            _replace(con, table, column.name, [v for v, _ in values], {column.name: clean})

    def _clean(self, column: Column, value: str, counts: Counter[str]) -> str | None:
        """Text keeps what is around a secret; an id that holds one goes as a whole.

        An id that a row needs becomes a token, so that rows keep their account and none merge.
        """
        masked = mask(value, counts)
        if column.type == "id" and masked != value:
            needed = column.required or column.name == "account_id"
            return self.token("id", value) if needed else None
        if column.cls == "instrument" and is_card(value):
            return None
        return masked


def _suspects(con: duckdb.DuckDBPyConnection, table: str, names: list[str]) -> dict[str, bool]:
    if not names:
        return {}
    tests = ", ".join(
        f"bool_or(regexp_matches({sql.name(name)}, {sql.text(SUSPECT)}))" for name in names
    )
    found = con.execute(f"SELECT {tests} FROM {table}").fetchall()[0]
    return {name: bool(hit) for name, hit in zip(names, found, strict=True)}


def _distinct(con: duckdb.DuckDBPyConnection, table: str, name: str, condition: str) -> list[str]:
    rows = con.execute(
        f"SELECT v FROM (SELECT DISTINCT {sql.name(name)} AS v FROM {table}) "
        f"WHERE v IS NOT NULL AND {condition}"
    ).fetchall()
    return [row[0] for row in rows]


def _suspect_values(con: duckdb.DuckDBPyConnection, table: str, name: str) -> list[tuple[str, int]]:
    """The values that ``mask`` should look at, and how many rows hold each."""
    return con.execute(
        f"SELECT {sql.name(name)} AS v, count(*) FROM {table} "
        f"WHERE regexp_matches(v, {sql.text(SUSPECT)}) GROUP BY v ORDER BY v"
    ).fetchall()


def _replace(
    con: duckdb.DuckDBPyConnection,
    table: str,
    name: str,
    values: list[str],
    found: Mapping[str, list[str] | list[str | None]],
    *,
    instead: Mapping[str, str] | None = None,
) -> None:
    """Set columns where ``name`` has one of the values; ``instead`` gives other SQL for some."""
    if not values:
        return
    columns = {key: pa.array(items, pa.string()) for key, items in found.items()}
    con.register("protected", pa.table({"v": pa.array(values, pa.string()), **columns}))
    given = instead or {}
    settings = ", ".join(
        f"{sql.name(key)} = {given.get(key, f'm.{sql.name(key)}')}" for key in found
    )
    con.execute(
        f"UPDATE {table} AS t SET {settings} FROM protected AS m WHERE t.{sql.name(name)} = m.v"
    )
    con.unregister("protected")
