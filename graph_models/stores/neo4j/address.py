"""Where a Neo4j store is and who may enter: the URL names the place, never a password."""

from __future__ import annotations

import ipaddress
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import platformdirs

from graph_models.errors import BadDataError, UsageError
from graph_models.text import inert

__all__ = ["SCHEMES", "Address", "Credentials"]

SCHEMES: tuple[str, ...] = ("neo4j", "bolt", "neo4j+s", "bolt+s")
DEFAULT_USER = "neo4j"
DEFAULT_PASSWORD = "neo4j"  # noqa: S105 - the one that every server is shipped with, to refuse it
DEFAULT_PORT = 7687
DEFAULT_NAME = "default"
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Address:
    """``scheme://host:port/name``: a server, and the name of the graph store within it."""

    scheme: str
    host: str
    port: int = DEFAULT_PORT
    name: str = DEFAULT_NAME

    def __post_init__(self) -> None:
        if not self.scheme.endswith("+s") and not _is_this_machine(self.host):
            raise UsageError(
                f"{inert(repr(self.server))} would send passwords and data unencrypted.",
                fix=f"Use {self.scheme}+s:// for a host other than this machine.",
            )

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read a URL; UsageError for credentials in it, a bad name, or plain text to the network.

        The refusal never repeats what stands before an @, which may be a password.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or DEFAULT_PORT
        except ValueError:
            raise _unreadable("it cannot be read as a URL") from None
        _check_no_secrets(parts)
        name = parts.path.strip("/") or DEFAULT_NAME
        if not parts.hostname or not _NAME.fullmatch(name):
            raise _unreadable("it needs a host, and a name of letters, digits, . _ -")
        return cls(parts.scheme, parts.hostname, port, name)

    @property
    def server(self) -> str:
        """The URL of the server alone, as the driver takes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.server}/{self.name}"


def _check_no_secrets(parts: SplitResult) -> None:
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            "A store's URL holds no user, password or options.",
            fix="Set WORKBENCH_NEO4J_PASSWORD, or write a secrets file (docs/neo4j.md).",
        )


def _unreadable(why: str) -> UsageError:
    return UsageError(
        f"This is no URL of a Neo4j store: {why}.", fix="Write neo4j://127.0.0.1:7687"
    )


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Credentials:
    """Who enters. Shown nowhere: the password is no part of how this prints."""

    user: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        if self.password == DEFAULT_PASSWORD:
            raise UsageError(
                "The default password is refused: everybody knows it.",
                fix="Give the server another one, then set WORKBENCH_NEO4J_PASSWORD.",
            )

    @property
    def pair(self) -> tuple[str, str]:
        """User and password, as the driver takes them."""
        return self.user, self.password

    @classmethod
    def known(cls, environment: Mapping[str, str] = os.environ) -> Credentials:
        """From the environment, else from the secrets file; UsageError when neither has any."""
        password = environment.get("WORKBENCH_NEO4J_PASSWORD")
        if password:
            return cls(environment.get("WORKBENCH_NEO4J_USER") or DEFAULT_USER, password)
        told = environment.get("WORKBENCH_SECRETS")
        path = Path(told) if told else platformdirs.user_config_path("workbench") / "secrets.toml"
        if not told and not path.exists():
            raise UsageError(
                "There is no password for the Neo4j store.",
                fix=f"Set WORKBENCH_NEO4J_PASSWORD, or write {path} (docs/neo4j.md).",
            )
        return cls.from_file(path)

    @classmethod
    def from_file(cls, path: Path) -> Credentials:
        """From ``[neo4j] user, password`` in a TOML file that nobody but its owner can read."""
        try:
            mode = path.stat().st_mode
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise UsageError(
                f"The secrets file cannot be read: {reason}.", where=str(path)
            ) from None
        if mode & _OTHERS:
            raise UsageError(
                "The secrets file is open to others.", where=str(path), fix=f"chmod 600 {path}"
            )
        return cls._from_text(text, path)

    @classmethod
    def _from_text(cls, text: str, path: Path) -> Credentials:
        try:
            told = tomllib.loads(text)["neo4j"]
            user, password = told.get("user", DEFAULT_USER), told["password"]
        except (tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError):
            user = password = None
        if not (isinstance(user, str) and isinstance(password, str) and password):
            raise BadDataError(
                "The secrets file has no password for Neo4j.",
                where=str(path),
                fix='Write: [neo4j] user = "neo4j" and password = "…" on lines of their own.',
            )
        return cls(user, password)
