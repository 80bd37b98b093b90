"""Sealing: a BagIt bag with SHA-256 manifests, and an Ed25519 signature over the tag manifest.

The tag manifest covers bagit.txt, bag-info.txt and the manifest; the manifest covers every payload
file; so one signature covers every byte. The signature lies beside, in ``signature.json``.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import bagit
import platformdirs
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from graph_models.errors import UsageError

__all__ = [
    "SIGNATURE",
    "TAG_MANIFEST",
    "Signer",
    "check_signature",
    "fingerprint",
    "seal",
    "signing_keys",
]

SIGNATURE = "signature.json"
TAG_MANIFEST = "tagmanifest-sha256.txt"


def signing_keys() -> Path:
    """Where this person's signing keys lie: the user's own settings, never the workspace."""
    return Path(platformdirs.user_config_dir("attribution-workbench")) / "signing"


@dataclass(frozen=True)
class Signer:
    """A person with a key. ``name`` is what the pack says; the fingerprint is what counts."""

    name: str
    key: Ed25519PrivateKey

    @classmethod
    def load(cls, name: str, folder: Path) -> Signer:
        """The key of that name under ``folder``, made at the first use (mode 0600)."""
        if not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
            raise UsageError(
                f"{name!r} is no name for a key.", fix="Use letters, digits, - _ and ."
            )
        path = folder / f"{name}.pem"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            path.write_bytes(_pem(Ed25519PrivateKey.generate()))
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise UsageError("The signing key is not Ed25519.", where=str(path), fix="Remove it.")
        return cls(name, key)


def seal(folder: Path, signer: Signer, as_of: datetime, info: dict[str, str]) -> str:
    """Turn a folder of files into a signed bag; returns the SHA-256 of the tag manifest."""
    bagit.make_bag(
        str(folder), {**info, "Bagging-Date": as_of.date().isoformat()}, checksums=["sha256"]
    )
    manifest = _two_spaces(folder / TAG_MANIFEST)
    digest = hashlib.sha256(manifest).hexdigest()
    public = signer.key.public_key()
    statement = {
        "algorithm": "Ed25519",
        "fingerprint": fingerprint(public),
        "sha256": digest,
        "signed_by": signer.name,
        "signs": TAG_MANIFEST,
    }
    signature = {
        "statement": statement,
        "public_key": base64.b64encode(_raw(public)).decode(),
        "signature": base64.b64encode(signer.key.sign(_canonical(statement))).decode(),
    }
    (folder / SIGNATURE).write_text(_written(signature), encoding="utf-8")
    return digest


def check_signature(folder: Path) -> tuple[dict[str, str], str | None]:
    """The signed statement, and what is wrong with the signature (None: nothing)."""
    path = folder / SIGNATURE
    if not path.is_file():
        return {}, "missing: the pack is unsigned"
    try:
        text = path.read_text(encoding="utf-8")
        signature = json.loads(text)
        statement: dict[str, str] = signature["statement"]
        raw = base64.b64decode(signature["public_key"], validate=True)
        public = Ed25519PublicKey.from_public_bytes(raw)
        signed = base64.b64decode(signature["signature"], validate=True)
        public.verify(signed, _canonical(statement))
    except InvalidSignature:
        return {}, "altered: the signature does not fit the statement"
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}, "cannot be read as a signature"
    if statement.get("fingerprint") != fingerprint(public) or text != _written(signature):
        return {}, "altered: not as the signer wrote it"
    return statement, None


def fingerprint(public: Ed25519PublicKey) -> str:
    """The first 32 hex digits of the SHA-256 of the raw public key."""
    return hashlib.sha256(_raw(public)).hexdigest()[:32]


def _canonical(statement: dict[str, str]) -> bytes:
    return json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()


def _written(signature: Mapping[str, object]) -> str:
    return json.dumps(signature, indent=2, sort_keys=True) + "\n"


def _two_spaces(path: Path) -> bytes:
    """Two spaces between digest and name: ``sha256sum --check`` insists, bagit writes one."""
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("".join("  ".join(line.split(None, 1)) + "\n" for line in lines), "utf-8")
    return path.read_bytes()


def _raw(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
