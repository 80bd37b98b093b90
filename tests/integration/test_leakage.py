"""Nothing but links and behaviour may tell a campaign's account: where generators fail first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.tree import DecisionTreeClassifier

from fixtures import SynthReport, synthesise

SCALE = 0.6
LIMIT = 0.75


@pytest.fixture(
    scope="module",
    params=[("quickstart", 1), ("quickstart", 2), ("quickstart:hard", 1)],
    ids=lambda param: f"{param[0]}-{param[1]}",
)
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SynthReport:
    world, seed = request.param
    return synthesise(world, tmp_path_factory.mktemp("leakage") / "w", scale=SCALE, seed=seed)


@pytest.fixture(scope="module")
def accounts(report: SynthReport) -> pd.DataFrame:
    truth = pd.read_csv(report.truth / "accounts.csv", keep_default_na=False)
    table = pd.read_parquet(report.out / "accounts.parquet")
    return table.merge(truth, on="account_id", validate="one_to_one")


def tree_auc(features: pd.DataFrame, guilty: pd.Series) -> float:
    tree = DecisionTreeClassifier(max_depth=3, random_state=0, min_samples_leaf=5)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return float(cross_val_score(tree, features, guilty, cv=folds, scoring="roc_auc").mean())


def attributes(accounts: pd.DataFrame) -> pd.DataFrame:
    """Everything that one row of the account table says by itself."""
    created = accounts["created_at"].dt.tz_convert(None)
    local = accounts["email"].str.split("@").str[0]
    domain, name = accounts["email_domain"], accounts["name"]
    features = {
        "day": (created - pd.Timestamp("2020-01-01")).dt.days,
        "weekday": created.dt.day_of_week,
        "hour": created.dt.hour,
        "microsecond": created.dt.microsecond,
        "last_digit": created.dt.microsecond % 10,
        "local_length": local.str.len(),
        "digits": local.str.count(r"\d"),
        "dots": local.str.count(r"\."),
        "underscores": local.str.count("_"),
        "domain_length": domain.str.len(),
        "school": domain.str.startswith("uni-"),
        "name_length": name.str.len(),
        "latin_name": name.map(str.isascii),
        "organisation": accounts["organisation"].notna(),
        "phone": accounts["phone"].notna(),
        "v6": accounts["signup_ip"].str.contains(":"),
    }
    features |= {
        f"id_{place}": accounts["account_id"].str[place].map(ord) for place in range(5, 15)
    }
    features |= {f"at_{name}": domain == name for name in domain.value_counts().index[:6]}
    dummies = pd.get_dummies(accounts[["country", "pathway"]])
    return pd.concat([pd.DataFrame(features), dummies], axis=1)


@pytest.mark.parametrize("kinds", [("campaign",), ("campaign", "mixed"), ("reseller_customer",)])
def test_a_shallow_tree_on_single_accounts_learns_little(
    accounts: pd.DataFrame, kinds: tuple[str, ...]
) -> None:
    assert tree_auc(attributes(accounts), accounts["role"].isin(kinds)) < LIMIT


def test_the_tree_would_notice_a_leak(accounts: pd.DataFrame) -> None:
    guilty = accounts["role"].eq("campaign")
    leaking = attributes(accounts).assign(planted=np.where(guilty, 3, 2))
    assert tree_auc(leaking, guilty) > LIMIT


def test_ids_and_row_order_carry_no_signal(accounts: pd.DataFrame) -> None:
    guilty = accounts["role"].eq("campaign")
    by_chance = (12 * guilty.sum()) ** -0.5  # standard deviation of the area without any signal
    assert abs(roc_auc_score(guilty, accounts["account_id"].rank()) - 0.5) < 5 * by_chance
    runs = int((guilty.astype(int).diff() != 0).sum())
    share = guilty.mean()
    expected = 2 * share * (1 - share) * len(guilty)
    assert runs > 0.7 * expected  # sorted by role there would be two runs


def test_sub_second_digits_of_exchanges_carry_no_signal(
    report: SynthReport, accounts: pd.DataFrame
) -> None:
    parts = sorted((report.out / "exchanges").glob("*.parquet"))
    columns = ["account_id", "ts", "exchange_id"]
    table = pd.concat([pd.read_parquet(part, columns=columns) for part in parts])
    guilty = table["account_id"].map(accounts.set_index("account_id")["role"]).eq("campaign")
    second = table["ts"].dt.microsecond
    features = pd.DataFrame(
        {
            "microsecond": second,
            "millisecond": second // 1000,
            "last": second % 10,
            "last_two": second % 100,
            "id": table["exchange_id"].str[3].map(ord),
        }
    )
    assert tree_auc(features, guilty) < 0.52


def test_volumes_are_not_exact(report: SynthReport, accounts: pd.DataFrame) -> None:
    parts = sorted((report.out / "exchanges").glob("*.parquet"))
    counts = pd.concat([pd.read_parquet(part, columns=["account_id"]) for part in parts])
    by_account = counts["account_id"].value_counts()
    for role in ("benign", "campaign"):
        mine = by_account.reindex(accounts.loc[accounts["role"] == role, "account_id"]).dropna()
        assert mine.nunique() > 60
        assert mine.value_counts(normalize=True).max() < 0.1


def test_innocents_share_things_too(accounts: pd.DataFrame, report: SynthReport) -> None:
    """A world in which only the guilty share an address or a prompt would be no world."""
    innocent = set(accounts.loc[accounts["role"] == "benign", "account_id"])
    parts = sorted((report.out / "exchanges").glob("*.parquet"))
    columns = ["account_id", "ip", "prompt", "tls_fingerprint", "device_fingerprint"]
    table = pd.concat([pd.read_parquet(part, columns=columns) for part in parts])
    table = table[table["account_id"].isin(innocent)]
    for column in columns[1:]:
        users = table.groupby(column)["account_id"].nunique()
        sharing = table.loc[table[column].isin(users.index[users > 1]), "account_id"].nunique()
        assert sharing > 0.2 * len(innocent), column
