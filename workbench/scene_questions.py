"""The questions of ``workbench scene`` as methods: what is drawn, its steps, its branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.part import Part

if TYPE_CHECKING:
    import pandas as pd

    from workbench.scenes.investigation import Investigation

__all__ = ["SceneQuestions"]


class SceneQuestions(Part):
    """Part of ``Workbench``."""

    def open_scene(self, focus: str, *, by: str = "", case: str = "") -> Investigation:
        """The scene of a community or node on the published run, drawn if it never was.

        Args:
            focus: ``community:cm_…`` or any other node.
            by: Who works on it; everybody has a head of their own.
            case: The case that it belongs to; "" is none.
        """
        from workbench.scenes.listing import note_scene
        from workbench.scenes.log import scene_id

        run = str(self.whole.about().get("run", ""))
        work = self.whole.scene(scene_id(focus, run, case), by=by)
        work.open(focus)
        note_scene(self.whole.database, work.log, (focus, run, case), now=self.whole.clock())
        return work

    def scene(self, scene: str, *, by: str = "") -> Investigation:
        """A scene by its id (s-…): do, undo, redo, go, merge, views; each is one logged step."""
        from workbench.scenes.graph import Pinned
        from workbench.scenes.investigation import Investigation
        from workbench.scenes.log import SceneLog

        log = SceneLog(self.whole.database, scene, by)
        return Investigation(Pinned(self.whole.store.view()), log, self.whole.clock)

    def scenes(self, *, case: str = "") -> pd.DataFrame:
        """All scenes, the one worked on last first: scene, focus, run, case, steps, people, at."""
        from workbench.scenes.listing import list_scenes

        return list_scenes(self.whole.database, case)
