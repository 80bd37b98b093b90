"""One piece of evidence on the screen: how rare, what it means, how it misleads, and its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from workbench import wording
from workbench.app import framing, safe, session, tables, waterfall
from workbench.app.desk import Desk

__all__ = ["card", "entry_table", "every_entry", "rows"]

IDENTIFIER_KINDS_WITHOUT_PAGE = ("ip_prefix", "ip_asn")  # coarser views are no nodes


def card(entry: Mapping[str, Any]) -> None:
    """What one entry says, and where it comes from."""
    with st.container(border=True, gap="xsmall"):
        against = entry["bits"] < 0
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            safe.line("**{name}**", name=waterfall.name_of(entry), width="content")
            st.space("stretch")
            safe.badge(
                "{bits} bits",
                bits=safe.Words(wording.bits(entry["bits"])),
                color="orange" if against else "blue",
            )
        shared = entry.get("shared")
        if shared:
            safe.text(str(shared["value"]))
        safe.caption("Family: {family}", family=str(entry.get("family") or "–"))
        _rarity(entry)
        for title, field in (("What this means", "why"), ("How it misleads", "misleads")):
            safe.line("**{title}**", title=safe.Words(title))
            safe.line("{words}", words=str(entry.get(field) or "Nothing is recorded."))
        _looked_for(entry)
        _identifier_button(shared)


def _rarity(entry: Mapping[str, Any]) -> None:
    """The rarity behind the bits, as a sum."""
    rarity = entry.get("rarity")
    if not rarity:
        return
    often = max(1, round(1 / max(float(rarity["innocent"]), 1e-12)))
    safe.line("**How rare it is**")
    safe.line(
        "{n} of {of} accounts used it. An account as busy as the busier of the two meets it "
        "anyway in 1 of {often} cases.",
        n=int(rarity["accounts"]),
        of=int(rarity["of"]),
        often=often,
    )
    table = pd.DataFrame(
        [(term["words"], wording.bits(term["bits"])) for term in rarity["terms"]]
        + [("together", wording.bits(entry["bits"]))],
        columns=["Part", "Bits"],
    )
    tables.show(
        table,
        alt="Parts of the bits; they add up to the entry",
        columns={"Bits": st.column_config.TextColumn(width=60)},
    )
    safe.caption(
        "Uncapped it would say {uncapped} bits; its kind may say at most {cap}.",
        uncapped=safe.Words(f"{rarity['uncapped']:.1f}"),
        cap=safe.Words(f"{rarity['cap']:.1f}"),
    )


def _looked_for(entry: Mapping[str, Any]) -> None:
    said = entry.get("looked_for")
    if said is None:
        return
    safe.line("**What we looked for and did not find**")
    for sentence in said:
        safe.line("{sentence}", sentence=str(sentence))
    if not said:
        safe.caption("All that usually comes with it was found.")


def _identifier_button(shared: Mapping[str, str] | None) -> None:
    if not shared or shared["kind"] in IDENTIFIER_KINDS_WITHOUT_PAGE:
        return
    if st.button("Who else used it", icon=":material/group:", key="evidence_identifier"):
        session.go("identifier", node=f"{shared['kind']}:{shared['value']}")


def every_entry(listed: Sequence[Mapping[str, Any]]) -> None:
    """All entries, for and against, with the rarity behind each."""
    short = st.column_config.TextColumn(width=78)
    tables.show(
        entry_table(listed),
        alt="Every entry with its bits and how many accounts used the value",
        most=10,
        columns=dict.fromkeys(("Bits", "Used by", "By chance", "Uncapped", "Cap"), short),
    )


def entry_table(listed: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Entries as a table: name, family, bits and the figures behind them."""
    return pd.DataFrame(
        [
            {
                "Evidence": waterfall.name_of(entry),
                "Family": str(entry.get("family") or ""),
                "Bits": wording.bits(entry["bits"]),
                **_figures(entry.get("rarity")),
                "Rows": int(entry.get("rows_total") or 0),
            }
            for entry in listed
        ]
    )


def _figures(rarity: Mapping[str, Any] | None) -> dict[str, str]:
    if not rarity:
        return dict.fromkeys(("Used by", "By chance", "Uncapped", "Cap"), "–")
    often = max(1, round(1 / max(float(rarity["innocent"]), 1e-12)))
    return {
        "Used by": wording.number(int(rarity["accounts"])),
        "By chance": f"1 in {wording.number(often)}",
        "Uncapped": f"{rarity['uncapped']:.1f}",
        "Cap": f"{rarity['cap']:.1f}",
    }


def rows(desk: Desk, entry: Mapping[str, Any]) -> None:
    """The first source rows of an entry, and on request what one of them holds."""
    found = pd.DataFrame(list(entry.get("rows") or []), columns=["file", "row"])
    total = max(int(entry.get("rows_total") or 0), len(found))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        safe.line("**Source rows**", width="content")
        framing.layer_badge("observed")
        safe.caption(
            "{name} · {shown} shown + {cut} truncated = {total}",
            name=waterfall.name_of(entry),
            shown=len(found),
            cut=total - len(found),
            total=total,
        )
    if found.empty:
        safe.caption("This entry is computed from counts, or is a cap on others: it cites no row.")
        return
    chosen = tables.show(
        found.rename(columns={"file": "File", "row": "Row"}),
        alt="Files and rows behind the chosen entry; select one to see what it holds",
        key=f"rows_{entry['signal']}_{entry.get('identifier')}",
        select="single-row",
    )
    if chosen:
        _stored(desk, str(found["file"].iloc[chosen[0]]), int(found["row"].iloc[chosen[0]]))
    else:
        safe.caption("Select a row to see what was stored of it.")


def _stored(desk: Desk, file: str, row: int) -> None:
    """What was stored of one row; never prompt text."""
    with framing.errors():
        told = desk.source_rows(file, [row])
        listed = told.iloc[0].drop(labels=["row"], errors="ignore") if len(told) else pd.Series()
        table = pd.DataFrame({"Column": listed.index.astype(str), "Value": listed.map(str)})
        safe.caption("{file}, row {row}: as stored, personal data as tokens", file=file, row=row)
        tables.show(table, alt="Columns and values of the selected source row", most=12)
