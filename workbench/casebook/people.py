"""People: a registered name with an Ed25519 key, which lies outside the workspace."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from graph_models.errors import UsageError
from workbench.casebook.entry import Draft, Entry
from workbench.casebook.rules import WRITING
from workbench.export.seal import Signer, fingerprint

__all__ = ["REGISTERED", "Person", "fits", "people_of", "registration", "signature", "signer_of"]

REGISTERED = "person registered"


@dataclass(frozen=True, kw_only=True)
class Person:
    """A registered person: the public key is what counts, the name is what people read."""

    name: str
    public_key: str
    fingerprint: str
    at: str


def people_of(entries: Iterable[Entry]) -> dict[str, Person]:
    """Everybody who is registered, by name; the first registration of a name holds."""
    found: dict[str, Person] = {}
    for entry in entries:
        if entry.kind == REGISTERED and entry.person not in found:
            body = entry.body
            found[entry.person] = Person(
                name=entry.person,
                public_key=str(body.get("public_key", "")),
                fingerprint=str(body.get("fingerprint", "")),
                at=entry.at,
            )
    return found


def registration(name: str, folder: Path) -> tuple[Draft, Signer]:
    """The entry that registers a name with its key on this machine; the key is made if need be."""
    if len(name) > WRITING.name:
        raise UsageError(
            f"A name has at most {WRITING.name} characters.", fix="Take a shorter one."
        )
    signer = Signer.load(name, folder)
    public = signer.key.public_key()
    body = {"public_key": _text(public), "fingerprint": fingerprint(public)}
    return Draft(kind=REGISTERED, person=name, subject=f"person:{name}", body=body), signer


def signer_of(name: str, people: Mapping[str, Person], folder: Path) -> Signer:
    """The key with which a registered person signs.

    Raises:
        UsageError: Nobody was named, nobody of that name is registered, or the key is not here.
    """
    if not name:
        raise UsageError(
            "Nobody was named, and a judgement is somebody's.",
            fix="Say who you are: --as NAME. New here: workbench person add NAME",
        )
    if name not in people:
        raise UsageError(
            f"Nobody called {name!r} is registered in this casebook.",
            fix=f"Register: workbench person add {name}",
        )
    if not (folder / f"{name}.pem").is_file():
        raise UsageError(
            f"The key of {name!r} is not on this machine.",
            fix="Work where it is, or bring it here; registered here is only its public half.",
        )
    signer = Signer.load(name, folder)
    if _text(signer.key.public_key()) != people[name].public_key:
        raise UsageError(
            f"The key of {name!r} on this machine is not the registered one.",
            fix="Use the registered key, or register under another name.",
        )
    return signer


def signature(signer: Signer, hash_: str) -> str:
    """A signature over the hash of an entry."""
    return base64.b64encode(signer.key.sign(hash_.encode("ascii"))).decode("ascii")


def fits(person: Person, hash_: str, signed: str) -> bool:
    """Whether a signature over a hash is the person's."""
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(person.public_key))
        public.verify(base64.b64decode(signed, validate=True), hash_.encode("ascii"))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _text(public: Ed25519PublicKey) -> str:
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode("ascii")
