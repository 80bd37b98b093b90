// The canvas. Positions are data: the server says where a node stands when it arrives, afterwards only
// a person moves it. All text from a log goes through textContent, fillText or text nodes.
//
// Protocol: a message says which revision it leads to and from which ("base"; "" is the whole). A
// difference is applied only to the revision that it was made against; else the canvas asks for the whole.
import { DataSet, Network } from "./vis-network-10.1.5.esm.js";
import { closeCard, listenCard } from "./card.js";
import { fit, listen } from "./gestures.js";
import { legend } from "./legend.js";
import { CROWD, edgeLook, nodeLook, paintAbove, paintBelow, readTheme } from "./paint.js";
import { closePopover } from "./popover.js";
import { tools } from "./tools.js";

const scenes = new WeakMap();
const BUSY = 40; // neighbours of the selected node: beyond, thick edges would be a fan of one colour

export default function component({ data, parentElement, setStateValue, setTriggerValue }) {
  let s = scenes.get(parentElement);
  if (!s) scenes.set(parentElement, (s = create(parentElement, data)));
  s.report = (names) => setStateValue("selection", names);
  s.trigger = (message) => setTriggerValue("gesture", { ...message, seen: s.revision || "", at: Date.now() });
  update(s, data);
  return () => {
    s.watch.disconnect();
    s.net.destroy();
    scenes.delete(parentElement);
  };
}

const make = (tag, cls, parent) => {
  const el = document.createElement(tag);
  el.className = cls;
  parent.append(el);
  return el;
};

function create(parent, data) {
  const root = parent.querySelector(".wb");
  root.replaceChildren();
  const stage = make("div", "wb-stage", root);
  const canvas = make("div", "wb-canvas", stage);
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  const s = {
    root, stage, canvas, nodes: new DataSet(), edges: new DataSet(), selected: new Set(), data: {}, kinds: new Map(),
    byId: new Map(), edgeById: new Map(), near: new Map(), home: new Map(), at: new Map(), looks: new Map(), scale: 1, marked: "",
    touchedRows: 0,
  };
  s.tools = make("div", "wb-tools", stage);
  s.count = make("div", "wb-count", stage);
  s.note = make("div", "wb-note wb-muted", stage);
  s.card = make("div", "wb-card", stage);
  s.live = make("div", "wb-live", stage);
  s.live.setAttribute("aria-live", "polite");
  s.legend = make("div", "wb-legend", root);
  s.send = (message) => {
    if (s.data.off_since) return say(s, `Nothing can be changed: store not reachable since ${s.data.off_since}.`);
    s.asked = performance.now();
    s.trigger(message);
  };
  s.restyle = () => restyle(s);
  const options = { physics: { enabled: false }, layout: { improvedLayout: false }, autoResize: true };
  options.interaction = { hover: true, multiselect: true, keyboard: false, hoverConnectedEdges: false, selectConnectedEdges: false };
  s.net = new Network(canvas, { nodes: s.nodes, edges: s.edges }, options);
  s.net.on("beforeDrawing", (ctx) => {
    s.scale = s.net.getScale();
    paintBelow(ctx, s);
  });
  s.net.on("afterDrawing", (ctx) => {
    paintAbove(ctx, s);
    s.drawn = s.revision;
  });
  listen(s);
  listenCard(s);
  tools(s);
  s.watch = new ResizeObserver(() => s.touched || fit(s));
  s.watch.observe(stage);
  return s;
}

const say = (s, words) => {
  s.live.textContent = words;
  s.note.textContent = words;
};

// ---- drawing

