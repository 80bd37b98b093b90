"""The pack's picture: one HTML file that draws the community and can reach nothing.

pyvis builds nodes and options; its own HTML is never used, because a title that holds the letters
"href" turns it into a page that runs what a log says (reference: ui.md §5). Ours holds the data in
an inert JSON block, runs two scripts by their hash, and forbids every request.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from graph_models.kind import Glyph
from graph_models.kinds import ACCOUNT, KINDS, glyph_of, policy_of
from graph_models.text import inert
from workbench.export.record import CaseRecord
from workbench.scenes.layout import Spot, first_layout

__all__ = ["LIBRARY", "built", "json_block", "kind_sheet", "picture_html", "write_picture"]

LIBRARY = "vis-network-10.1.5.esm.js"
MAX_NODES = 300  # a picture with more is a hairball; the tables of the pack hold everything

# What may reach the canvas. ``image`` and ``brokenImage`` would fetch, ``font`` and ``color`` would
# let a log choose its own look: none of them is here.
NODE_KEYS = frozenset(
    {"id", "label", "title", "x", "y", "group", "size", "hub", "cell", "tier", "count", "counts",
     "private", "bits"}
)  # fmt: skip
EDGE_KEYS = frozenset({"id", "from", "to", "title", "relation", "bits", "hub"})
OPTIONS: Mapping[str, Any] = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "interaction": {"hover": True, "multiselect": True, "tooltipDelay": 120},
}
STYLE = """
*{box-sizing:border-box}body{margin:0;font:14px/1.4 'Source Sans 3',system-ui,sans-serif}
header{padding:10px 16px}h1{font-size:18px;margin:0 0 2px}p{margin:0}
#canvas{height:calc(100vh - 118px);outline:none}
#legend{display:flex;flex-wrap:wrap;gap:4px 18px;padding:8px 16px;font-size:12.5px}
#legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:6px}
.vis-tooltip{position:absolute;padding:4px 8px;background:#1B2430;color:#fff;white-space:pre-line;
border-radius:4px;font-size:12px;max-width:40rem;overflow-wrap:anywhere;pointer-events:none}
"""


def kind_sheet(names: Iterable[str]) -> list[dict[str, Any]]:
    """Glyph and words of each kind, in the registry's order, foreign kinds last."""
    known = {ACCOUNT.name: ACCOUNT.plural, **{kind.name: kind.plural for kind in KINDS}}
    order = [*known, *sorted(set(names) - set(known))]
    return [
        {"name": name, "plural": known.get(name, inert(name, 40)), **_glyph(glyph_of(name))}
        for name in order
        if name in set(names)
    ]


def _glyph(glyph: Glyph) -> dict[str, Any]:
    return {"shape": glyph.shape, "light": glyph.light, "dark": glyph.dark, "size": glyph.size}


def built(
    nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any]]:
    """Nodes, edges and options as pyvis makes them, with only the keys that may be drawn."""
    from pyvis.network import Network

    net = Network(directed=True)  # undirected, pyvis compares each new edge with all the others
    for node in nodes:
        extra = {key: value for key, value in node.items() if key not in ("id", "label")}
        net.add_node(node["id"], label=node.get("label") or " ", **extra)
    for edge in edges:
        extra = {key: value for key, value in edge.items() if key not in ("from", "to")}
        net.add_edge(edge["from"], edge["to"], **extra)
    return (
        [_only(node, NODE_KEYS) for node in net.nodes],
        [_only(edge, EDGE_KEYS) for edge in net.edges],
        dict(OPTIONS),
    )


def _only(row: Mapping[str, Any], allowed: frozenset[str]) -> dict[str, Any]:
    return {
        key: value if key in ("id", "from", "to") else _text(value)
        for key, value in row.items()
        if key in allowed
    }


def _text(value: Any) -> Any:
    return inert_lines(value) if isinstance(value, str) else value


def inert_lines(text: str, limit: int = 300) -> str:
    """Inert text that keeps our own line breaks (tooltips have several lines)."""
    return "\n".join(inert(line, limit) for line in text.split("\n")[:12])


def json_block(value: Any) -> str:
    """JSON that cannot end its own script element or start a comment."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@lru_cache(maxsize=1)
def _script() -> str:
    """Library and boot as one inline module: a module's exports cannot be reached from another."""
    folder = resources.files("workbench")
    library = folder.joinpath("app", "frontend", LIBRARY).read_text(encoding="utf-8")
    boot = folder.joinpath("export", "assets", "picture.js").read_text(encoding="utf-8")
    body, found, exports = library.rpartition("export{")
    if not found:
        raise ValueError(f"{LIBRARY} does not end in an export list.")
    names = dict(re.findall(r"([\w$]+) as (\w+)", exports))
    inner = {outer: name for name, outer in names.items()}
    return f"{body}\nconst vis={{Network:{inner['Network']},DataSet:{inner['DataSet']}}};\n{boot}"


