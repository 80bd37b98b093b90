"""Build an evidence pack: write every format, seal it, and only then give it its name."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from graph_models.errors import UsageError, WorkbenchError
from ingest.store.storage import alive
from workbench.export.graphml import write_graphml
from workbench.export.picture import write_picture
from workbench.export.record import CaseRecord
from workbench.export.report import write_report
from workbench.export.seal import Signer, seal
from workbench.export.stix import write_stix
from workbench.export.tables import write_csv, write_parquet

__all__ = ["EXPORTERS", "Exporter", "Pack", "build_pack"]


HALF = ".pack-"  # beginning of the name of a pack that is being written; its process follows


@dataclass(frozen=True)
class Exporter:
    """One format of the pack: where its files go and what writes them."""

    name: str
    folder: str
    write: Callable[[CaseRecord, Path], None]
    doc: str


EXPORTERS: tuple[Exporter, ...] = (
    Exporter("report", ".", write_report, "A page for people; no script, opens offline."),
    Exporter("picture", ".", write_picture, "The graph to look at, in one file."),
    Exporter("csv", "csv", write_csv, "Tables that a spreadsheet cannot execute."),
    Exporter("parquet", "parquet", write_parquet, "The same tables, typed."),
    Exporter("graphml", "graph", write_graphml, "For networkx, Gephi, yEd."),
    Exporter("stix", "stix", write_stix, "STIX 2.1 for threat-intelligence platforms."),
)

VERIFY = """# Verify this pack without the product that made it

1. `sha256sum --check --quiet manifest-sha256.txt` – every payload file is as sealed.
2. `sha256sum --check --quiet tagmanifest-sha256.txt` – so is the manifest itself.
3. `signature.json` holds a statement (who signs, and the SHA-256 of `tagmanifest-sha256.txt`), an
   Ed25519 public key and the signature of the statement, written as JSON with sorted keys and no
   spaces. Check it with any Ed25519 tool, and ask the sender for the fingerprint.
4. With the product: `workbench verify PACK` – 0 ok, 1 altered, unsigned or incomplete.

No output of 1 and 2 means that all is well. The folder `data/` holds the evidence.
"""


@dataclass(frozen=True)
class Pack:
    """A sealed pack."""

    pack: str
    files: tuple[str, ...]
    sha256: str
    signed_by: str


def build_pack(
    record: CaseRecord, out: Path, signer: Signer, *, formats: tuple[str, ...] = ()
) -> Pack:
    """Write and seal; a killed export leaves no folder under the final name."""
    if out.exists():
        raise UsageError(
            "A pack is never written over.", where=str(out), fix="Name a folder that is not there."
        )
    chosen = _chosen(formats)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _sweep(out.parent)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f"{HALF}{os.getpid()}-") as scratch:
            folder = Path(scratch) / "pack"
            _write_payload(record, folder, chosen)
            info = {"External-Description": record.title, "Internal-Sender-Identifier": record.run}
            digest = seal(folder, signer, record.as_of, info)
            folder.rename(out)
    except OSError as error:
        raise WorkbenchError(
            f"The pack cannot be written ({error.strerror}); nothing is left of it.",
            where=str(out),
            fix="Free some space, or name a folder that can be written.",
        ) from error
    files = tuple(sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()))
    return Pack(str(out), files, digest, signer.name)


def _sweep(folder: Path) -> None:
    """Remove what killed exports left."""
    for half in folder.glob(f"{HALF}*"):
        owner = half.name.removeprefix(HALF).split("-")[0]
        if owner.isdigit() and not alive(int(owner)):
            shutil.rmtree(half, ignore_errors=True)


def _chosen(formats: tuple[str, ...]) -> tuple[Exporter, ...]:
    known = {exporter.name for exporter in EXPORTERS}
    if unknown := set(formats) - known:
        raise UsageError(
            f"There is no export format {sorted(unknown)}.", fix=f"Valid: {sorted(known)}."
        )
    return tuple(item for item in EXPORTERS if not formats or item.name in formats)


def _write_payload(record: CaseRecord, folder: Path, exporters: tuple[Exporter, ...]) -> None:
    folder.mkdir()
    (folder / "VERIFY.md").write_text(VERIFY, encoding="utf-8")
    summary = json.dumps(record.summary(), indent=2, sort_keys=True) + "\n"
    (folder / "summary.json").write_text(summary, encoding="utf-8")
    for exporter in exporters:
        target = folder / exporter.folder
        target.mkdir(exist_ok=True)
        exporter.write(record, target)
