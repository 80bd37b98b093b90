"""The questions of ``workbench scene`` as methods: what is drawn, its steps, its branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from workbench.library import Workbench
    from workbench.scenes.investigation import Investigation

__all__ = ["SceneQuestions"]


class SceneQuestions:
    """Part of ``Workbench``; methods annotate ``self: Workbench``."""

    def open_scene(self: Workbench, focus: str, *, by: str = "", case: str = "") -> Investigation:
        """The scene of a community or node on the published run, drawn if it never was.

        Args:
            focus: ``community:cm_…`` or any other node.
            by: Who works on it; everybody has a head of their own.
            case: The case that it belongs to; "" is none.
        """
        from workbench.scenes.listing import note_scene
        from workbench.scenes.log import scene_id

        run = str(self.about().get("run", ""))
        work = self.scene(scene_id(focus, run, case), by=by)
        work.open(focus)
        note_scene(self.database, work.log, (focus, run, case), now=self.clock())
        return work

    def scene(self: Workbench, scene: str, *, by: str = "") -> Investigation:
        """A scene by its id (s-…): do, undo, redo, go, merge, views; each is one logged step."""
        from workbench.scenes.graph import Pinned
        from workbench.scenes.investigation import Investigation
        from workbench.scenes.log import SceneLog

        log = SceneLog(self.database, scene, by)
        return Investigation(Pinned(self.store.view()), log, self.clock)

    def scenes(self: Workbench, *, case: str = "") -> pd.DataFrame:
        """All scenes, the one worked on last first: scene, focus, run, case, steps, people, at."""
        from workbench.scenes.listing import list_scenes

        return list_scenes(self.database, case)