def picture_html(scene: Mapping[str, Any], *, title: str, caption: str) -> str:
    """The whole file. ``scene`` holds nodes, edges, kinds and options."""
    script = _script()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        f"<header><h1>{escape(title)}</h1><p>{escape(caption)}</p></header>"
        "<div id='canvas' role='img' aria-label='The graph; its content stands in the tables of "
        "this pack'></div><div id='legend'></div>"
        f"<script type='application/json' id='scene'>{json_block(scene)}</script>"
        f"<script type='module'>{script}</script></body></html>\n"
    )


def write_picture(record: CaseRecord, folder: Path) -> None:
    """``picture.html``: up to 300 nodes of the record, core accounts and rare identifiers first."""
    scene, drawn, total = _scene(record)
    synthetic = f"Synthetic world “{record.world}”. " if record.world else ""
    caption = (
        f"TLP:{record.profile.tlp}. {synthetic}{drawn} drawn + {total - drawn} not drawn = {total} "
        "nodes; all of them stand in the tables. An investigative lead, not a finding of guilt."
    )
    html = picture_html(scene, title=record.title, caption=caption)
    (folder / "picture.html").write_text(html, encoding="utf-8")


def _scene(record: CaseRecord) -> tuple[dict[str, Any], int, int]:
    accounts, identifiers = _chosen(record)
    names = {("account", name): f"a{i}" for i, name in enumerate(accounts["account"])}
    rows = zip(identifiers["kind"], identifiers["value"], strict=True)
    names |= {key: f"i{i}" for i, key in enumerate(rows)}
    pairs = _pairs(record.sightings, names)
    nodes = [*_account_nodes(accounts, names), *_identifier_nodes(identifiers, names)]
    spots = [
        Spot(
            node["id"],
            _role(node),
            node.get("cell", ""),
            weight=policy_of(node["group"]).cap_bits,
        )
        for node in nodes
    ]
    places = first_layout(spots, pairs)
    for node in nodes:
        node["x"], node["y"] = places[node["id"]]
    drawn_nodes, drawn_edges, options = built(nodes, [{"from": a, "to": b} for a, b in pairs])
    total = len(record.accounts) + len(record.identifiers)
    scene = {"nodes": drawn_nodes, "edges": drawn_edges, "options": options}
    return {**scene, "kinds": _counted(record, nodes)}, len(nodes), total


def _role(node: Mapping[str, Any]) -> str:
    return "account" if node["group"] == "account" else "hub" if node["hub"] else "identifier"


def _chosen(record: CaseRecord) -> tuple[pd.DataFrame, pd.DataFrame]:
    tiers = {"core": 0, "probable": 1, "possible": 2}
    ranked = record.accounts.assign(rank=record.accounts["tier"].map(tiers))
    ranked = ranked.sort_values(["rank", "account"], kind="stable")
    rare = record.identifiers.assign(
        share=record.identifiers["accounts_inside"] / record.identifiers["accounts_everywhere"]
    ).sort_values(
        ["share", "accounts_inside", "kind", "value"], ascending=[False, False, True, True]
    )
    room = max(MAX_NODES - min(len(rare), MAX_NODES // 3), MAX_NODES - len(rare))
    accounts = ranked.head(room)
    return accounts, rare.head(MAX_NODES - len(accounts))


def _pairs(sightings: pd.DataFrame, names: Mapping[tuple[str, str], str]) -> list[tuple[str, str]]:
    rows = zip(sightings["account"], sightings["kind"], sightings["value"], strict=True)
    found = {(names.get(("account", a)), names.get((kind, value))) for a, kind, value in rows}
    return sorted((a, b) for a, b in found if a is not None and b is not None)


def _account_nodes(
    accounts: pd.DataFrame, names: Mapping[tuple[str, str], str]
) -> Iterable[dict[str, Any]]:
    for row in accounts.itertuples(index=False):
        title = f"{row.account}\n{row.tier}, member confidence {row.member_confidence:.2f}"
        yield {
            "id": names["account", str(row.account)], "label": row.account, "title": title,
            "group": "account", "hub": False, "cell": str(row.cell), "tier": row.tier,
        }  # fmt: skip


def _identifier_nodes(
    identifiers: pd.DataFrame, names: Mapping[tuple[str, str], str]
) -> Iterable[dict[str, Any]]:
    for row in identifiers.itertuples(index=False):
        kind, value = str(row.kind), str(row.value)
        yield {
            "id": names[kind, value], "label": _short(value), "group": kind,
            "title": f"{kind} {value}\n{row.accounts_inside} accounts here, "
            f"{row.accounts_everywhere} in all",
            "hub": bool(row.hub),
        }  # fmt: skip


def _short(value: str, limit: int = 22) -> str:
    return value if len(value) <= limit else "…" + value[-limit + 1 :]


def _counted(record: CaseRecord, nodes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    shown = Counter(str(node["group"]) for node in nodes)
    total = Counter({"account": len(record.accounts)}) + Counter(record.identifiers["kind"])
    return [
        {
            **sheet,
            "shown": shown[sheet["name"]],
            "truncated": total[sheet["name"]] - shown[sheet["name"]],
        }
        for sheet in kind_sheet(total)
        if not math.isclose(total[sheet["name"]], 0)
    ]
