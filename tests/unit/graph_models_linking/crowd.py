"""A hand-made population for tests: ordinary accounts, homes, an office, a campaign, a reseller.

Small and plain on purpose; the shipped worlds (``fixtures``) are the real measure.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.observations import COLUMNS, Observations, empty_table, rows_of

START = np.datetime64("2026-05-01T00:00:00", "us")
DAYS = 45


@dataclass
class Crowd:
    """Collects uses of identifiers and exchanges, then makes ``Observations`` of them."""

    seed: int
    accounts: list[dict[str, object]] = field(default_factory=list)
    uses: list[tuple[int, str, str, float, float, int]] = field(default_factory=list)
    exchanges: list[pd.DataFrame] = field(default_factory=list)
    role: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    def account(self, role: str, born: float | None = None) -> int:
        created = self.rng.uniform(-60, 30) if born is None else born
        self.accounts.append({"created": created})
        self.role.append(role)
        return len(self.accounts) - 1

    def use(self, account: int, kind: str, value: str, count: int = 3) -> None:
        first = max(0.0, float(self.accounts[account]["created"])) + self.rng.uniform(0, 5)  # type: ignore[arg-type]
        self.uses.append((account, kind, value, first, first + self.rng.uniform(1, 12), count))

    def works(self, account: int, count: int, frames: list[str], share: float) -> None:
        """Exchanges in working hours; a share of them in the given frames, the rest in none."""
        rng = self.rng
        begin = max(0.0, float(self.accounts[account]["created"]))  # type: ignore[arg-type]
        day = np.floor(rng.uniform(begin, DAYS, count)) + np.clip(
            rng.normal(0.6, 0.15, count), 0, 0.99
        )
        framed = rng.random(count) < share if frames else np.zeros(count, bool)
        frame = np.where(framed, rng.choice(frames or [""], count), "")
        self.exchanges.append(pd.DataFrame({"account": account, "day": day, "frame": frame}))

    def observations(self) -> Observations:
        order = self.rng.permutation(len(self.accounts))  # ids say nothing about roles
        self.position: NDArray[np.int32] = np.argsort(np.argsort(order)).astype(np.int32)
        rows = pd.concat(self.exchanges, ignore_index=True).sort_values(["account", "day"])
        frames = (
            rows[rows["frame"] != ""]
            .groupby(["account", "frame"])["day"]
            .agg(["size", "min", "max"])
        )
        for (account, frame), (count, low, high) in zip(
            frames.index, frames.to_numpy(), strict=True
        ):
            self.uses.append((account, "prompt_cluster", frame, low, high, int(count)))
        return self._tables(rows)

    def _tables(self, rows: pd.DataFrame) -> Observations:
        use = pd.DataFrame(
            self.uses, columns=["account", "kind", "value", "first", "last", "count"]
        )
        use = use.groupby(["account", "kind", "value"], as_index=False).agg(
            {"first": "min", "last": "max", "count": "sum"}
        )
        use["account"] = self.position[use["account"]]
        ids = use.groupby(["kind", "value"]).size().rename("accounts").reset_index()
        ids["identifier"] = np.arange(len(ids), dtype=np.int32)
        use = use.merge(ids[["kind", "value", "identifier"]]).sort_values(["identifier", "account"])
        sightings = (
            pd.DataFrame(
                {
                    "account": use["account"],
                    "identifier": use["identifier"],
                    "count": use["count"],
                    "first": _time(use["first"]),
                    "last": _time(use["last"]),
                    "days": 1,
                    "claimed": 0.0,
                }
            )
            .astype(COLUMNS["sightings"])
            .reset_index(drop=True)
        )
        identifiers = pd.DataFrame(
            {
                "kind": ids["kind"],
                "value": ids["value"],
                "accounts": ids["accounts"],
                "linkable": True,
                "prefix": [
                    v.rpartition(".")[0] if k == "ip" else None
                    for k, v in zip(ids["kind"], ids["value"], strict=True)
                ],
                "asn": None,
                "label": None,
            }
        ).astype(COLUMNS["identifiers"])
        rows = rows.assign(account=self.position[rows["account"]], ts=_time(rows["day"]))
        codes = dict(zip(ids["value"], ids["identifier"], strict=True))
        self.rows = (
            pd.DataFrame(
                {
                    "account": rows["account"],
                    "ts": rows["ts"],
                    "cluster": rows["frame"].map(codes).fillna(-1),
                    "prompt": 0,
                    "model": "m1",
                    "capability": None,
                    "elicited": False,
                }
            )
            .astype(COLUMNS["exchanges"])
            .sort_values(["account", "ts"], ignore_index=True)
        )
        return Observations(
            snapshot="crowd",
            accounts=self._accounts(rows),
            identifiers=identifiers,
            sightings=sightings,
            activity_of=rows_of(self._activity()),
            exchanges_of=lambda who: self.rows[self.rows["account"].isin(who)],
            lacking=("exchange.capability",),
        )

    def _accounts(self, rows: pd.DataFrame) -> pd.DataFrame:
        made = np.empty(len(self.accounts))
        made[self.position] = [float(a["created"]) for a in self.accounts]  # type: ignore[arg-type]
        busy = np.bincount(rows["account"], minlength=len(made))
        table = empty_table("accounts").reindex(range(len(made)))
        table["account"] = [f"acct_{i:05d}" for i in range(len(made))]
        table["created_at"] = _time(pd.Series(made))
        table["exchanges"] = busy
        return table.astype(COLUMNS["accounts"])

    def _activity(self) -> pd.DataFrame:
        hours = self.rows.assign(hour=self.rows["ts"].dt.floor("h"))
        counts = (
            hours.groupby(["account", "hour", "model"]).size().rename("exchanges").reset_index()
        )
        counts = counts.assign(capability=None, elicited=0, input_tokens=0, output_tokens=0)
        return counts[list(COLUMNS["activity"])].astype(COLUMNS["activity"])

    def truth(self) -> pd.Series:
        """Role of each account position."""
        roles = np.empty(len(self.role), object)
        roles[self.position] = self.role
        return pd.Series(roles)


def _time(days: pd.Series) -> pd.Series:
    stamps = START + (days.to_numpy(dtype=float) * 86_400e6).astype("timedelta64[us]")
    return pd.Series(stamps, index=days.index)


def crowd(seed: int = 0, *, ordinary: int = 800, campaign: int = 60, customers: int = 40) -> Crowd:
    """Ordinary accounts with the usual coincidences, and the groups asked for."""
    made = Crowd(seed)
    _ordinary(made, ordinary)
    _household(made)
    _office(made)
    frames = [f"pc_queue{i}" for i in range(8)]
    proxies = [f"10.9.{i // 8}.{i}" for i in range(24)]
    cards = [f"psp/shared{i}" for i in range(6)]
    for member in range(campaign):
        one = made.account("campaign", born=made.rng.uniform(-5, 10))
        cell = member % 3
        _infrastructure(made, one, proxies, cards)
        made.use(one, "device", f"dv_cell{cell}_{made.rng.integers(3)}")
        made.works(one, 60, frames, 0.9)
    for _ in range(customers):
        one = made.account("customer")
        _infrastructure(made, one, proxies, cards)
        made.use(one, "device", f"dv_own{one}")
        made.works(one, 40, [], 0)
    return made


def _infrastructure(made: Crowd, account: int, proxies: list[str], cards: list[str]) -> None:
    made.use(account, "payment_method", str(made.rng.choice(cards)))
    for proxy in made.rng.choice(proxies, 3, replace=False):
        made.use(account, "ip", str(proxy))


def _ordinary(made: Crowd, count: int) -> None:
    for _ in range(count):
        one = made.account("benign")
        made.use(one, "payment_method", f"psp/own{one}")
        made.use(one, "device", f"dv_own{one}")
        if made.rng.random() < 0.15:
            made.use(one, "device", "dv_stock")
        for _ in range(made.rng.integers(1, 4)):
            pool = made.rng.integers(count * 3)
            made.use(one, "ip", f"11.{pool // 250}.{pool % 250}.7")
        popular = ["pc_popular1", "pc_popular2", f"pc_niche{made.rng.integers(count)}"]
        made.works(one, int(made.rng.integers(5, 60)), popular, 0.15)


def _household(made: Crowd) -> None:
    for home in range(15):
        for _ in range(3):
            one = made.account("household")
            made.use(one, "payment_method", f"psp/home{home}")
            made.use(one, "ip", f"12.0.{home}.1")
            made.use(one, "device", f"dv_own{one}")
            made.works(one, 20, [], 0)


def _office(made: Crowd) -> None:
    for _ in range(30):
        one = made.account("office")
        made.use(one, "payment_method", "psp/corporate")
        made.use(one, "ip", "13.0.0.1")
        made.use(one, "device", f"dv_own{one}")
        made.works(one, 40, ["pc_popular1"], 0.1)
