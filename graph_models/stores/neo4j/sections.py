"""The neighbours of a node as ordered sections, each paged by a stable key.

A section sorts by one number and then by the neighbour's key, both known to its statements; a page
continues strictly after the pair at which the one before it ended.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph_models.stores.neo4j.cypher import Relation, typed

__all__ = [
    "FROM_ACCOUNT", "FROM_COMMUNITY", "FROM_IDENTIFIER", "WALK", "WALK_EARLIER", "Section",
]  # fmt: skip

_PAGE = """
MATCH PATTERN
WHERE CONDITION AND ($kind IS NULL OR n.kind = $kind)
WITH r, n, SORT AS sort
WHERE sort > $sort OR (sort = $sort AND n.key > $after)
RETURN properties(n) AS node, properties(r) AS told ORDER BY sort, n.key LIMIT $limit
"""
_EARLIER = """
MATCH PATTERN
WHERE CONDITION AND ($kind IS NULL OR n.kind = $kind)
WITH n, SORT AS sort
WHERE sort < $sort OR (sort = $sort AND n.key <= $after)
RETURN n.kind AS kind, count(*) AS number
"""
# The neighbour is found first, so that a hub's relations are not searched for it.
_PLACE = """
MATCH (n:Entity {key: $cursor})
MATCH PATTERN
WHERE CONDITION
RETURN SORT AS sort
"""
# A hub's accounts by walking the accounts in the order of their keys, which an index holds, until
# a page is full: its relations, of which there may be a million, are never listed. The limit stands
# inside, where the order of the index is still known; outside, all would be gathered and sorted.
_WALKED = """
MATCH (c:Entity {key: $key})
CALL (c) {
  MATCH (n:Entity) USING INDEX n:Entity(key) WHERE n.key > $after AND n.key <= $last
  WITH n ORDER BY n.key
  MATCH (n)-[r]->(c)
  RETURN n, r ORDER BY n.key PAGE
}
"""
WALK = _WALKED.replace("PAGE", "LIMIT $limit") + (
    "RETURN properties(n) AS node, properties(r) AS told ORDER BY n.key"
)
WALK_EARLIER = _WALKED.replace("PAGE", "") + "RETURN n.kind AS kind, count(*) AS number"


@dataclass(frozen=True)
class Section:
    """One run of neighbours: how they are found and by what they are sorted."""

    pattern: str
    sort: str
    condition: str = "true"

    @property
    def page(self) -> str:
        """Neighbours after ``$sort, $after``, at most ``$limit``."""
        return self._filled(_PAGE)

    @property
    def earlier(self) -> str:
        """How many neighbours of each kind stand at or before ``$sort, $after``."""
        return self._filled(_EARLIER)

    @property
    def place(self) -> str:
        """By what the neighbour with the key ``$cursor`` is sorted; no row when it is none."""
        return self._filled(_PLACE)

    def _filled(self, statement: str) -> str:
        parts = (("PATTERN", self.pattern), ("CONDITION", self.condition), ("SORT", self.sort))
        for name, text in parts:
            statement = statement.replace(name, text)
        return statement


_LINKED = typed("(c:Entity {key: $key})-[r:TYPE]-(n:Account)", Relation["LINKED"])
_JOINED = typed("(c:Entity {key: $key})-[r:TYPE]->(n:Community)", Relation["MEMBER_OF"])
_USED = "(c:Entity {key: $key})-[r]->(n:Identifier)"

# In the order in which an account's neighbours are shown (stores.protocol.GraphView.expand).
FROM_ACCOUNT: tuple[tuple[str, Section], ...] = (
    ("identifier", Section(_USED, "n.accounts", "NOT n.hub")),
    ("account", Section(_LINKED, "-r.millibits")),
    ("community", Section(_JOINED, "-r.share")),
    ("hub", Section(_USED, "n.accounts", "n.hub")),
)
FROM_IDENTIFIER = (("account", Section("(c:Entity {key: $key})<-[r]-(n:Account)", "0")),)
FROM_COMMUNITY = (
    (
        "account",
        Section(
            typed("(c:Entity {key: $key})<-[r:TYPE]-(n:Account)", Relation["MEMBER_OF"]), "r.rank"
        ),
    ),
)
