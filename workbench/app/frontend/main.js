// The canvas. Positions are data: the server says where a node stands when it arrives, afterwards only
// a person moves it. All text from a log goes through textContent, fillText or vis' plain titles.
import { DataSet, Network } from "./vis-network-10.1.5.esm.js";
import { glyph } from "./glyphs.js";
import { CROWD, edgeStyle, nodeStyle, paintBelow, paintLabels, readTheme, sheetOf } from "./paint.js";
import { closePopover, openPopover } from "./popover.js";

const scenes = new WeakMap();

export default function component({ data, parentElement, setStateValue, setTriggerValue }) {
  let s = scenes.get(parentElement);
  if (!s) scenes.set(parentElement, (s = create(parentElement, data)));
  s.report = (names) => setStateValue("selection", names);
  s.send = (message) => setTriggerValue("gesture", { ...message, at: Date.now() });
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
    root, stage, canvas, data, nodes: new DataSet(), edges: new DataSet(), selected: new Set(),
    placed: new Map(), byId: new Map(), degree: new Map(), kinds: new Map(), home: new Map(), scale: 1, marked: "",
  };
  s.tools = make("div", "wb-tools", stage);
  s.count = make("div", "wb-count", stage);
  s.note = make("div", "wb-note wb-muted", stage);
  s.live = make("div", "wb-live", stage);
  s.live.setAttribute("aria-live", "polite");
  s.legend = make("div", "wb-legend", root);
  const options = { ...data.options, autoResize: true };
  options.interaction = { ...options.interaction, keyboard: false, hoverConnectedEdges: false, selectConnectedEdges: false };
  s.net = new Network(canvas, { nodes: s.nodes, edges: s.edges }, options);
  s.net.on("beforeDrawing", (ctx) => {
    s.scale = s.net.getScale();
    paintBelow(ctx, s);
  });
  s.net.on("afterDrawing", (ctx) => paintLabels(ctx, s));
  listen(s);
  tools(s);
  s.watch = new ResizeObserver(() => s.touched || fit(s));
  s.watch.observe(stage);
  return s;
}

// ---- drawing

function update(s, data) {
  const theme = readTheme(s.root);
  const marked = JSON.stringify(data.marked);
  const same = s.revision === data.revision && s.marked === marked;
  const before = s.revision;
  if (same && s.theme && s.theme.paper === theme.paper && s.theme.ink === theme.ink) return;
  s.theme = theme;
  s.root.style.setProperty("--wb-fill", theme.dark ? "#2F7FBF" : "#0B63A5");
  s.data = data;
  s.root.style.height = `${data.height}px`;
  s.kinds = new Map(data.kinds.map((kind) => [kind.name, kind]));
  if (s.revision !== data.revision) exchange(s, data, before);
  if (s.marked !== marked && data.marked.length) select(s, data.marked, false);
  s.marked = marked;
  s.revision = data.revision;
  restyle(s);
  legend(s);
  if (data.hook) expose(s);
}

function exchange(s, data, before) {
  closePopover(s);
  const coming = new Set(data.nodes.map((node) => node.id));
  const fresh = data.nodes.filter((node) => !s.byId.has(node.id));
  s.nodes.remove(s.nodes.getIds().filter((id) => !coming.has(id)));
  const ids = new Set(data.edges.map((edge) => edge.id));
  s.edges.remove(s.edges.getIds().filter((id) => !ids.has(id)));
  s.byId = new Map(data.nodes.map((node) => [node.id, node]));
  s.degree = new Map();
  for (const { from, to } of data.edges) {
    for (const end of [from, to]) s.degree.set(end, (s.degree.get(end) || 0) + 1);
  }
  s.home = homes(s, data);
  s.selected = new Set([...s.selected].filter((id) => coming.has(id)));
  s.nodes.update(data.nodes.map((node) => ({ id: node.id, ...place(s, node) })));
  s.edges.update(data.edges.map(({ id, from, to }) => ({ id, from, to })));
  if (before === undefined || s.focus !== data.focus) fit(s);
  else if (fresh.length) announce(s, fresh);
  s.focus = data.focus;
}

