"""The questions of ``workbench play`` as methods: named questions with a budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

# Imported where they are used: a look-up must not wait for tables and networks.
from workbench.part import Part

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from graph_models.nodes import NodeRef
    from workbench.finding import Findings
    from workbench.plays.answer import Answer
    from workbench.plays.play import Play

__all__ = ["PlayQuestions"]


class PlayQuestions(Part):
    """Part of ``Workbench``."""

    def find(self, text: str, *, limit: int = 25) -> Findings:
        """Any entity by value or beginning, private values and cases included, with counts."""
        from workbench.finding import find

        return find(self.whole, text, limit=limit)

    def graph(self, focus: NodeRef | str, *, limit: int = 1_000, hubs: bool = False) -> nx.Graph:
        """The accounts around a community or node, what they share and their links, for networkx.

        Its attribute ``counts`` says what is in it and what was left out.
        """
        from workbench.graphing import graph_of

        return graph_of(self.whole, focus, limit=limit, hubs=hubs)

    def readable(self, table: pd.DataFrame) -> pd.DataFrame:
        """A frame whose texts are inert, for a notebook: nothing hides, moves or runs."""
        from workbench.graphing import readable

        return readable(table)

    def plays(self) -> tuple[Play, ...]:
        """The plays that there are, in the order of the registry."""
        from workbench.plays import PLAYS

        return PLAYS

    def play(
        self,
        name: str,
        *,
        progress: Callable[[float], None] | None = None,
        **arguments: Any,
    ) -> Answer:
        """Ask a play's question within its budget: ``play("handover", kind="device", days=3)``.

        Raises:
            UsageError: there is no such play or parameter; or it names nothing in the graph.
        """
        from workbench.plays import play_named, run_play

        given: Mapping[str, Any] = arguments
        whole = self.whole
        return run_play(whole, play_named(name), given, clock=whole.clock, progress=progress)
