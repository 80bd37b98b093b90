"""Every Cypher statement of the store. Labels and relation types come from the declared kinds.

Values only ever travel as parameters. What Cypher cannot take as a parameter – a label, a relation
type – is put in by ``typed`` from an enumeration, never from data.
"""

from __future__ import annotations

from enum import StrEnum

from graph_models.kinds import ACCOUNT, FOREIGN_RELATION, KINDS
from graph_models.stores.compilation import LINKED, MEMBER_OF

__all__ = ["SCHEMA", "Label", "Relation", "label_of", "typed"]

Label = StrEnum(  # type: ignore[misc]
    "Label",
    {kind.label: kind.label for kind in (ACCOUNT, *KINDS)}
    | {name: name for name in ("Community", "ForeignIdentifier")},
)
Relation = StrEnum(  # type: ignore[misc]
    "Relation",
    {name: name for name in (*(kind.relation for kind in KINDS), FOREIGN_RELATION)}
    | {name: name for name in (LINKED, MEMBER_OF)},
)
_LABELS = {kind.name: Label(kind.label) for kind in KINDS}


def label_of(kind: str) -> Label:
    """The label of identifiers of that kind; one common label for foreign types."""
    return _LABELS.get(kind, Label["ForeignIdentifier"])


def typed(statement: str, name: Label | Relation) -> str:
    """The statement with ``TYPE`` replaced by a declared label or relation type."""
    if not isinstance(name, Label | Relation):
        raise TypeError(f"{name!r} is no declared label or relation type.")
    return statement.replace("TYPE", name.value)


# Before any data, so that every match below is a look-up. The names are part of the schema page.
SCHEMA: tuple[str, ...] = (
    "CREATE CONSTRAINT workbench_entity_key IF NOT EXISTS FOR (n:Entity) REQUIRE n.key IS UNIQUE",
    """CREATE CONSTRAINT workbench_entity_id IF NOT EXISTS
    FOR (n:Entity) REQUIRE (n.graph, n.id) IS UNIQUE""",
    "CREATE INDEX workbench_entity_search IF NOT EXISTS FOR (n:Entity) ON (n.graph, n.search)",
    """CREATE CONSTRAINT workbench_store_name IF NOT EXISTS
    FOR (s:GraphStore) REQUIRE s.name IS UNIQUE""",
    """CREATE CONSTRAINT workbench_publication_number IF NOT EXISTS
    FOR (p:Publication) REQUIRE p.graph IS UNIQUE""",
    "CREATE CONSTRAINT workbench_batch_key IF NOT EXISTS FOR (b:Batch) REQUIRE b.key IS UNIQUE",
    """CREATE CONSTRAINT workbench_numbering IF NOT EXISTS
    FOR (c:Numbering) REQUIRE c.name IS UNIQUE""",
)
SCHEMA_NAMES = (
    "SHOW INDEXES YIELD name, state WHERE name STARTS WITH 'workbench_' RETURN name, state"
)
AWAIT_INDEXES = "CALL db.awaitIndexes($seconds)"

# ---- one writer at a time

LEASE = """
MERGE (s:GraphStore {name: $store})
SET s.asked = timestamp()
WITH s, s.holder IS NULL OR s.holder IN $ours OR s.expires < timestamp() AS free
FOREACH (_ IN CASE WHEN free THEN [1] ELSE [] END |
  SET s.holder = $holder, s.expires = timestamp() + $lease)
RETURN free, s.holder AS holder, s.expires - timestamp() AS left
"""
HELD_BY = "MATCH (s:GraphStore {name: $store}) RETURN s.holder AS holder"
RELEASE = """
MATCH (s:GraphStore {name: $store}) WHERE s.holder = $holder REMOVE s.holder, s.expires
"""
# The write locks the store's node, so that two writers never interleave: the one whose lease was
# taken over finds another holder and writes nothing.
HOLD = """
MATCH (s:GraphStore {name: $store}) SET s.asked = timestamp()
WITH s WHERE s.holder = $holder SET s.expires = timestamp() + $lease
RETURN s.holder AS holder
"""

# ---- publications