/** Identifiers that only one open cell uses stand inside its hull. */
function homes(s, data) {
  const cells = new Map();
  for (const { from, to } of data.edges) {
    for (const [one, other] of [[from, to], [to, from]]) {
      if (s.byId.get(other)?.group === "account" && s.byId.get(one)?.group !== "account") {
        cells.set(one, (cells.get(one) || new Set()).add(s.byId.get(other).cell));
      }
    }
  }
  return new Map([...cells].filter(([, set]) => set.size === 1).map(([id, set]) => [id, [...set][0]]));
}

/** A place travels to vis when it is new, or when the server itself changed it (undo of a drag). */
function place(s, node) {
  const last = s.placed.get(node.id);
  s.placed.set(node.id, { x: node.x, y: node.y });
  const known = last && s.nodes.get(node.id);
  return known && last.x === node.x && last.y === node.y ? {} : { x: node.x, y: node.y };
}

function restyle(s) {
  const one = s.selected.size === 1 ? [...s.selected][0] : undefined;
  const near = new Set(one === undefined ? [] : s.net.getConnectedNodes(one));
  const faint = (id) => one !== undefined && id !== one && !near.has(id);
  const look = { theme: s.theme, kinds: s.kinds };
  s.nodes.update(
    s.data.nodes.map((node) => ({
      id: node.id,
      ...nodeStyle(node, { ...look, faint: faint(node.id), strong: s.selected.has(node.id) }),
    })),
  );
  s.edges.update(
    s.data.edges.map((edge) => {
      const ends = [edge.from, edge.to].filter((id) => s.byId.get(id)?.group !== "account");
      const hub = ends.some((id) => s.byId.get(id).hub);
      const crowd = ends.some((id) => (s.degree.get(id) || 0) > CROWD);
      const touches = edge.from === one || edge.to === one;
      return { id: edge.id, ...edgeStyle(edge, { ...look, near: touches, hub, crowd, faint: one !== undefined }) };
    }),
  );
}

function legend(s) {
  s.legend.replaceChildren();
  const off = new Set(s.data.off);
  const total = { shown: 0, hidden: 0, truncated: 0 };
  for (const sum of s.data.sums) {
    for (const key of Object.keys(total)) total[key] += sum[key];
    const sheet = sheetOf(s.kinds, sum.kind);
    const item = make("button", "wb-item", s.legend);
    item.type = "button";
    item.setAttribute("aria-pressed", String(!off.has(sum.kind)));
    item.title = off.has(sum.kind) ? "Show this kind" : "Hide this kind";
    item.append(glyph(sheet.shape, s.theme.dark ? sheet.dark : sheet.light));
    item.append(`${sheet.plural || sum.kind} `);
    make("b", "", item).textContent = sum.shown;
    make("span", "wb-muted", item).textContent = `+ ${sum.hidden} + ${sum.truncated}`;
    item.addEventListener("click", () => s.send({ do: "switch", names: [sum.kind] }));
  }
  make("span", "wb-muted wb-rule", s.legend).textContent = "shown + hidden + truncated";
  const all = total.shown + total.hidden + total.truncated;
  s.count.textContent = `${total.shown} shown + ${total.hidden} hidden + ${total.truncated} truncated = ${all}`;
  s.canvas.setAttribute(
    "aria-label",
    `Graph of ${s.data.nodes.length} nodes. Arrow keys move, Enter expands, the table beside holds the same.`,
  );
}

function announce(s, fresh) {
  const outside = fresh.filter((node) => {
    const at = s.net.canvasToDOM({ x: node.x, y: node.y });
    return at.x < 0 || at.y < 0 || at.x > s.stage.clientWidth || at.y > s.stage.clientHeight;
  }).length;
  s.live.textContent = `${fresh.length} added, nothing moved.`;
  s.note.textContent = `${fresh.length} added, nothing moved` + (outside ? ` · ${outside} outside the view, F fits` : "");
}

