"""What files are, before anything is loaded: a dry run over a sample of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from graph_models.errors import BadDataError
from ingest.formats.files import source_files

if TYPE_CHECKING:
    from workbench.library import Workbench

__all__ = ["COLUMNS", "check_files"]

COLUMNS = ("file", "mapping", "emits", "known", "accepted", "first", "last", "remark")


def check_files(
    desk: Workbench, paths: Sequence[Path], *, progress: Callable[..., None] | None = None
) -> pd.DataFrame:
    """One row a file and mapping that knows some of its records; one for a file that none knows.

    ``known`` is the share of the sampled records that the mapping knows, ``accepted`` the share of
    those that a dry run would load.
    """
    rows: list[dict[str, Any]] = []
    files = source_files(paths)
    for number, source in enumerate(files):
        if progress is not None:
            progress(f"sampling {source.name}", number / len(files))
        try:
            found = desk.sources_detect(source.path)
        except BadDataError as error:
            rows.append({"file": source.name, "remark": f"{error.what} {error.fix}"})
            continue
        rows += [
            {
                "file": source.name,
                "mapping": item.mapping,
                "emits": item.emits,
                "known": item.score,
                "accepted": item.accepted,
                "first": item.first,
                "last": item.last,
                "remark": "; ".join(item.reasons),
            }
            for item in found
        ]
        if not found:
            fix = "No mapping knows it. Draft one: workbench sources draft FILE --out F.toml"
            rows.append({"file": source.name, "remark": fix})
    return pd.DataFrame(rows, columns=list(COLUMNS))