PUBLICATIONS = """
MATCH (p:Publication {store: $store})
RETURN p.graph AS graph, p.digest AS digest, p.state AS state, p.sizes AS sizes ORDER BY graph
"""
NEW_PUBLICATION = """
MERGE (c:Numbering {name: 'publications'})
SET c.last = coalesce(c.last, 0) + 1
CREATE (p:Publication {graph: c.last, store: $store, digest: $digest, state: 'loading'})
SET p += $told
RETURN p.graph AS graph
"""
MARKERS = """
MATCH (b:Batch) WHERE b.key STARTS WITH $prefix RETURN b.key AS key
"""
MARKED = "MATCH (b:Batch {key: $key}) RETURN b.key AS key"
MARK = "CREATE (b:Batch {key: $key})"
CURRENT = """
MATCH (s:GraphStore {name: $store}) WHERE s.graph IS NOT NULL
MATCH (p:Publication {graph: s.graph})
RETURN p {.*, lineage: null} AS told
"""
POINT = """
MATCH (s:GraphStore {name: $store}), (p:Publication {graph: $graph})
SET p.state = 'whole', p.published_at = timestamp(), s.graph = p.graph
RETURN p.graph AS graph
"""
SET_STATE = "MATCH (p:Publication {graph: $graph}) SET p.state = $state RETURN p.state AS state"
STATE = "MATCH (p:Publication {graph: $graph}) RETURN p.state AS state"

# ---- batches; ``rows`` are lists, because names of columns need not travel with every row

NODES = """
UNWIND $rows AS row
MERGE (n:Entity {key: row.key})
SET n = row, n:TYPE
"""
NODES_OF_KIND = """
UNWIND $rows AS row
MERGE (n:Entity {key: row.key})
SET n = row, n:Identifier, n:TYPE
"""
SIGHTINGS = """
UNWIND $rows AS row
MATCH (a:Entity {key: row[0]})
MATCH (i:Entity {key: row[1]})
MERGE (a)-[r:TYPE]->(i)
SET r.count = row[2], r.first = row[3], r.last = row[4], r.days = row[5], r.claimed = row[6]
"""
LINKS = """
UNWIND $rows AS row
MATCH (a:Entity {key: row[0]})
MATCH (b:Entity {key: row[1]})
MERGE (a)-[r:TYPE]->(b)
SET r = row[2]
"""
MEMBERSHIPS = LINKS

# ---- what a publication holds, to compare with what was sent

NODE_SUMS = """
MATCH (n:Entity) WHERE n.key >= $low AND n.key < $high
RETURN n.kind AS name, count(*) AS number, sum(coalesce(n.accounts, n.exchanges, 0)) AS total
"""
EDGE_SUMS = """
MATCH (a:Entity)-[r]->() WHERE a.key >= $low AND a.key < $high
RETURN type(r) AS name, count(*) AS number, sum(coalesce(r.count, r.millibits, r.rank, 0)) AS total
"""

# From the counts that the server keeps: the whole database, at once.
NODES_COUNTED = "MATCH (n:TYPE) RETURN count(n) AS number"
EDGES_COUNTED = "MATCH ()-[r:TYPE]->() RETURN count(r) AS number"

# The import tool leaves empty lists out.
NOT_ROBUST = "MATCH (c:Community) WHERE c.robust_to IS NULL SET c.robust_to = []"

# ---- removal, in bounded pieces: relations start at accounts, so they go first

DROP_EDGES = "MATCH (a:Entity)-[r]->() WHERE a.key >= $low AND a.key < $high DELETE r"
DROP_NODES = "MATCH (n:Entity) WHERE n.key >= $low AND n.key < $high DETACH DELETE n"
DROP_MARKERS = """
MATCH (b:Batch) WHERE b.key STARTS WITH $prefix
WITH b LIMIT $limit DELETE b RETURN count(*) AS gone
"""
DROP_PUBLICATION = "MATCH (p:Publication {graph: $graph}) DELETE p"

# ---- reading

INDEXED = 400
"""Characters of a value that the indexes surely hold; what is longer is compared by the reader."""
MOST_ALIKE = 10_000

