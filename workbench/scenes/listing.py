"""Which scenes there are: what each is about, how many steps it has and who was in it."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.exc import IntegrityError

from workbench.scenes.log import SceneLog
from workbench.scenes.tables import HEADS, SCENES, STEPS

__all__ = ["SCENE_COLUMNS", "list_scenes", "note_scene"]

SCENE_COLUMNS = ("scene", "focus", "run", "case", "steps", "people", "last")


def note_scene(
    database: Engine, log: SceneLog, about: tuple[str, str, str], *, now: datetime
) -> None:
    """Remember what a scene is about (focus, run, case), once."""
    focus, run, case = about
    row = {"scene": log.scene, "focus": focus, "run": run, "case_id": case, "by": log.by}
    with database.connect() as link:
        if link.execute(select(SCENES.c.scene).where(SCENES.c.scene == log.scene)).first():
            return
    try:
        with database.begin() as link:
            link.execute(insert(SCENES).values(**row, at=now.isoformat(timespec="microseconds")))
    except IntegrityError:  # somebody opened it at the same moment
        return


def list_scenes(database: Engine, case: str = "") -> pd.DataFrame:
    """All scenes (of a case), the one that was worked on last first."""
    steps = (
        select(STEPS.c.scene, func.count().label("steps"), func.max(STEPS.c.at).label("last"))
        .group_by(STEPS.c.scene)
        .subquery()
    )
    people = select(HEADS.c.scene, func.count().label("people")).group_by(HEADS.c.scene).subquery()
    asked = (
        select(
            SCENES.c.scene, SCENES.c.focus, SCENES.c.run, SCENES.c.case_id.label("case"),
            steps.c.steps, people.c.people, steps.c.last,
        )
        .join(steps, steps.c.scene == SCENES.c.scene)
        .join(people, people.c.scene == SCENES.c.scene)
        .order_by(steps.c.last.desc(), SCENES.c.scene)
    )  # fmt: skip
    if case:
        asked = asked.where(SCENES.c.case_id == case)
    with database.connect() as link:
        rows = [tuple(row) for row in link.execute(asked)]
    return pd.DataFrame(rows, columns=list(SCENE_COLUMNS))