function update(s, data) {
  const theme = readTheme(s.root);
  const repaint = !s.theme || s.theme.paper !== theme.paper || s.theme.ink !== theme.ink;
  s.theme = theme;
  s.root.style.setProperty("--wb-fill", theme.dark ? "#2F7FBF" : "#0B63A5");
  s.root.style.height = `${data.height}px`;
  if (repaint) s.looks.clear();
  if (data.revision !== s.revision && !take(s, data)) return;
  // What comes with every message and is not part of the drawing: marks, and whether the store answers.
  s.data.off_since = data.off_since;
  s.root.classList.toggle("wb-off", Boolean(data.off_since));
  const marked = JSON.stringify(data.marked);
  if (s.marked !== marked && data.marked.length) choose(s, data.marked);
  s.marked = marked;
  restyle(s);
  legend(s);
  if (data.hook) expose(s);
}

/** Take over a message; false when it was made against a revision that is not held. */
function take(s, data) {
  if (data.base && data.base !== s.revision) {
    if (s.lost !== data.revision) s.trigger({ do: "resync" });
    s.lost = data.revision;
    return false;
  }
  const { added, changed, removed, joined, cut, base, revision, height, hook, marked, off_since, ...rest } = data;
  const before = s.revision;
  const focus = s.data.focus;
  s.data = base ? { ...s.data, ...rest } : rest;
  s.kinds = new Map(s.data.kinds.map((kind) => [kind.name, kind]));
  closePopover(s, s.pop?.contains(s.root.getRootNode().activeElement));
  closeCard(s);
  const nodes = [...added, ...changed.map((change) => merged(s.byId.get(change.id), change))];
  const edges = unpacked(joined);
  const gone = base ? { nodes: removed, edges: unpacked(cut).map((row) => row.id) } : absent(s, nodes, edges);
  exchange(s, { nodes, edges, gone });
  s.revision = revision;
  s.lost = undefined;
  if (before === undefined || focus !== s.data.focus) fit(s);
  else if (before !== revision) announce(s, s.fresh, gone.nodes);
  return true;
}

/** A changed row tells only the fields that differ; null takes one away. */
function merged(row, change) {
  const next = { ...row, ...change };
  if (change.near) next.near = merged(row?.near, change.near);
  for (const key of Object.keys(next)) if (next[key] === null) delete next[key];
  return next;
}

const unpacked = ({ names, relations, rows }) => rows.map(([a, b, r, bits, count]) => ({
  id: `${names[a]}\x1f${names[b]}\x1f${relations[r]}`, from: names[a], to: names[b], bits: bits ?? undefined, count,
}));

/** What the whole no longer has. */
function absent(s, nodes, edges) {
  const [here, joined] = [new Set(nodes.map((row) => row.id)), new Set(edges.map((row) => row.id))];
  return {
    nodes: [...s.byId.keys()].filter((id) => !here.has(id)), edges: [...s.edgeById.keys()].filter((id) => !joined.has(id)),
  };
}

function exchange(s, { nodes, edges, gone }) {
  s.edges.remove(gone.edges);
  s.nodes.remove(gone.nodes);
  for (const id of gone.edges) forget(s, s.edgeById, id);
  for (const id of gone.nodes) forget(s, s.byId, id);
  s.fresh = nodes.filter((row) => !s.byId.has(row.id));
  const places = nodes.map((row) => ({ id: row.id, ...place(s, row) }));
  for (const row of nodes) s.byId.set(row.id, row);
  for (const row of edges) s.edgeById.set(row.id, row);
  s.nodes.update(places.filter((row) => "x" in row));
  s.edges.update(edges.filter((row) => !s.edges.get(row.id)).map(({ id, from, to }) => ({ id, from, to })));
  joinUp(s);
  s.selected = new Set([...s.selected].filter((id) => s.byId.has(id)));
}

function forget(s, rows, id) {
  rows.delete(id);
  s.looks.delete(id);
  if (rows === s.byId) s.at.delete(id);
}

