"""Beside the bits of a pair: why it is not linked, what was compared, what the logs lack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from workbench import wording
from workbench.app import framing, safe, tables, waterfall

__all__ = ["against", "compared", "context", "missing", "not_linked"]


def not_linked(told: Mapping[str, Any]) -> None:
    """The whole answer for a pair without a link; nothing for a linked one."""
    found = told.get("why_not")
    if not found:
        return
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            safe.line("**Why these two are not linked**", width="content")
            framing.layer_badge("inferred")
        for reason in found["reasons"]:
            safe.line("{reason}", reason=str(reason))
        safe.line("**What would be needed**")
        for need in found["needs"]:
            safe.line(
                "{bits} bits: a {kind} of these two alone – {enough}",
                bits=safe.Words(wording.bits(need["bits"])),
                kind=str(need["kind"]).replace("_", " "),
                enough=safe.Words("enough by itself" if need["enough"] else "not enough alone"),
            )
        if not found["needs"]:
            safe.caption("No log shows any kind of identifier that could link them.")


def against(told: Mapping[str, Any]) -> None:
    """What speaks against one controller, as large as what speaks for it."""
    found = [entry for entry in waterfall.entries(told) if entry["bits"] <= 0]
    with st.container(border=True, gap="xsmall"):
        safe.line("**Against this link**")
        if not found:
            safe.caption("Looked for, not found: nothing that was compared speaks against it.")
            return
        for entry in found:
            with st.container(gap="xxsmall"):
                safe.line(
                    ":orange[{bits}] · {name}",
                    bits=safe.Words(wording.bits(entry["bits"])),
                    name=waterfall.name_of(entry),
                )
                safe.caption("{why}", why=str(entry.get("why") or ""))


def context(told: Mapping[str, Any]) -> None:
    """What both used that too many share, by name and count: it carries no bits."""
    found = waterfall.context(told)
    if not found:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        safe.line("**In common, and links nobody**", width="content")
        safe.caption("{n} values that too many accounts used: 0 bits each", n=len(found))
    table = pd.DataFrame(
        [
            {
                "Kind": str((entry.get("shared") or {}).get("kind") or entry["signal"]),
                "Value": str((entry.get("shared") or {}).get("value") or "–"),
                "Accounts": entry.get("accounts"),
                "Why it links nobody": str(entry.get("misleads") or ""),
            }
            for entry in found
        ]
    ).astype({"Accounts": "Int64"})
    tables.show(table, alt="Hubs that both used, with how many accounts did", most=6)


def compared(told: Mapping[str, Any]) -> None:
    """Every kind that could have linked them, and what came of it."""
    found = told.get("compared")
    if not found:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        safe.line("**What was compared**", width="content")
        framing.layer_badge("observed")
        safe.caption("values of either account, and in common")
    table = pd.DataFrame(
        [
            {
                "Family": one["family"],
                "Kind": one["kind"].replace("_", " "),
                "First": int(one["a"]),
                "Second": int(one["b"]),
                "In common": int(one["shared"]),
                "Hubs": int(one["hubs"]),
                "Result": one["words"],
                "Days without rows": "; ".join(one["gaps"]),
            }
            for one in found
        ]
    )
    small = st.column_config.NumberColumn(width=70)
    tables.show(
        table,
        alt="Each kind of identifier with the values of either account and those in common",
        most=9,
        columns=dict.fromkeys(("First", "Second", "In common", "Hubs"), small),
    )


def missing(told: Mapping[str, Any]) -> None:
    """What the logs lack, and which signals are silent for it."""
    lacking = [str(one) for one in told.get("lacking") or []]
    silent = told.get("silent") or []
    with st.container(border=True, gap="xsmall"):
        safe.line("**What the logs do not hold**")
        for one in silent:
            safe.line(
                "{signal} is silent: no log holds {needs}.",
                signal=str(one["signal"]),
                needs=", ".join(one["needs"]),
            )
        by_event: dict[str, list[str]] = {}
        for name in lacking:
            event, _, column = name.partition(".")
            by_event.setdefault(event, []).append(column)
        for event, columns in by_event.items():
            safe.caption("{event}: {columns}", event=event, columns=", ".join(columns) or "–")
        if not lacking:
            safe.caption("Every input of every signal was there.")
        else:
            safe.caption("Unknown is not absent: nothing follows from what no log holds.")
