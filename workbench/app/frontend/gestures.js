// Pointer and keys become gestures; the server makes steps of them. One gesture, one message.
import { closeCard } from "./card.js";
import { closePopover, openPopover } from "./popover.js";

export const isFolded = (row) => row?.group === "cell" || row?.group === "bundle";
const LATER = 300; // ms: a double-click is not two selections

export function fit(s) {
  if (!s.stage.clientWidth || !s.stage.clientHeight) return;
  const at = Object.values(s.net.getPositions());
  if (!at.length) return;
  // Room for the tools at the left, the count above, labels below and beside parked hubs.
  const room = { left: 62, right: 84, top: 62, bottom: 40 };
  const [xs, ys] = [at.map((p) => p.x), at.map((p) => p.y)];
  const [low, high] = [{ x: Math.min(...xs), y: Math.min(...ys) }, { x: Math.max(...xs), y: Math.max(...ys) }];
  const wide = Math.max(40, s.stage.clientWidth - room.left - room.right);
  const tall = Math.max(40, s.stage.clientHeight - room.top - room.bottom);
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

export function listen(s) {
  s.net.on("click", ({ pointer, event }) => {
    // vis reports what is selected afterwards by its own rules; ours need what was hit.
    const hit = s.net.getNodeAt(pointer.DOM);
    const hits = hit === undefined ? [] : [hit];
    const add = event.srcEvent?.ctrlKey || event.srcEvent?.metaKey;
    closePopover(s);
    s.cursor = hit ?? s.cursor;
    select(s, add ? toggled(s.selected, hits) : hits);
  });
  s.net.on("zoom", () => (s.touched = true));
  s.net.on("dragStart", ({ nodes }) => {
    s.touched = s.dragging = true;
    if (nodes.length) closePopover(s);
  });
  s.net.on("dragEnd", ({ nodes }) => {
    s.dragging = false;
    if (nodes.length) moved(s, nodes);
  });
  s.canvas.addEventListener("dblclick", (event) => {
    const box = s.canvas.getBoundingClientRect();
    const id = s.net.getNodeAt({ x: event.clientX - box.left, y: event.clientY - box.top });
    clearTimeout(s.timer);
    if (id !== undefined) activate(s, id);
  });
  s.canvas.addEventListener("keydown", (event) => key(s, event));
  for (const kind of ["focus", "blur"]) s.canvas.addEventListener(kind, () => s.net.redraw());
  band(s);
}

const toggled = (set, ids) => {
  const next = new Set(set);
  for (const id of ids) next.has(id) ? next.delete(id) : next.add(id);
  return [...next];
};

function select(s, ids, report = true) {
  s.selected = new Set(ids.filter((id) => s.byId.has(id)));
  s.net.selectNodes([...s.selected], false);
  s.restyle();
  clearTimeout(s.timer);
  if (report) s.timer = setTimeout(() => s.report([...s.selected]), LATER);
}

function activate(s, id) {
  const row = s.byId.get(id);
  if (!row) return;
  closeCard(s);
  select(s, s.selected.has(id) && s.selected.size === 2 ? [...s.selected] : [id], false);
  if (row.group === "cell") s.send({ do: "open_cell", node: id });
  else if (row.group === "bundle") s.send({ do: "unfold", node: id });
  else openPopover(s, row);
}

function moved(s, ids) {
  const places = s.net.getPositions(ids);
  for (const [id, at] of Object.entries(places)) {
    places[id] = { x: Math.round(at.x * 10) / 10, y: Math.round(at.y * 10) / 10 };
    s.at.set(id, places[id]);
  }
  s.send({ do: "move", places });
}

/** One bundle opens; several nodes become one; with nothing selected, all that is alike does. */
export function foldKey(s) {
  const chosen = [...s.selected];
  const folds = chosen.filter((id) => isFolded(s.byId.get(id)));
  if (folds.length && folds.length === chosen.length) {
    const cell = s.byId.get(folds[0]).group === "cell";
    s.send(cell ? { do: "open_cell", node: folds[0] } : { do: "unfold", names: folds });
  } else if (chosen.length !== 1) s.send({ do: "fold", names: chosen });
  else s.live.textContent = s.note.textContent = "A bundle needs at least two nodes: select more, or none.";
}

function pinKey(s) {
  const chosen = [...s.selected].filter((id) => !isFolded(s.byId.get(id)));
  if (!chosen.length) return;
  const all = chosen.every((id) => s.byId.get(id).pinned);
  s.send({ do: all ? "unpin" : "pin", names: chosen });
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function key(s, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const current = s.byId.has(s.cursor) ? s.cursor : [...s.selected].at(-1);
  const acts = {
    Enter: () => current && activate(s, current),
    " ": () => current && select(s, toggled(s.selected, [current])),
    Backspace: () => current && s.send({ do: "collapse", node: current }),
    Delete: () => s.selected.size && s.send({ do: "remove", names: [...s.selected] }),
    Escape: () => (s.card.firstChild ? closeCard(s) : s.pop ? closePopover(s, true) : select(s, [])),
    f: () => fit(s),
    g: () => foldKey(s),
    p: () => pinKey(s),
  };
  const step = ARROWS[event.key];
  const act = step ? () => walk(s, current, step, event.shiftKey) : acts[event.key] || acts[event.key.toLowerCase()];
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
  select(s, add ? [...s.selected, best.id] : [best.id]);
  inView(s, at[best.id]);
  const row = s.byId.get(best.id);
  s.live.textContent = [row.group === "account" ? "account" : row.group.replaceAll("_", " "), row.label, row.warn].filter(Boolean).join(", ");
}

/** The cursor is always to be seen; the view moves, the nodes do not. */
function inView(s, place) {
  const at = s.net.canvasToDOM(place);
  const [W, H] = [s.stage.clientWidth, s.stage.clientHeight];
  if (at.x > 20 && at.y > 20 && at.x < W - 20 && at.y < H - 20) return;
  s.touched = true;
  s.net.moveTo({ position: place, animation: false });
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
    box = document.createElement("div");
    box.className = "wb-band";
    s.stage.append(box);
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
    select(s, inside);
  }, true);
}
