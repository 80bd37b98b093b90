"""Scenes: what an investigator has drawn, as a value folded from logged commands (no Streamlit)."""
