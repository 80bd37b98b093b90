"""What people did on the canvases of a case: steps of scenes, beside the entries of the log."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
from sqlalchemy import Engine, select

from workbench.casebook.subjects import SCENE
from workbench.scenes.tables import SCENES, STEPS

__all__ = ["STEP", "canvas_steps"]

STEP = "step on a canvas"
"""What such a row is called; it is not signed and in no chain, so it has no number and no hash."""


def canvas_steps(engine: Engine, case: str = "") -> pd.DataFrame:
    """The steps on the scenes of a case, or of all, in the columns of the log, by time."""
    asked = (
        select(STEPS.c.at, STEPS.c.by, STEPS.c.scene, STEPS.c.label, SCENES.c.case_id)
        .join(SCENES, SCENES.c.scene == STEPS.c.scene)
        .order_by(STEPS.c.at, STEPS.c.scene, STEPS.c.number)
    )
    if case:
        asked = asked.where(SCENES.c.case_id == case)
    with engine.connect() as connection:
        rows = connection.execute(asked).all()
    told = [
        {"number": None, "at": _moment(at), "person": by or "nobody", "kind": STEP, "case": of,
         "subject": f"{SCENE}:{scene}", "words": label, "hash": ""}
        for at, by, scene, label, of in rows
    ]  # fmt: skip
    return pd.DataFrame(told, columns=list(told[0]) if told else None, dtype="object")


def _moment(at: str) -> str:
    """As entries write it, so that both sort together."""
    when = datetime.fromisoformat(at)
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")
