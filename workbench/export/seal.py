"""Sealing: a BagIt bag with SHA-256 manifests, and an Ed25519 signature over the tag manifest.

The tag manifest covers bagit.txt, bag-info.txt and the manifest; the manifest covers every payload
file; so one signature covers every byte. The signature lies beside, in ``signature.json``.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import bagit
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from graph_models.errors import UsageError

__all__ = ["SIGNATURE", "TAG_MANIFEST", "Signer", "fingerprint", "seal", "signature_problem"]

SIGNATURE = "signature.json"
TAG_MANIFEST = "tagmanifest-sha256.txt"


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
    manifest = (folder / TAG_MANIFEST).read_bytes()
    public = signer.key.public_key()
    signature = {
        "algorithm": "Ed25519",
        "signed": TAG_MANIFEST,
        "signed_by": signer.name,
        "public_key": base64.b64encode(_raw(public)).decode(),
        "fingerprint": fingerprint(public),
        "signature": base64.b64encode(signer.key.sign(manifest)).decode(),
    }
    text = json.dumps(signature, indent=2, sort_keys=True) + "\n"
    (folder / SIGNATURE).write_text(text, encoding="utf-8")
    return hashlib.sha256(manifest).hexdigest()


def signature_problem(folder: Path) -> str | None:
    """What is wrong with the signature, or None when it fits the tag manifest."""
    path = folder / SIGNATURE
    if not path.exists():
        return "missing: the pack is unsigned"
    try:
        signature = json.loads(path.read_text(encoding="utf-8"))
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(signature["public_key"]))
        if signature["fingerprint"] != fingerprint(public):
            return "the fingerprint does not belong to the public key"
        canonical = json.dumps(signature, indent=2, sort_keys=True) + "\n"
        if path.read_text(encoding="utf-8") != canonical:
            return "is not written as the workbench writes it"
        manifest = (folder / TAG_MANIFEST).read_bytes()
        public.verify(base64.b64decode(signature["signature"], validate=True), manifest)
    except (ValueError, KeyError, TypeError, OSError):
        return "cannot be read as a signature"
    except InvalidSignature:
        return "does not fit the tag manifest: altered, or signed by another key"
    return None


def fingerprint(public: Ed25519PublicKey) -> str:
    """The first 32 hex digits of the SHA-256 of the raw public key."""
    return hashlib.sha256(_raw(public)).hexdigest()[:32]


def _raw(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
