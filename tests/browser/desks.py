"""A small desk with the methods of ``workbench.Workbench`` over a real embedded store.

It lets pages be tested without an ingest, and lets hostile text stand in every field that a log can
fill, also where our own ingest would have refused it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from graph_models.errors import UsageError
from graph_models.inference import Assessment, Community, Inference, Reason, TierSizes
from graph_models.nodes import NodeRef
from graph_models.stores.embedded import EmbeddedStore
from graph_models.stores.protocol import Published
from graph_models.stores.triage import Asked, Triage
from tests.contract.graphs import Use, community, links_table, members_table, published
from workbench.case_questions import CaseQuestions
from workbench.casebook.subjects import pair_of
from workbench.database import open_database
from workbench.finding import find
from workbench.library import utc_now
from workbench.plays import PLAYS, play_named, run_play
from workbench.profile_questions import ProfileQuestions
from workbench.profiles.coupling import Coupling
from workbench.profiles.work import Share, Work
from workbench.scene_questions import SceneQuestions

NOW = datetime(2026, 6, 10, tzinfo=UTC)
HOSTILE = (
    "<script>window.__pwn=1</script>",
    '"><img src=x onerror="window.__pwn=1">',
    "<img src=x href onerror=window.__pwn=1>",
    "![x](https://evil.test/beacon.png)",
    "[click](javascript:window.__pwn=1)",
    "<svg onload=window.__pwn=1>",
    '<iframe src="https://evil.test/frame">',
    "javascript:window.__pwn=1",
    "https://evil.test/www.evil.test",
    "www.evil.test user@evil.test",
    ":material/bug_report: :red[alarm] $\\frac{1}{2}$",
    "`code` **bold** _it_ ~~gone~~ # head",
    "| a | b |\n|---|---|",
    "{{7*7}} ${7*7} #{7*7}",
    "'; DROP TABLE accounts; --",
    '=HYPERLINK("https://evil.test")',
    "\u202egnp.exe\u200b\u2066",
    "\x1b[31mred\x07",
    "a\u0301" * 12,
    "</textarea><style>*{display:none}</style>",
    "data:text/html,<script>window.__pwn=1</script>",
    "<a href=https://evil.test onclick=window.__pwn=1>x</a>",
    "{name!r:>99}",
    "x" * 4000,
)


class StoredDesk(SceneQuestions, CaseQuestions, ProfileQuestions):
    """Answers graph questions from a published graph, the rest from small tables."""

    def __init__(self, folder: Path, graph: Published | None, *, hostile: bool = False) -> None:
        self.workspace = SimpleNamespace(path=folder, world="test" if graph else None)
        self.store = EmbeddedStore(folder)
        self.graph, self.hostile = graph, hostile
        self.clock = utc_now
        self.withdrawn: list[str] = []
        self.used_to: dict[tuple[str, str], str] = {}
        if graph is not None and graph.inference is not None:
            with self.store.writer() as writer:
                writer.publish(graph)

    @property
    def view(self) -> Any:
        return self.store.view()

    @cached_property
    def database(self) -> Engine:
        return open_database(self.workspace.path)

    def clock(self) -> datetime:
        return datetime(2026, 6, 5, 10, 40, tzinfo=UTC)

    def seen(self, subject: str) -> Mapping[str, Any]:
        told = self.explain(*(pair_of(subject) or ("", "")))
        return {"run": "r1", "bits": told["bits"], "evidence": [*told["signals"]], "loads": ["l1"]}

    def _pin(self) -> Mapping[str, Any]:
        return {"run": "r1", "snapshot": "sn_1", "loads": ["l1"]}

    def _gone(self, loads: Sequence[str]) -> dict[str, str]:
        return {load: "was withdrawn" for load in loads if load in self.withdrawn}

    def about(self) -> Mapping[str, Any]:
        told = dict(self.view.about()) if self.graph and self.graph.inference else {}
        return {**told, "analysed_at": "2026-06-05T04:15:00+00:00"} if told else {}

    def communities(self, *, min_size: int = 2) -> tuple[Community, ...]:
        return tuple(c for c in self.view.communities() if c.size.accused >= min_size)

    def community(self, community: str) -> Community:
        return self.view.community(community)

    def triage(self, asked: Asked) -> Triage:
        return self.view.triage(asked)

    def story(self, community: str) -> pd.DataFrame:
        return self.view.story(community)

    def members(self, community: str | None = None) -> pd.DataFrame:
        return self.view.members(community)

    def show(self, node: NodeRef | str) -> Any:
        return self.view.entity(_node(node))

    def find(self, text: str, *, limit: int = 25) -> Any:
        return find(self, text, limit=limit)  # type: ignore[arg-type]

    def plays(self) -> Any:
        return PLAYS

    def play(self, name: str, *, progress: Any = None, **given: Any) -> Any:
        play = play_named(name)
        return run_play(self, play, given, clock=lambda: NOW, progress=progress)  # type: ignore[arg-type]

    def snapshot(self) -> Any:
        raise UsageError("This desk holds a graph only.", fix="Load logs.")

    def search(self, text: str, *, limit: int = 25) -> Any:
        return self.view.search(text, limit=limit)

    def expand(self, node: NodeRef | str, **options: Any) -> Any:
        return self.view.expand(_node(node), **options)

    def subgraph(self, nodes: Sequence[NodeRef], *, linked: bool = True) -> Any:
        return self.view.subgraph(nodes, linked=linked)

    def context(self) -> None:
        return None

    def links(self, account: str) -> pd.DataFrame:
        return self.view.links(account)

    def explain(self, a: str, b: str) -> Mapping[str, Any]:
        self.view.entity(NodeRef("account", a))
        self.view.entity(NodeRef("account", b))
        bad = HOSTILE[3] if self.hostile else "stripe/fp_camp_0"
        rows = [{"file": "charges.csv.gz", "row": 14882 + 37 * i} for i in range(6)]
        signals = [
            _entry("shared card", "instrument", 12.6, f"payment_method:{bad}", rows),
            _entry("shared device", "device", 6.4, "device:dv_rack_0", rows[:2]),
            _entry("shared address", "network", 4.1, "ip:240.7.0.1", rows[:3]),
            _entry("activity in step", "timing", 4.9, "", []),
            _entry("same prompt frame", "prompts", 3.3, "prompt_cluster:pc_grader", rows[:1]),
        ]
        against = [
            _entry("overlap within network", "network", -3.4, "", []),
            _entry("different hours of day", "timing", -2.8, "", []),
        ]
        bits = sum(e["bits"] for e in [*signals, *against])
        odds = 2 ** (bits - 18.6)
        return {
            "a": a,
            "b": b,
            "bits": bits,
            "prior_bits": -18.6,
            "probability": odds / (1 + odds),
            "signals": signals,
            "against": against,
            "chance_p": 0.0008,
        }

    def habits(self, *, by: str) -> Mapping[str, str]:
        return {key[1]: value for key, value in self.used_to.items() if key[0] == by}

    def keep_habit(self, name: str, value: str, *, by: str) -> None:
        self.used_to[by, name] = value

    def ingest(self, paths: Sequence[Path | str], **_options: Any) -> Any:
        missing = [path for path in paths if not Path(path).exists()]
        if missing:
            raise UsageError(f"There is no file {missing[0]}.", fix="Check the path.")
        row = {
            "load_id": "l9",
            "file": str(paths[0]),
            "mapping": "canonical.exchange",
            "rows": 10,
            "loaded": 8,
            "duplicate": 1,
            "quarantined": 1,
            "state": "published",
        }
        told = {"rows": 10, "loaded": 8, "duplicate": 1, "quarantined": 1, "packages": [row]}
        return SimpleNamespace(as_json=lambda: told)

    def detect(self, paths: Sequence[Path | str], **_options: Any) -> pd.DataFrame:
        files = [self.text(str(path)) for path in paths]
        told = {"mapping": "stripe.charge", "emits": "payment", "known": 1.0, "accepted": 0.99}
        when = pd.Timestamp("2026-05-01")
        return pd.DataFrame({"file": files}).assign(**told, first=when, last=when, remark="")

    def analyse(self, *, progress: Any = None, **_options: Any) -> Any:
        progress("scoring links", 0.5)
        return SimpleNamespace(communities=3, accounts=75, seconds=1.2)

    def withdraw(self, load_id: str) -> Mapping[str, Any]:
        self.withdrawn.append(load_id)
        return {"withdrawn": load_id, "snapshot": "sn_2", "stale": []}

    def packages(self) -> pd.DataFrame:
        rows = (
            []
            if self.graph is None
            else [
                ("8d41aa01", "exchanges-2026-05.parquet", "canonical.exchange", 1840, 20),
                ("31faaa02", self.text("charges.csv.gz"), "stripe.charge", 214, 0),
            ]
        )
        names = ["load_id", "file", "mapping", "rows", "quarantined"]
        frame = pd.DataFrame(rows, columns=names).assign(state="published")
        return frame.assign(events=frame["rows"] - frame["quarantined"])

    def snapshots(self) -> pd.DataFrame:
        digest = self.about().get("snapshot", "sn_0")
        at = "2026-06-05T04:12:00+00:00"
        return pd.DataFrame(
            {"snapshot": [digest], "at": [at], "loads": [2], "rows": [2014], "current": [True]}
        )

    def quarantine(self, _load_id: str | None = None) -> pd.DataFrame:
        values = HOSTILE if self.hostile else ("2026-05-32T10:11:00Z", "not an address")
        return pd.DataFrame(
            {
                "load_id": "8d41aa01",
                "file": self.text("exchanges.parquet"),
                "row": range(len(values)),
                "column": "ts",
                "reason": "The time cannot be read.",
                "fix": "Write ISO 8601.",
                "value": list(values),
            }
        )

    def activity(self, accounts: Sequence[str]) -> pd.DataFrame:
        days = pd.date_range("2026-04-22", periods=45, unit="us")
        counts = (np.arange(45) % 7 + 3 + 9 * (np.arange(45) > 30)) * len(accounts)
        return pd.DataFrame({"day": days, "exchanges": counts})

    def rhythm(self, accounts: Sequence[str], *, first: str = "", last: str = "") -> pd.DataFrame:
        hours = pd.date_range("2026-04-22", periods=45 * 8, freq="3h", unit="us")
        names = np.repeat(np.array(accounts, dtype=object), len(hours))
        counts = np.tile(np.arange(len(hours)) % 5 + 1, len(accounts))
        at = np.tile(hours.to_numpy(), len(accounts))
        return pd.DataFrame({"account": names, "hour": at, "exchanges": counts})

    def calendar(self) -> pd.DataFrame:
        at = pd.to_datetime(["2026-05-08", "2026-05-20"])
        names = [self.text("model two"), "wave of May"]
        kinds = ["model_release", "ban_wave"]
        return pd.DataFrame({"ts": at, "kind": kinds, "name": names, "who": ""})

    # ---- what profiles read from rows

    def log_gaps(self) -> dict[str, tuple[str, ...]]:
        return {"login": ("3 May to 5 May 2026",)}

    def users(self, node: NodeRef | str) -> pd.DataFrame:
        return self.uses("acct_0").head(int(_node(node).kind == "api_key"))

    def uses(self, account: str) -> pd.DataFrame:
        values = HOSTILE if self.hostile else ("key_own_1", "key_own_2")
        when = pd.Timestamp("2026-05-01")
        told = {"account": account, "count": 3, "first": when, "last": when}
        return pd.DataFrame({"kind": "api_key", "value": list(values)}).assign(**told)

    def mix(self, _account: str) -> pd.DataFrame:
        models = HOSTILE if self.hostile else ("m-1", "m-2")
        told = {"exchanges": range(1, len(models) + 1), "elicited": 0}
        return pd.DataFrame({"model": list(models), "capability": list(models)}).assign(**told)

    def labels(self, _account: str) -> pd.DataFrame:
        texts = list(HOSTILE) if self.hostile else []
        told = {"label": texts, "source": texts, "note": texts}
        return pd.DataFrame(told).assign(ts=pd.Timestamp("2026-05-02"))

    def loads_of(self, _account: str) -> pd.DataFrame:
        when = pd.Timestamp("2026-05-01")
        told = {"event": ["exchange"], "file": [self.text("exchanges.parquet")], "rows": [12]}
        return pd.DataFrame(told).assign(first=when, last=when)

    def source_rows(self, _file: str, rows: Sequence[int]) -> pd.DataFrame:
        texts = HOSTILE if self.hostile else ("240.7.0.1",)
        return pd.DataFrame(
            {"row": list(rows), **{f"c{n}": [text] for n, text in enumerate(texts)}}
        )

    def work(self, _community: str, *, seed: int = 0) -> Work:
        days = pd.date_range("2026-05-01", periods=20, unit="us")
        name = self.text("m-2")
        at = datetime(2026, 5, 9)
        moved = Coupling(release=name, at=at, members=40, controls=400, shift=0.5,
                         control_shift=0.1, lag_hours=21.0, p=0.001 + seed, coupled=True,
                         why="members moved more")  # fmt: skip
        shares = tuple(
            Share(name=self.text(word), exchanges=5, members=0.5, rest=rest)
            for word, rest in (("m-1", 0.0), ("m-2", 0.001), ("m-3", 0.7))
        )
        return Work(days=pd.DataFrame({"day": days, "members": 7, "rest": 90}), models=shares,
                    capabilities=shares, releases=(moved,))  # fmt: skip

    def export(self, *, out: Path, **_options: Any) -> None:
        out.mkdir(parents=True)
        (out / "report.html").write_text("<!doctype html>", encoding="utf-8")

    def text(self, usual: str) -> str:
        return HOSTILE[3] if self.hostile else usual


def _node(node: NodeRef | str) -> NodeRef:
    return node if isinstance(node, NodeRef) else NodeRef.parse(node)


def _entry(
    signal: str, family: str, bits: float, identifier: str, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "signal": signal,
        "family": family,
        "bits": bits,
        "identifier": identifier,
        "why": f"Both accounts show the {signal}; few others do, so an innocent match is rare.",
        "misleads": "A family or a firm may do the same. A reseller pays for strangers.",
        "rows": rows,
        "rows_total": len(rows),
    }


def busy_published(seed: int = 5) -> Published:
    """A campaign of 96 in four cells, a reseller of 420 in nine, an office, households, a hub."""
    rng = np.random.default_rng(seed)
    uses: list[Use] = []
    rows: list[dict[str, object]] = []
    made: list[Community] = []
    plans = (
        ("cm_7c1e04", "campaign", 96, 4),
        ("cm_31fa88", "reseller", 420, 9),
        ("cm_be0712", "organisation", 34, 1),
        ("cm_5d90aa", "household", 4, 1),
        ("cm_a417c3", "event", 60, 2),
        ("cm_09de55", "shared_network", 48, 1),
    )
    for name, mostly, count, cells in plans:
        accounts = [f"acct_{name[3:6]}{i:04d}" for i in range(count)]
        cell_of = [f"{name}/{i * cells // count}" for i in range(count)]
        uses += _cell_uses(rng, name, accounts, cell_of)
        tiers = np.where(
            np.arange(count) % 11 == 10,
            "possible",
            np.where(np.arange(count) % 5 == 4, "probable", "core"),
        )
        rows += [
            {"account": a, "community": name, "cell": c if cells > 1 else "", "tier": t}
            for a, c, t in zip(accounts, cell_of, tiers, strict=True)
        ]
        size = TierSizes(*(int((tiers == t).sum()) for t in ("core", "probable", "possible")))
        made.append(community(name, size, mostly=mostly, cells=tuple(sorted(set(cell_of)))))
    names = sorted({use[0] for use in uses})
    place = {name: i for i, name in enumerate(names)}
    first = [place[str(r["account"])] for r in rows if r["community"] == "cm_7c1e04"]
    pairs = list(pairwise(first))
    inference = Inference(
        run="a1b2c3d4e5f60718",
        snapshot="7c1e04aa55",
        seed=0,
        candidate_pairs=len(pairs),
        links=links_table(pairs, (9000 + 10 * i for i in range(len(pairs)))),
        communities=tuple(made),
        members=members_table(rows),
    )
    return published(uses, snapshot="7c1e04aa55", inference=inference)


def _cell_uses(
    rng: np.random.Generator, name: str, accounts: list[str], cell_of: list[str]
) -> list[Use]:
    uses: list[Use] = []
    for i, (account, cell) in enumerate(zip(accounts, cell_of, strict=True)):
        uses += [
            (account, "payment_method", f"stripe/fp_{name[3:]}_{i // 9}"),
            (account, "device", f"dv_{name[3:]}_{i // 6 + int(rng.integers(0, 2))}"),
            (account, "ip", f"240.{hash_of(name)}.{i // 12}.{int(rng.integers(1, 4))}"),
            (account, "prompt_cluster", f"pc_{hash_of(cell)}"),
            (account, "ip", "240.99.0.1"),
            (account, "user_agent", "python-requests/2.32"),
            (account, "device", f"dv_own_{account}"),
        ]
    return uses


def hash_of(text: str) -> int:
    """A small number that stays the same between runs."""
    return sum(map(ord, text)) % 200 + 10


def hostile_published() -> Published:
    """Two accounts an identifier, one hostile text each, in every kind and in the reasons."""
    uses: list[Use] = []
    accounts = [f"acct_{i}" for i in range(6)] + list(HOSTILE[:8])
    for i, text in enumerate(HOSTILE):
        for account in (accounts[i % 6], accounts[(i + 1) % 6], accounts[6 + i % 8]):
            kind = ("device", "payment_method", "prompt_cluster", "user_agent", "foreign")[i % 5]
            uses.append((account, kind, text))
    names = sorted(set(accounts))
    pairs = [(a, b) for a in range(len(names)) for b in range(a + 1, len(names))]
    item = community("cm_hostile", TierSizes(len(names), 0, 0), mostly="campaign", cells=("c",))
    reasons = tuple(Reason(text[:300], 3.0, "device") for text in HOSTILE)
    told = Assessment(item.assessment.probabilities, "high", reasons, HOSTILE[:4])
    item = Community(**{**item.__dict__, "assessment": told})
    rows: list[dict[str, object]] = [
        {"account": name, "community": "cm_hostile", "cell": HOSTILE[i % 3]}
        for i, name in enumerate(names)
    ]
    inference = Inference(
        run="run_hostile",
        snapshot="sn_hostile",
        seed=0,
        candidate_pairs=len(pairs),
        links=links_table(pairs, (8000 + i for i in range(len(pairs)))),
        communities=(item,),
        members=members_table(rows),
    )
    return published(uses, snapshot="sn_hostile", inference=inference)
