"""Questions about many nodes at once, each one statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import pandas as pd

from graph_models.kinds import ACCOUNT
from graph_models.nodes import NodeRef
from graph_models.stores.compilation import COMMUNITY, LINKED
from graph_models.stores.neo4j import cypher
from graph_models.stores.neo4j.connection import Transaction, rows
from graph_models.stores.neo4j.cypher import Relation, typed
from graph_models.stores.neo4j.decoding import link_row, linked_frame, register_frame, uses_frame
from graph_models.stores.neo4j.encoding import Keys, search_name
from graph_models.stores.paging import check_request
from graph_models.text import is_text

__all__ = ["Gathering"]

Answer = TypeVar("Answer")


class Gathering:
    """Part of ``Neo4jView``."""

    _keys: Keys

    _kinds: tuple[str, ...]

    def _read(self, work: Callable[[Transaction], Answer]) -> Answer:
        raise NotImplementedError

    def _span(self, kind: str) -> tuple[int, int, int]:
        raise NotImplementedError

    def uses(self, accounts: Sequence[str], *, kind: str | None = None) -> pd.DataFrame:
        """What these accounts used that others used as well."""
        check_request(kind, 1, valid=self._kinds)
        asked = [NodeRef(ACCOUNT.name, name) for name in accounts]
        return self._used(cypher.USES, asked, kind=kind)

    def users(self, nodes: Sequence[NodeRef]) -> pd.DataFrame:
        """Who used these identifiers."""
        return self._used(cypher.USERS, nodes)

    def matching(self, text: str) -> Mapping[str, int]:
        """How many nodes of each kind begin so when case is set aside."""
        whole = text.strip()
        if not whole or not is_text(whole):
            return {}
        kind, colon, value = whole.partition(":")
        named = bool(colon) and kind in self._kinds
        kinds, wanted = ([kind], value) if named else (list(self._kinds), whole)
        asked = {"graph": self._keys.graph, "kinds": kinds, "text": wanted.lower()}
        found = self._read(lambda tx: rows(tx, cypher.MATCHING, **asked))
        return {row["kind"]: row["number"] for row in found if row["number"]}

    def register(self, accounts: Sequence[str]) -> pd.DataFrame:
        """What is known of accounts themselves."""
        asked = [NodeRef(ACCOUNT.name, name) for name in accounts]
        return register_frame(self._gathered(cypher.REGISTER, asked))

    def values(self, kind: str, places: range) -> Sequence[str]:
        """The shared identifiers of a kind at some places in the order of their values."""
        check_request(kind, 1, valid=self._kinds)
        sort, first, size = self._span(kind)
        low, high = min(places.start, size), min(places.stop, size)
        asked = {
            "low": self._keys.of(sort, first + low),
            "high": self._keys.of(sort, first + high),
        }
        found = self._read(lambda tx: rows(tx, cypher.VALUES, **asked)) if low < high else []
        return [row["value"] for row in found]

    def linked(self, accounts: Sequence[str]) -> pd.DataFrame:
        """The links of these accounts, strongest first."""
        asked = [NodeRef(ACCOUNT.name, name) for name in accounts]
        found = self._gathered(typed(cypher.LINKED_WITH, Relation[LINKED]), asked)
        return linked_frame([{**link_row(row["other"], row["told"]), **row} for row in found])

    def _used(self, statement: str, nodes: Sequence[NodeRef], **values: Any) -> pd.DataFrame:
        others = [ACCOUNT.name, COMMUNITY]
        return uses_frame(self._gathered(statement, nodes, others=others, **values))

    def _gathered(
        self, statement: str, nodes: Sequence[NodeRef], **values: Any
    ) -> list[dict[str, Any]]:
        sent = [node for node in dict.fromkeys(nodes) if is_text(str(node))]
        names = [[search_name(n.kind, n.value), n.value, n.kind] for n in sent]
        asked = {"graph": self._keys.graph, "names": names, **values}
        return self._read(lambda tx: rows(tx, statement, **asked))
