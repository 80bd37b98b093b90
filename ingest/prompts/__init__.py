"""Prompts while their text passes: sketches, frames, clusters, capability and elicitation."""

from ingest.mapping.messages import text_of, text_sql
from ingest.prompts.frames import CLUSTER_SCHEMA, cluster
from ingest.prompts.sketch import SKETCH_SCHEMA, sketch
from ingest.prompts.templates import frame_label, templates

__all__ = [
    "CLUSTER_SCHEMA",
    "SKETCH_SCHEMA",
    "cluster",
    "frame_label",
    "sketch",
    "templates",
    "text_of",
    "text_sql",
]
