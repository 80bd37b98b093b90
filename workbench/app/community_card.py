"""The parts of a community's card; ``compact`` is what a preview has room for."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from graph_models.inference import ASSESSMENTS
from workbench import wording
from workbench.app import framing, look, profile_charts, profiling, safe, session, tables
from workbench.profiles.community import Card, chance_words, robust_words
from workbench.profiles.coupling import Coupling
from workbench.profiles.work import Share, Work

__all__ = ["compact", "innocent", "lineage", "strip", "ties", "together", "unknown", "worked"]

MOST_TIMES = 100  # beyond, the figure says no more than the shares beside it
_SHOWN = 6  # reasons that are seen at once; the rest is one click away


def strip(card: Card) -> None:
    """Size as a range, assessment, confidence, stability and chance."""
    found = card.community
    size = found.size
    with st.container(border=True):
        members, assessed, held, luck, traffic = st.columns([1.1, 1.6, 1, 1, 1.4])
        with members:
            low, high = size.core, size.core + size.probable + size.possible
            safe.metric(
                "Accounts",
                "{span}",
                span=safe.Words(wording.span(low, high)),
                note=f"{size.core:,} core, {size.probable:,} probable, {size.possible:,} possible",
            )
        with assessed:
            chances = found.assessment.probabilities
            top = max(ASSESSMENTS, key=lambda name: chances[name])
            word = wording.ASSESSMENT_WORDS[found.assessment.assessed_as]
            safe.metric(
                "Assessed as",
                "{word}",
                word=safe.Words(word),
                note=f"{wording.ASSESSMENT_WORDS[top]} {wording.in_words(chances[top])} "
                f"({wording.probability(chances[top])}), {found.assessment.confidence} confidence",
            )
        with held:
            safe.metric(
                "Held together",
                "{share}",
                share=safe.Words(f"{found.held_together:.0%}"),
                note="of perturbed runs keep it",
            )
        with luck:
            p = safe.Words(wording.p_value(found.chance_p))
            safe.metric("By chance", "p {p}", p=p, note="worlds shuffled, degrees kept")
        with traffic:
            zone = session.zone()
            safe.metric(
                "Exchanges",
                "{n}",
                n=safe.Words(wording.figure(found.exchanges)),
                note=f"{wording.day(found.first_seen, zone)} – "
                f"{wording.day(found.last_seen, zone)}, {len(found.cells):,} cells",
            )


def compact(card: Card) -> None:
    """The card in the room of a preview: why together, and without what it falls."""
    found = card.community
    st.image(
        look.assessment_bar(found.assessment.probabilities, session.theme(), width=260), width=260
    )
    _reasons(card, _SHOWN // 2)
    safe.line("{words}", words=safe.Words(robust_words(found)))
    safe.caption("{words}", words=safe.Words(chance_words(found.chance_p)))
    if st.button("Open the card", icon=":material/groups:", key=f"card_{found.community}"):
        session.go("community", community=found.community)


def together(card: Card) -> None:
    """Why together: reasons for and against, robustness, chance."""
    found = card.community
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            safe.line("**Why these accounts are together**", width="content")
            framing.layer_badge("inferred")
        chances = found.assessment.probabilities
        st.image(look.assessment_bar(chances, session.theme(), width=420), width=420)
        ranked = sorted(chances, key=lambda name: -chances[name])
        said = " · ".join(
            f"{wording.ASSESSMENT_WORDS[name]} {wording.probability(chances[name])}"
            for name in ranked
        )
        safe.caption("{said}", said=safe.Words(said))
        _reasons(card, _SHOWN)
        safe.line("**Would it hold without one signal?**")
        safe.line("{words}", words=safe.Words(robust_words(found)))
        safe.line("**Is it chance?**")
        safe.line("{words}", words=safe.Words(chance_words(found.chance_p)))


def innocent(card: Card) -> None:
    """The readings that fit as well, each with what speaks for and against it."""
    found = card.community
    with st.container(border=True, gap="xsmall"):
        safe.line("**How it could be innocent**")
        for reading in found.assessment.innocent_explanations:
            safe.line("{reading}", reading=reading)
        if not found.assessment.innocent_explanations:
            safe.caption("No innocent reading is recorded; that is not a proof of anything.")


def _reasons(card: Card, most: int) -> None:
    reasons = sorted(card.community.assessment.reasons, key=lambda one: -abs(one.bits))
    for reason in reasons[:most]:
        safe.line(
            ":orange[{bits} · Against: {text}] · {family}"
            if reason.bits < 0
            else "{bits} · {text} · {family}",
            bits=safe.Words(wording.bits(reason.bits)),
            text=reason.text,
            family=reason.family,
        )
    if len(reasons) > most:
        with st.popover(safe.fill("All {n} reasons", n=len(reasons)), type="tertiary"):
            for reason in reasons[most:]:
                safe.line(
                    "{bits} · {text} · {family}",
                    bits=safe.Words(wording.bits(reason.bits)),
                    text=reason.text,
                    family=reason.family,
                )


def ties(card: Card) -> None:
    """What holds it: families by link, and identifiers of several members, the rarest first."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        safe.line("**What holds it together**", width="content")
        framing.layer_badge("inferred")
        safe.caption("from the links of {n} of {all} members", n=card.sampled, all=card.members)
    families, shared = st.columns(2, gap="small")
    with families:
        table = pd.DataFrame(
            [(held.family, f"{held.share:.0%}", wording.bits(held.bits)) for held in card.families],
            columns=["Family", "In how many links", "Median bits there"],
        )
        tables.show(table, alt="Families with the share of links they speak for", most=8)
    with shared:
        rows = [(tie.node, f"{tie.sampled} of {card.sampled}", tie.accounts) for tie in card.ties]
        table = pd.DataFrame(rows, columns=["Identifier", "Members", "Accounts in all"])
        if table.empty:
            safe.caption("The members that were looked at share no identifier that is a node.")
            return
        profiling.opening(
            table, [tie.node for tie in card.ties],
            alt="Identifiers that several members used; select one to open its page", key="ties",
        )  # fmt: skip


