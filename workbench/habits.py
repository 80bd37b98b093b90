"""What a person is used to (which tours they have seen), so that the desk need not ask again.

Habits are no findings: they are in no log, no case and no pack, and the last one holds.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Column, Engine, String, Table, delete, insert, select
from sqlalchemy.exc import IntegrityError

from workbench.database import METADATA

__all__ = ["TABLE", "Habits"]

TABLE = Table(
    "habits",
    METADATA,
    Column("person", String(80), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)


class Habits:
    """The habits of all people in one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        METADATA.create_all(engine, tables=[TABLE])

    def of(self, person: str) -> Mapping[str, str]:
        """The habits of a person, by name."""
        asked = select(TABLE.c.name, TABLE.c.value).where(TABLE.c.person == person)
        with self.engine.connect() as connection:
            return {str(row.name): str(row.value) for row in connection.execute(asked)}

    def keep(self, person: str, name: str, value: str) -> None:
        """Keep a habit in the place of the one before."""
        old = (TABLE.c.person == person) & (TABLE.c.name == name)
        try:
            with self.engine.begin() as connection:
                connection.execute(delete(TABLE).where(old))
                connection.execute(insert(TABLE).values(person=person, name=name, value=value))
        except IntegrityError:
            return  # the same person at another desk said so in the same moment
