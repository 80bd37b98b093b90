"""Evidence packs: one canonical record, many views of it, one seal over every byte."""

from workbench.export.pack import EXPORTERS, Pack, build_pack
from workbench.export.record import PROFILES, CaseRecord, case_record
from workbench.export.seal import Signer, signing_keys
from workbench.export.verify import Verification, verify_pack

__all__ = [
    "EXPORTERS",
    "PROFILES",
    "CaseRecord",
    "Pack",
    "Signer",
    "Verification",
    "build_pack",
    "case_record",
    "signing_keys",
    "verify_pack",
]