def worked(work: Work) -> None:
    """Activity, models and capabilities beside everybody else, and how releases moved it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        safe.line("**What it does**", width="content")
        framing.layer_badge("observed")
        safe.caption(
            "{n} exchanges of all members, their own life included, by day (UTC)",
            n=int(work.days["members"].sum()),
        )
    if work.days.empty or not work.days["members"].any():
        safe.caption("No log shows an exchange of a member.")
        return
    st.altair_chart(
        profile_charts.daily(work.days, work.releases, session.theme(), session.zone()),
        width="stretch",
        alt="Exchanges of members per day; rules stand at releases of models",
    )
    _releases(work.releases)
    models, capabilities = st.columns(2, gap="small")
    with models:
        _mix("Model", work.models)
    with capabilities:
        _mix("Capability", work.capabilities)


def _mix(title: str, shares: Sequence[Share]) -> None:
    table = pd.DataFrame({
        title: [share.name for share in shares],
        "Members": [f"{share.members:.1%}" for share in shares],
        "Everybody else": [f"{share.rest:.1%}" for share in shares],
        "Times as much": [_times(share) for share in shares],
    })  # fmt: skip
    tables.show(table, alt="Shares of members beside those of everybody else", most=8)


def _times(share: Share) -> str:
    if share.rest <= 0:
        return "–"
    times = share.members / share.rest
    return "over 100" if times > MOST_TIMES else f"{times:.1f}"


def _releases(releases: Sequence[Coupling]) -> None:
    if not releases:
        safe.caption("The calendar names no release of a model, so no move can be told.")
        return
    zone = session.zone()
    table = pd.DataFrame({
        "No.": range(1, len(releases) + 1),
        "Release": [one.release for one in releases],
        "When": [wording.moment(one.at, zone) for one in releases],
        "Members moved": [_percent(one.shift) for one in releases],
        "Control cohort": [_percent(one.control_shift) for one in releases],
        "Half of it after": ["–" if one.lag_hours is None else f"{one.lag_hours:.0f} h"
                             for one in releases],
        "p": [wording.p_value(one.p) for one in releases],
    })  # fmt: skip
    tables.show(table, alt="Releases of models and how far members moved with each")
    for number, one in enumerate(releases, 1):
        safe.line("Release {number}: {why}.", number=number, why=one.why)
    safe.caption(
        "The control cohort has the same activity. p is corrected for the number of releases; "
        "automatic aliases and enthusiasts move too."
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:+.0%}".replace("-", wording.MINUS)


def lineage(card: Card) -> None:
    """What became of its line from run to run."""
    with st.container(border=True, gap="xsmall"):
        safe.line("**Its line from run to run**")
        if card.story.empty:
            safe.caption("No run knows a line of it.")
        for row in card.story.itertuples():
            safe.line(
                "{day} · {event}: {reason}", day=str(row.at)[:10], event=str(row.event),
                reason=str(row.reason),
            )  # fmt: skip


def unknown(card: Card) -> None:
    """What no log says, and on which days logs are silent."""
    with st.container(border=True, gap="xsmall"):
        safe.line("**What is unknown**")
        for event, spans in card.gaps.items():
            safe.line(
                "No {event} row on {spans}.", event=event.replace("_", " "), spans="; ".join(spans)
            )
        by_event: dict[str, list[str]] = {}
        for name in card.unknown:
            event, _, column = name.partition(".")
            by_event.setdefault(event, []).append(column)
        for event, columns in by_event.items():
            safe.caption("{event}: {columns}", event=event, columns=", ".join(columns) or "–")
        if not card.unknown and not card.gaps:
            safe.caption("Every input was there on every day.")