/** Who stands beside whom, and identifiers that one open cell alone uses: they belong in its hull. */
function joinUp(s) {
  s.near = new Map([...s.byId.keys()].map((id) => [id, []]));
  const cells = new Map();
  for (const { from, to } of s.edgeById.values()) {
    for (const [one, other] of [[from, to], [to, from]]) {
      s.near.get(one)?.push(other);
      const [mine, theirs] = [s.byId.get(one), s.byId.get(other)];
      if (theirs?.group !== "account" || !mine || mine.group === "account" || mine.hub) continue;
      cells.set(one, (cells.get(one) || new Set()).add(theirs.cell || ""));
    }
  }
  s.home = new Map([...cells].filter(([, set]) => set.size === 1).map(([id, set]) => [id, [...set][0]]));
  s.onPath = new Set();
  for (const path of s.data.paths || []) {
    path.forEach((name, i) => i && s.onPath.add(`${path[i - 1]}\n${name}`).add(`${name}\n${path[i - 1]}`));
  }
}

/** A place travels to vis when it is new, or when the server itself changed it (undo of a drag). */
function place(s, row) {
  const last = s.at.get(row.id);
  s.at.set(row.id, { x: row.x, y: row.y });
  return last && s.nodes.get(row.id) && last.x === row.x && last.y === row.y ? {} : { x: row.x, y: row.y };
}

/** Only what looks different from before goes to vis: with 300 nodes drawn, that is most of the cost. */
function restyle(s) {
  const one = s.selected.size === 1 ? [...s.selected][0] : undefined;
  const near = new Set(one === undefined ? [] : s.near.get(one));
  const look = { theme: s.theme, kinds: s.kinds };
  s.nodes.update(changed(s, s.byId, (row) => {
    const faint = one !== undefined && row.id !== one && !near.has(row.id);
    return nodeLook(row, { ...look, faint, strong: s.selected.has(row.id) });
  }));
  s.edges.update(changed(s, s.edgeById, (row) => {
    const ends = [row.from, row.to].filter((id) => s.byId.get(id)?.group !== "account");
    const many = (id) => !["cell", "bundle"].includes(s.byId.get(id)?.group) && (s.near.get(id)?.length || 0) > CROWD;
    return edgeLook(row, {
      ...look, busy: near.size > BUSY, near: row.from === one || row.to === one, faint: one !== undefined,
      hub: ends.some((id) => s.byId.get(id)?.hub), crowd: ends.some(many), path: s.onPath.has(`${row.from}\n${row.to}`),
    });
  }));
}

function changed(s, rows, look) {
  const found = [];
  for (const row of rows.values()) {
    const [key, style] = look(row);
    if (s.looks.get(row.id) === key) continue;
    s.looks.set(row.id, key);
    found.push({ id: row.id, ...style() });
  }
  s.touchedRows += found.length;
  return found;
}

function choose(s, ids) {
  s.selected = new Set(ids.filter((id) => s.byId.has(id)));
  s.net.selectNodes([...s.selected], false);
}

function announce(s, fresh, out) {
  const outside = fresh.filter((row) => {
    const at = s.net.canvasToDOM({ x: row.x, y: row.y });
    return at.x < 0 || at.y < 0 || at.x > s.stage.clientWidth || at.y > s.stage.clientHeight;
  }).length;
  const words = [fresh.length && `${fresh.length} added`, out.length && `${out.length} taken away`].filter(Boolean);
  const rest = outside ? ` · ${outside} outside the view, F fits` : "";
  say(s, words.length ? `${words.join(", ")}, nothing moved${rest}` : "");
}

/** For browser tests only; the server asks for it, never the page. */
function expose(s) {
  window.__wb = {
    ready: true,
    revision: s.revision,
    drawn: () => s.drawn,
    rows: () => s.touchedRows,
    positions: () => s.net.getPositions(),
    edges: () => [...s.edgeById.keys()].sort(),
    node: (id) => s.byId.get(id),
    labels: () => [...s.byId.values()].map((row) => row.label),
    selected: () => [...s.selected],
    forget: () => (s.revision = "lost"),
    where: (id) => {
      const at = s.net.canvasToDOM(s.net.getPosition(id));
      const box = s.canvas.getBoundingClientRect();
      return { x: at.x + box.left, y: at.y + box.top };
    },
  };
}