function fit(s) {
  if (!s.stage.clientWidth || !s.stage.clientHeight) return;
  const at = Object.values(s.net.getPositions());
  if (!at.length) return;
  // Room for the tools at the left, the count above, labels below and beside parked hubs.
  const room = { left: 62, right: 84, top: 62, bottom: 40 };
  const [xs, ys] = [at.map((p) => p.x), at.map((p) => p.y)];
  const [low, high] = [{ x: Math.min(...xs), y: Math.min(...ys) }, { x: Math.max(...xs), y: Math.max(...ys) }];
  const wide = s.stage.clientWidth - room.left - room.right;
  const tall = s.stage.clientHeight - room.top - room.bottom;
  const scale = Math.min(wide / Math.max(high.x - low.x, 1), tall / Math.max(high.y - low.y, 1), 1.4);
  s.net.moveTo({
    scale,
    position: {
      x: (low.x + high.x) / 2 + (room.right - room.left) / 2 / scale,
      y: (low.y + high.y) / 2 + (room.bottom - room.top) / 2 / scale,
    },
    animation: false,
  });
}

// ---- gestures

function listen(s) {
  const later = () => {
    clearTimeout(s.timer);
    s.timer = setTimeout(() => s.report([...s.selected]), 300);
  };
  s.chosen = later;
  s.net.on("click", ({ pointer, event }) => {
    // vis reports what is selected afterwards by its own rules; ours need what was hit.
    const hit = s.net.getNodeAt(pointer.DOM);
    const hits = hit === undefined ? [] : [hit];
    const add = event.srcEvent?.ctrlKey || event.srcEvent?.metaKey;
    closePopover(s);
    choose(s, add ? toggled(s.selected, hits) : hits);
  });
  s.net.on("zoom", () => (s.touched = true));
  s.net.on("dragStart", ({ nodes }) => {
    s.touched = true;
    if (nodes.length) closePopover(s);
  });
  s.net.on("dragEnd", ({ nodes }) => nodes.length && moved(s, nodes));
  s.net.on("hoverNode", ({ node }) => (s.hover = node));
  s.net.on("blurNode", () => (s.hover = undefined));
  s.canvas.addEventListener("dblclick", (event) => {
    const box = s.canvas.getBoundingClientRect();
    const id = s.net.getNodeAt({ x: event.clientX - box.left, y: event.clientY - box.top });
    clearTimeout(s.timer);
    if (id !== undefined) activate(s, id);
  });
  s.canvas.addEventListener("keydown", (event) => key(s, event));
  band(s);
}

const toggled = (set, ids) => {
  const next = new Set(set);
  for (const id of ids) next.has(id) ? next.delete(id) : next.add(id);
  return [...next];
};

function choose(s, ids) {
  select(s, ids, true);
}

function select(s, ids, report) {
  s.selected = new Set(ids.filter((id) => s.byId.has(id)));
  s.net.selectNodes([...s.selected], false);
  restyle(s);
  if (report) s.chosen();
}

function activate(s, id) {
  const node = s.byId.get(id);
  if (!node) return;
  select(s, [id], false);
  if (node.group === "cell") s.send({ do: "open_cell", node: id });
  else openPopover(s, node);
}