BY_NAME = """
UNWIND $names AS name
MATCH (n:Entity {graph: $graph, search: name[0]}) WHERE n.value = name[1] AND n.kind = name[2]
RETURN properties(n) AS node
"""
BY_KEY = "MATCH (n:Entity {key: $key}) RETURN n.value AS value"
STARTING = """
UNWIND $kinds AS kind
CALL (kind) {
  MATCH (n:Entity) WHERE n.graph = $graph AND n.id STARTS WITH kind + ':' + $text
  RETURN n ORDER BY n.id LIMIT $limit
}
RETURN properties(n) AS node
"""
STARTING_FOLDED = """
UNWIND $kinds AS kind
CALL (kind) {
  MATCH (n:Entity) WHERE n.graph = $graph AND n.search STARTS WITH kind + ':' + $text
  RETURN n ORDER BY n.search, n.key LIMIT $limit
}
RETURN properties(n) AS node
"""
MATCHING = """
UNWIND $kinds AS kind
MATCH (n:Entity) WHERE n.graph = $graph AND n.search STARTS WITH kind + ':' + $text
RETURN kind, count(n) AS number
"""
AMONG = """
UNWIND $accounts AS key
MATCH (a:Entity {key: key})-[r]->(b:Entity) WHERE b.key IN $all
RETURN a.kind + ':' + a.value AS source, b.kind AS kind, b.value AS value, properties(r) AS told
"""
COMMUNITIES = """
MATCH (c:Entity) WHERE c.key >= $low AND c.key < $high
RETURN c.record AS record ORDER BY c.rank
"""
MEMBERS = """
MATCH (c:Entity)<-[r:TYPE]-(a:Account) WHERE c.key >= $low AND c.key < $high
RETURN a.value AS account, c.value AS community, r.cell AS cell, r.tier AS tier,
       r.member_confidence AS member_confidence, r.share AS share
ORDER BY c.key, a.key
"""
LINKS_OF = """
MATCH (a:Entity {key: $key})-[r:TYPE]-(b:Account)
RETURN b.value AS account, properties(r) AS told ORDER BY r.millibits DESC, b.key
"""
USES = """
UNWIND $names AS name
MATCH (a:Entity {graph: $graph, search: name[0]}) WHERE a.value = name[1] AND a.kind = name[2]
MATCH (a)-[r]->(b:Entity) WHERE NOT b.kind IN $others AND ($kind IS NULL OR b.kind = $kind)
RETURN a.value AS account, b.kind AS kind, b.value AS value, b.accounts AS accounts, b.hub AS hub,
       r.count AS count, r.first AS first, r.last AS last, r.days AS days
"""
USERS = """
UNWIND $names AS name
MATCH (b:Entity {graph: $graph, search: name[0]}) WHERE b.value = name[1] AND b.kind = name[2]
MATCH (a:Account)-[r]->(b) WHERE NOT b.kind IN $others
RETURN a.value AS account, b.kind AS kind, b.value AS value, b.accounts AS accounts, b.hub AS hub,
       r.count AS count, r.first AS first, r.last AS last, r.days AS days
"""
REGISTER = """
UNWIND $names AS name
MATCH (a:Entity {graph: $graph, search: name[0]}) WHERE a.value = name[1] AND a.kind = name[2]
RETURN a.value AS account, properties(a) AS told
"""
VALUES = """
MATCH (n:Entity) WHERE n.key >= $low AND n.key < $high
RETURN n.value AS value ORDER BY n.key
"""
LINKED_WITH = """
UNWIND $names AS name
MATCH (a:Entity {graph: $graph, search: name[0]}) WHERE a.value = name[1] AND a.kind = name[2]
MATCH (a)-[r:TYPE]-(b:Account)
RETURN a.value AS account, b.value AS other, properties(r) AS told
"""
LINEAGE = "MATCH (p:Publication {graph: $graph}) RETURN p.lineage AS lineage"
SENT = "MATCH (p:Publication {graph: $graph}) RETURN p.sums AS sums"
SERVER = """
CALL dbms.components() YIELD name, versions, edition
RETURN name, versions[0] AS version, edition LIMIT 1
"""
