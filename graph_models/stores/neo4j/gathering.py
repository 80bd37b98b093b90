"""Questions about many nodes at once, each one statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pandas as pd

from graph_models.kinds import ACCOUNT
from graph_models.nodes import NodeRef
from graph_models.stores.compilation import COMMUNITY, LINKED
from graph_models.stores.neo4j import cypher
from graph_models.stores.neo4j.connection import Transaction, rows
from graph_models.stores.neo4j.cypher import Relation, typed
from graph_models.stores.neo4j.decoding import link_row, linked_frame, uses_frame
from graph_models.stores.neo4j.encoding import Keys, search_name

__all__ = ["Gathering", "is_text"]

Answer = TypeVar("Answer")


class Gathering:
    """Part of ``Neo4jView``."""

    _keys: Keys

    def _read(self, work: Callable[[Transaction], Answer]) -> Answer:
        raise NotImplementedError

    def uses(self, accounts: Sequence[str]) -> pd.DataFrame:
        """What these accounts used that others used as well."""
        return self._used(cypher.USES, [NodeRef(ACCOUNT.name, name) for name in accounts])

    def users(self, nodes: Sequence[NodeRef]) -> pd.DataFrame:
        """Who used these identifiers."""
        return self._used(cypher.USERS, nodes)

    def linked(self, accounts: Sequence[str]) -> pd.DataFrame:
        """The links of these accounts, strongest first."""
        asked = [NodeRef(ACCOUNT.name, name) for name in accounts]
        found = self._gathered(typed(cypher.LINKED_WITH, Relation[LINKED]), asked)
        return linked_frame([{**link_row(row["other"], row["told"]), **row} for row in found])

    def _used(self, statement: str, nodes: Sequence[NodeRef]) -> pd.DataFrame:
        return uses_frame(self._gathered(statement, nodes, others=[ACCOUNT.name, COMMUNITY]))

    def _gathered(
        self, statement: str, nodes: Sequence[NodeRef], **values: Any
    ) -> list[dict[str, Any]]:
        sent = [node for node in dict.fromkeys(nodes) if is_text(str(node))]
        names = [[search_name(n.kind, n.value), n.value, n.kind] for n in sent]
        asked = {"graph": self._keys.graph, "names": names, **values}
        return self._read(lambda tx: rows(tx, statement, **asked))


def is_text(text: str) -> bool:
    """Whether it can be sent: a lone surrogate, as of a broken argument, is in no graph."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
