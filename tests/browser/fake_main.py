"""The real app on a small desk, for tests of the pages alone. Run by ``streamlit run``."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

import streamlit as st

from tests.browser import desks
from workbench.app import session

WHAT = os.environ["FAKE_DESK"]
GRAPHS = {"busy": desks.busy_published, "hostile": desks.hostile_published, "empty": lambda: None}


@st.cache_resource
def _desk(what: str) -> desks.StoredDesk:
    folder = Path(os.environ["WORKBENCH_WORKSPACE"])
    return desks.StoredDesk(folder, GRAPHS[what](), hostile=what == "hostile")


session.open_desk = lambda: _desk(WHAT)  # type: ignore[assignment, return-value]
runpy.run_path(str(Path(session.__file__).with_name("main.py")))
