"""What holds a community together: cards, devices, addresses, one organisation, one domain."""

from __future__ import annotations

import numpy as np
import pandas as pd

from graph_models.assessment.pool import Pool
from graph_models.assessment.runs import distinct
from graph_models.families import FAMILIES

__all__ = ["families", "identifiers", "profile_fields"]

# An identifier is the community's own when at least this part of its accounts are members:
# stock devices, carrier addresses and popular prompts are shared by mostly strangers.
OWN_SHARE = 0.3
KINDS = {"payment_method": "card", "device": "device", "ip": "ip"}
FREE_MAIL_DEGREE = 60  # the hub degree of email domains: above it, a mail provider


def identifiers(pool: Pool) -> pd.DataFrame:
    """By kind: known, cover, top and groups of shared identifiers (see CommunityProfile)."""
    parts = [_of_kind(pool, kind).add_prefix(f"{name}_") for kind, name in KINDS.items()]
    return pd.concat(parts, axis=1)


def _of_kind(pool: Pool, kind: str) -> pd.DataFrame:
    width = len(pool.names)
    most, groups, members = np.ones(width), np.zeros(width), []
    for rows in pool.uses_by_part(kind):
        rows = rows[rows["linkable"].to_numpy()]
        np.maximum.at(most, rows["community"].to_numpy(), rows["inside"].to_numpy(np.float64))
        own = rows[(rows["inside"] >= 2) & (rows["inside"] >= OWN_SHARE * rows["degree"])]
        members.append(own["member"])
        key = own["identifier"].to_numpy(np.int64) * width + own["community"].to_numpy()
        groups += np.bincount(distinct(key) % width, minlength=width)
    size = pd.Series(pool.size, dtype=np.float64)
    known = pool.having(kind, linkable=True)
    enough = known >= 2
    return pool.frame(
        known=known / size,
        cover=(pool.among(*members) / known).where(enough),
        top=(most / known).where(enough),
        groups=pd.Series(groups).where(enough),
    )


def families(pool: Pool, links: pd.DataFrame) -> pd.DataFrame:
    """Share of the bits of internal links by family, and the links per possible pair."""
    label = np.full(len(pool.obs.accounts), -1, np.int64)
    label[pool.table["account"]] = pool.table["community"]
    code = label[links["a"].to_numpy()]
    inner = np.flatnonzero((code >= 0) & (code == label[links["b"].to_numpy()]))
    code, count = code[inner], len(pool.names)
    names = [family.value for family in FAMILIES]
    sums = {
        name: np.bincount(code, links[name].to_numpy(np.float64)[inner], minlength=count)
        for name in names
    }
    positive = pd.DataFrame(sums).clip(lower=0)
    share = positive.div(positive.sum(axis=1).where(lambda total: total > 0), axis=0)
    pairs = pd.Series(pool.size * (pool.size - 1) / 2)
    met = pd.Series(np.bincount(code, minlength=count)).where(lambda number: number > 0)
    density = met / pairs.where(pairs > 0)
    return pool.frame(density=density, **{f"bits_{name}": share[name] for name in names})


def profile_fields(pool: Pool) -> pd.DataFrame:
    """Organisation, email domain, pathway, country and labels of the members."""
    rows = pool.accounts
    size = pd.Series(pool.size, dtype=np.float64)
    domain = _text(rows["email_domain"])
    degree = _text(pool.obs.accounts["email_domain"]).value_counts()
    free = domain.map(degree).gt(FREE_MAIL_DEGREE) | domain.isin(_mail_providers(pool))
    pathway = _text(rows["pathway"])
    # Where no account names an organisation at all, its absence says nothing.
    any_named = bool(_text(pool.obs.accounts["organisation"]).notna().any())
    organisation = _text(rows["organisation"])
    named = organisation.groupby([rows["community"], organisation]).transform("size") >= 2
    return pool.frame(
        organisation_known=_known(rows, organisation) / size,
        organisation_cover=named.groupby(rows["community"])
        .mean()
        .where(size.map(lambda _: any_named)),
        organisation_groups=organisation[named]
        .groupby(rows["community"])
        .nunique()
        .reindex(size.index, fill_value=0),
        card_by_organisation=_card_by_organisation(
            pool, rows.assign(named=organisation.where(named))
        ),
        domain_known=_known(rows, domain) / size,
        domain_top=_top(rows, domain.where(~free)) / size,
        education=(pathway == "education").groupby(rows["community"]).mean(),
        country_top=_top(rows, _text(rows["country"])) / _known(rows, _text(rows["country"])),
        cleared=_labelled(pool, "cleared") / size,
        confirmed=_labelled(pool, "confirmed") / size,
    )


def _card_by_organisation(pool: Pool, rows: pd.DataFrame) -> pd.Series:
    """Of the members with a card, the share who pay with the main card of the firm they name."""
    cards = pool.uses("payment_method")
    cards = cards[cards["linkable"].to_numpy()]
    having = cards.groupby("community")["account"].nunique()
    firm = rows.set_index(["community", "account"])["named"].dropna().rename("firm")
    used = cards.join(firm, on=["community", "account"], how="inner")
    each = used.groupby(["community", "firm", "identifier"]).size()
    main = each.groupby(level=["community", "firm"]).max().groupby(level="community").sum()
    return main.reindex(having.index, fill_value=0) / having


def _text(column: pd.Series) -> pd.Series:
    return column.where(column.notna() & (column != ""))


def _mail_providers(pool: Pool) -> pd.Series:
    known = pool.obs.identifiers.iloc[slice(*pool.background.kind_range("email_domain"))]
    return known.loc[~known["linkable"].astype(bool), "value"]


def _known(rows: pd.DataFrame, text: pd.Series) -> pd.Series:
    return text.notna().groupby(rows["community"]).sum()


def _top(rows: pd.DataFrame, text: pd.Series) -> pd.Series:
    counts = text.groupby([rows["community"], text]).size()
    return counts.groupby(level=0).max().reindex(range(rows["community"].max() + 1), fill_value=0)


def _labelled(pool: Pool, label: str) -> pd.Series:
    said = pool.obs.labels.loc[pool.obs.labels["label"] == label, "account"].unique()
    return pool.table["account"].isin(said).groupby(pool.table["community"]).sum()
