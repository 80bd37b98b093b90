"""Verify a pack on a clean machine: every byte, the signature, nothing added, nothing missing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graph_models.errors import UsageError
from graph_models.text import inert
from workbench.export.seal import SIGNATURE, TAG_MANIFEST, check_signature

__all__ = ["Problem", "Verification", "verify_pack"]

MANIFEST = "manifest-sha256.txt"


@dataclass(frozen=True)
class Problem:
    """One file that differs from the seal, and how."""

    file: str
    what: str


@dataclass(frozen=True)
class Verification:
    """The answer of ``verify``: ok, or the problems, worst first."""

    ok: bool
    problems: tuple[Problem, ...]
    signed_by: str = ""
    fingerprint: str = ""


def verify_pack(folder: Path) -> Verification:
    """Check a pack; problems name the file. Raises UsageError when there is no pack at all."""
    if not (folder / "bagit.txt").exists() and not (folder / MANIFEST).exists():
        raise UsageError(
            "This is not an evidence pack.",
            where=str(folder),
            fix="Name the folder that holds bagit.txt.",
        )
    statement, wrong = check_signature(folder)
    problems = (*_unsealed(statement, wrong, folder), *_problems(folder))
    who = statement if not problems else {}
    return Verification(
        not problems, problems, who.get("signed_by", ""), who.get("fingerprint", "")
    )


def _unsealed(statement: dict[str, str], wrong: str | None, folder: Path) -> Iterator[Problem]:
    if wrong is not None:
        yield Problem(SIGNATURE, wrong)
    elif problem := _file_problem(folder, TAG_MANIFEST, statement["sha256"]):
        yield Problem(TAG_MANIFEST, problem)


def _problems(folder: Path) -> Iterator[Problem]:
    listed: set[str] = {SIGNATURE, TAG_MANIFEST}
    for manifest in (TAG_MANIFEST, MANIFEST):
        for name, digest in _entries(folder / manifest):
            listed.add(name)
            if problem := _file_problem(folder, name, digest):
                yield Problem(inert(name, limit=200), problem)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if (path.is_file() or path.is_symlink()) and name not in listed:
            yield Problem(inert(name, limit=200), "added: no manifest lists it")


def _entries(manifest: Path) -> list[tuple[str, str]]:
    if not manifest.is_file():
        return [(manifest.name, "")]
    lines = manifest.read_text(encoding="utf-8", errors="replace").splitlines()
    pairs = (line.partition("  ") for line in lines if line.strip())
    return [(name, digest) for digest, _, name in pairs]


def _file_problem(folder: Path, name: str, digest: str) -> str | None:
    path = folder / name
    if Path(name).is_absolute() or ".." in Path(name).parts or path.is_symlink():
        return "points outside the pack"
    if not path.is_file():
        return "missing"
    with path.open("rb") as stream:
        actual = hashlib.file_digest(stream, "sha256").hexdigest()
    return None if actual == digest else "altered: differs from the seal"