function moved(s, ids) {
  const places = s.net.getPositions(ids);
  for (const [id, at] of Object.entries(places)) s.placed.set(id, { x: round(at.x), y: round(at.y) });
  s.send({ do: "move", places });
}
const round = (value) => Math.round(value * 10) / 10;

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function key(s, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const current = s.cursor && s.byId.has(s.cursor) ? s.cursor : [...s.selected].at(-1);
  const acts = {
    Enter: () => current && activate(s, current),
    " ": () => current && choose(s, toggled(s.selected, [current])),
    Backspace: () => current && s.send({ do: "collapse", node: current }),
    Delete: () => s.selected.size && s.send({ do: "remove", names: [...s.selected] }),
    Escape: () => (s.pop ? closePopover(s, true) : choose(s, [])),
    f: () => fit(s),
  };
  const step = ARROWS[event.key];
  const act = step ? () => walk(s, current, step, event.shiftKey) : acts[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

/** The nearest node in the direction of the arrow; from nowhere, the one nearest to the middle. */
function walk(s, from, [dx, dy], add) {
  const at = s.net.getPositions();
  const start = from ? at[from] : s.net.getViewPosition();
  let best;
  for (const [id, p] of Object.entries(at)) {
    const along = (p.x - start.x) * dx + (p.y - start.y) * dy;
    const aside = Math.abs((p.x - start.x) * dy) + Math.abs((p.y - start.y) * dx);
    if (id === from || (from && along <= aside * 0.4)) continue;
    const cost = from ? along + 2 * aside : Math.hypot(p.x - start.x, p.y - start.y);
    if (!best || cost < best.cost) best = { id, cost };
  }
  if (!best) return;
  s.cursor = best.id;
  choose(s, add ? [...s.selected, best.id] : [best.id]);
  s.live.textContent = s.byId.get(best.id).label;
}

/** Shift+drag selects a rectangle; vis has no such thing, so its own pan is held back. */
function band(s) {
  let start, box;
  const here = (event) => {
    const frame = s.stage.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  };
  const hold = (event) => {
    event.stopImmediatePropagation();
    event.preventDefault();
  };
  s.canvas.addEventListener("pointerdown", (event) => {
    if (!(event.shiftKey || s.boxing) || event.button) return;
    hold(event);
    s.canvas.setPointerCapture(event.pointerId);
    start = here(event);
    box = make("div", "wb-band", s.stage);
  }, true);
  s.canvas.addEventListener("pointermove", (event) => {
    if (!start) return;
    hold(event);
    const now = here(event);
    Object.assign(box.style, {
      left: `${Math.min(start.x, now.x)}px`, top: `${Math.min(start.y, now.y)}px`,
      width: `${Math.abs(now.x - start.x)}px`, height: `${Math.abs(now.y - start.y)}px`,
    });
  }, true);
  s.canvas.addEventListener("pointerup", (event) => {
    if (!start) return;
    hold(event);
    const [a, b] = [s.net.DOMtoCanvas(start), s.net.DOMtoCanvas(here(event))];
    const within = (p) => (p.x - a.x) * (p.x - b.x) <= 0 && (p.y - a.y) * (p.y - b.y) <= 0;
    const inside = Object.entries(s.net.getPositions()).filter(([, p]) => within(p)).map(([id]) => id);
    box.remove();
    start = undefined;
    choose(s, inside);
  }, true);
}

const ICONS = {
  in: "M8 3v10M3 8h10", out: "M3 8h10", fit: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
  box: "M3 3h2M7 3h2M11 3h2v2M13 7v2M13 11v2h-2M9 13H7M5 13H3v-2M3 9V7M3 5V3",
};

function tools(s) {
  const zoom = (by) => s.net.moveTo({ scale: s.net.getScale() * by, animation: false });
  const add = (icon, title, act) => {
    const button = make("button", "", s.tools);
    button.type = "button";
    button.title = title;
    button.setAttribute("aria-label", title);
    const svg = glyph("dot", "none");
    svg.setAttribute("width", "16");
    svg.firstChild.setAttribute("d", ICONS[icon]);
    svg.firstChild.setAttribute("stroke", "currentColor");
    svg.firstChild.setAttribute("stroke-width", "1.4");
    button.append(svg);
    button.addEventListener("click", () => act(button));
  };
  add("in", "Zoom in", () => zoom(1.25));
  add("out", "Zoom out", () => zoom(0.8));
  add("fit", "Fit (F)", () => fit(s));
  add("box", "Select a rectangle (Shift+drag)", (button) => {
    s.boxing = !s.boxing;
    button.setAttribute("aria-pressed", String(s.boxing));
  });
}

/** For browser tests only; the server asks for it, never the page. */
function expose(s) {
  window.__wb = {
    ready: true,
    revision: s.revision,
    positions: () => s.net.getPositions(),
    labels: () => s.data.nodes.map((node) => node.label),
    selected: () => [...s.selected],
    where: (id) => {
      const at = s.net.canvasToDOM(s.net.getPosition(id));
      const box = s.canvas.getBoundingClientRect();
      return { x: at.x + box.left, y: at.y + box.top };
    },
  };
}
