"""The key of a workspace: made once, kept outside its data, never guessed anew."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from platformdirs import user_config_path

from graph_models.errors import UsageError, WorkbenchError

__all__ = ["fingerprint", "key_file", "load_key"]

MIN_LENGTH = 16  # characters of WORKBENCH_KEY: below 80 bits or so a token can be guessed


def fingerprint(key: bytes) -> str:
    """Tells two keys apart without telling the key."""
    return hmac.new(key, b"workbench key check", hashlib.sha256).hexdigest()[:16]


def key_file(workspace_id: str) -> Path:
    """Where the key of a workspace lies unless WORKBENCH_KEY holds it."""
    given = os.environ.get("WORKBENCH_KEY_FILE")
    if given:
        return Path(given).expanduser()
    return user_config_path("workbench") / "keys" / f"{workspace_id}.key"


def _from_text(text: str, where: str) -> bytes:
    if len(text.strip()) < MIN_LENGTH:
        raise UsageError(
            f"The key is shorter than {MIN_LENGTH} characters.",
            where=where,
            fix="Make one with: python -c 'import secrets; print(secrets.token_hex(32))'",
        )
    return hashlib.blake2b(text.strip().encode(), digest_size=32, person=b"workbench-key").digest()


def _from_file(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise WorkbenchError(
            "Other users of this machine may read the key.",
            where=str(path),
            fix=f"Run: chmod 600 {path}",
        )
    return _from_text(path.read_text(encoding="utf-8"), str(path))


def _make(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return _from_file(path)


def load_key(workspace_id: str, root: Path, *, known: str | None) -> bytes:
    """The 32-byte key of a workspace.

    Args:
        workspace_id: names the key file.
        root: folder of the workspace, in which a key may not lie.
        known: fingerprint of the key that the workspace was made with; None makes a new key.

    Raises:
        UsageError: the key lies inside the workspace or is too short.
        WorkbenchError: the key is missing, readable by others, or not the one that was used.
    """
    given = os.environ.get("WORKBENCH_KEY")
    path = key_file(workspace_id)
    if given is None and path.resolve().is_relative_to(root.resolve()):
        raise UsageError(
            "The key lies inside the workspace that it protects.",
            where=str(path),
            fix="Set WORKBENCH_KEY_FILE to a place outside.",
        )
    if given is not None:
        key = _from_text(given, "WORKBENCH_KEY")
    elif path.exists():
        key = _from_file(path)
    elif known is None:
        key = _make(path)
    else:
        raise WorkbenchError(
            "The key of this workspace is missing.",
            where=str(path),
            fix="Restore the file, or set WORKBENCH_KEY or WORKBENCH_KEY_FILE.",
        )
    if known is not None and fingerprint(key) != known:
        raise WorkbenchError(
            "This is not the key that the workspace was made with.",
            where="WORKBENCH_KEY" if given is not None else str(path),
            fix="Give the key that was used; with another one no token would agree.",
        )
    return key
