"""Where a published graph lives: the embedded store (default) and, behind the same protocol, Neo4j."""
