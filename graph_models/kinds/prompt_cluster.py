"""A prompt cluster: prompts made from one frame, by our own clusterer or the source's."""

from __future__ import annotations

from graph_models.cleaning import token
from graph_models.families import Family
from graph_models.kind import Glyph, Kind, LinkPolicy, Source

__all__ = ["PROMPT_CLUSTER"]

PROMPT_CLUSTER = Kind(
    name="prompt_cluster",
    label="PromptCluster",
    relation="SENT_PROMPT",
    title="Prompt cluster",
    plural="Prompt clusters",
    doc="Prompts made from one frame; an id of the source's or of our own clusterer, never text.",
    family=Family.PROMPTS,
    sources=(Source(event="exchange", columns=("prompt_cluster",)),),
    clean=token,
    plain=r"[!-~](?:[ -~]*[!-~])?",
    policy=LinkPolicy(
        reuse=0.5,
        hub_degree=400,
        hub_share=1 / 15,
        cap_bits=7.0,
        reason="A frame is copied at no cost, and a work queue hands one to all of its accounts; "
        "above 400 accounts, and more than one in fifteen, it is a popular prompt, a public "
        "benchmark or a product's own frame.",
    ),
    means="Both accounts sent prompts made from the same frame, so they may serve one work queue.",
    misleads="Courses, hackathons, agents, libraries and prompts shared on the web give strangers "
    "the same frame.",
    glyph=Glyph(shape="hexagon", light="#D55E00", dark="#F0803C", size=11.0),
)
