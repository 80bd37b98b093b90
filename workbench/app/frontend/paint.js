// Theme, node and edge styles, hulls, the hubs' lane, and labels that never cover each other.
import { bundle, community, pentagon } from "./glyphs.js";

const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const hex = (parts) => "#" + parts.map((v) => Math.round(v).toString(16).padStart(2, "0")).join("");

/** A colour mixed with the background: alpha would show the edges under a node. */
export function mix(colour, paper, share) {
  const over = channels(colour);
  const under = channels(paper);
  return hex(over.map((value, i) => value * share + under[i] * (1 - share)));
}

const asHex = (text, fallback) => {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text);
  if (short) return "#" + short.slice(1).map((c) => c + c).join("");
  if (/^#[0-9a-f]{6}/i.test(text)) return text.slice(0, 7);
  const rgb = /^rgba?\((\d+)[, ]+(\d+)[, ]+(\d+)/.exec(text);
  return rgb ? hex(rgb.slice(1).map(Number)) : fallback;
};

/** Colours from Streamlit's CSS variables, read again on every call: the theme may have changed. */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name, fallback) => asHex(style.getPropertyValue(name).trim(), fallback);
  const paper = read("--st-background-color", "#FFFFFF");
  const [r, g, b] = channels(paper);
  const dark = 0.299 * r + 0.587 * g + 0.114 * b < 128;
  return {
    dark,
    paper,
    ink: read("--st-text-color", "#1B2430"),
    border: read("--st-border-color", "#DDE1E6"),
    second: read("--st-secondary-background-color", "#F6F7F8"),
    primary: dark ? "#6CB6F0" : "#0B63A5",
    line: dark ? "#566270" : "#A9B2BC",
    font: style.getPropertyValue("--st-font").trim() || "sans-serif",
  };
}

/** More edges than this say "everybody"; the label then tells how many. */
export const CROWD = 16;
const UNLIKELY = 1; // bits: a link that says less is drawn dashed

const UNKNOWN = { shape: "pentagon", light: "#66717E", dark: "#8A949F", size: 10 };
export const sheetOf = (kinds, name) => kinds.get(name) || UNKNOWN;

const radius = (row) => 15 + 1.15 * Math.sqrt(row.count || 1);
const folded = (row) => row.group === "cell" || row.group === "bundle";

/** A key that changes exactly when the look does, and the look itself, made only when it is needed. */
export function nodeLook(row, { theme, kinds, faint, strong }) {
  const key = [row.group, row.hub, row.count, row.community, theme.dark, faint, strong].join();
  return [key, () => nodeStyle(row, { theme, kinds, faint, strong })];
}

function nodeStyle(row, { theme, kinds, faint, strong }) {
  const sheet = sheetOf(kinds, folded(row) ? "account" : row.group);
  const full = theme.dark ? sheet.dark : sheet.light;
  const colour = faint ? mix(full, theme.paper, 0.42) : full;
  const edge = strong ? theme.ink : colour;
  const base = { borderWidth: strong ? 2.5 : 1.2, label: undefined };
  if (folded(row)) {
    const fill = mix(full, theme.paper, theme.dark ? 0.24 : 0.18);
    const draw = row.community ? community : bundle;
    return { ...base, shape: "custom", ctxRenderer: draw, size: radius(row), color: plainColour(fill, edge) };
  }
  const own = sheet.shape === "pentagon";
  const outline = !row.hub && sheet.shape === "square" && !theme.dark && !strong;
  return {
    ...base,
    shape: own ? "custom" : sheet.shape,
    ...(own ? { ctxRenderer: pentagon } : {}),
    size: (row.hub ? 8 : sheet.size) * (strong ? 1.2 : 1),
    color: plainColour(
      row.hub ? theme.paper : colour,
      outline ? mix("#9C6A00", theme.paper, faint ? 0.42 : 1) : edge,
    ),
    shapeProperties: { borderDashes: row.hub ? [3, 2] : false },
  };
}

const plainColour = (background, border) => ({
  background, border, highlight: { background, border }, hover: { background, border },
});

/** Edges to hubs and to what very many share are drawn for the selected node only: else a fog. */
export function edgeLook(row, { theme, near, hub, crowd, faint, path, busy }) {
  const key = [row.bits, row.count, theme.dark, near, hub, crowd, faint, path, near && busy].join();
  return [key, () => edgeStyle(row, { theme, near, hub, crowd, faint, path, busy })];
}

function edgeStyle(row, { theme, near, hub, crowd, faint, path, busy }) {
  const colour = path || near ? theme.primary : mix(theme.line, theme.paper, faint ? 0.35 : 0.62);
  const strength = row.bits ?? Math.min(12, row.count || 1);
  return {
    hidden: (hub || crowd) && !near && !path,
    width: path ? 3.5 : hub || (near && busy) ? 1 : Math.min(4, Math.max(near ? 1.6 : 0.9, 0.2 * strength)),
    dashes: hub && !path ? [1, 4] : row.bits !== undefined && row.bits < UNLIKELY ? [5, 3] : false,
    color: { color: colour, highlight: theme.primary, hover: colour },
    smooth: false,
  };
}

function rounded(ctx, { x, y, w, h }, r) {
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, r);
}

const around = (points, pad) => {
  const xs = points.map((p) => p.x);
  const ys = points.map((p) => p.y);
  const [left, top] = [Math.min(...xs) - pad, Math.min(...ys) - pad];
  return { x: left, y: top, w: Math.max(...xs) + pad - left, h: Math.max(...ys) + pad - top };
};

/** Hulls of open cells and the lane of parked hubs, under everything else. */
export function paintBelow(ctx, s) {
  if (!s.theme || !s.data.cells) return;
  const at = (s.places = s.net.getPositions());
  s.titles = [];
  for (const { cell, name } of s.data.cells) paintHull(ctx, s, at, { cell, name });
  paintLane(ctx, s, [...s.byId.values()].filter((row) => row.hub && at[row.id]).map((row) => at[row.id]));
}

function paintHull(ctx, s, at, { cell, name }) {
  const { theme } = s;
  const account = sheetOf(s.kinds, "account");
  const blue = theme.dark ? account.dark : account.light;
  const inside = [...s.byId.values()].filter((row) => row.cell === cell && at[row.id]);
  if (inside.length < 2) return;
  const own = [...s.home].filter(([id, home]) => home === cell && at[id]).map(([id]) => at[id]);
  const box = around([...inside.map((row) => at[row.id]), ...own], 26);
  rounded(ctx, box, 14);
  ctx.fillStyle = mix(blue, theme.paper, 0.06);
  ctx.fill();
  ctx.lineWidth = 1;
  ctx.strokeStyle = mix(blue, theme.paper, 0.35);
  ctx.stroke();
  const size = 12 / s.scale;
  ctx.font = `600 ${size}px ${theme.font}`;
  const text = `${name} · ${inside.length}`;
  const title = { l: box.x + 8, r: box.x + 8 + ctx.measureText(text).width, t: box.y - 3 / s.scale - size, b: box.y };
  if (s.titles.some((other) => covers(title, other))) return;
  s.titles.push(title);
  ctx.fillStyle = mix(theme.ink, theme.paper, 0.8);
  ctx.textAlign = "left";
  ctx.textBaseline = "bottom";
  ctx.fillText(text, title.l, box.y - 3 / s.scale);
}

function paintLane(ctx, s, hubs) {
  if (!hubs.length) return;
  const { theme } = s;
  const tight = around(hubs, 0);
  const [half, head] = [72 / s.scale, 46 / s.scale];
  const lane = { x: tight.x - half, y: tight.y - head, w: tight.w + 2 * half, h: tight.h + head + 34 / s.scale };
  rounded(ctx, lane, 8);
  ctx.fillStyle = theme.second;
  ctx.fill();
  ctx.fillStyle = mix(theme.ink, theme.paper, 0.8);
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  ctx.font = `600 ${12 / s.scale}px ${theme.font}`;
  ctx.fillText("Hubs, parked", lane.x + lane.w / 2, lane.y + 5 / s.scale);
  ctx.font = `${11 / s.scale}px ${theme.font}`;
  ctx.fillText("context, never a bridge", lane.x + lane.w / 2, lane.y + 20 / s.scale);
}

const covers = (one, other) => one.l < other.r && one.r > other.l && one.t < other.b && one.b > other.t;
const CLOSE = 1.35; // from this scale on there is room for the names of accounts

const rank = (s, row) => {
  if (s.selected.has(row.id) || row.id === s.hover || row.id === s.cursor) return 0;
  if (folded(row)) return 1;
  if (row.hub) return 2;
  if (row.pinned) return 3;
  return row.group === "account" ? (s.scale > CLOSE ? 5 : 9) : 4;
};

/** Labels, counts, pins and the keyboard's ring, over everything else. */
export function paintAbove(ctx, s) {
  if (!s.theme || !s.places) return;
  const at = s.places;
  paintLabels(ctx, s, at);
  for (const row of s.byId.values()) {
    if (!at[row.id]) continue;
    if (folded(row)) paintCount(ctx, s, row, at[row.id]);
    if (row.pinned) paintPin(ctx, s, at[row.id]);
  }
  const ring = s.root.getRootNode().activeElement === s.canvas && at[s.cursor];
  if (ring) paintRing(ctx, s, s.byId.get(s.cursor), ring);
}

/** Labels in the order of their worth; one that would cover another is left to hover and table. */
function paintLabels(ctx, s, at) {
  const size = 11.5 / s.scale;
  ctx.font = `${size}px ${s.theme.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  ctx.lineJoin = "round";
  const rows = [...s.byId.values()].filter((row) => at[row.id]);
  const taken = rows.map((row) => {
    const [{ x, y }, r] = [at[row.id], folded(row) ? radius(row) : row.group === "account" ? 5 : 8];
    return { l: x - r, r: x + r, t: y - r, b: y + r };
  });
  taken.push(...(s.titles || []));
  const wanted = rows
    .map((row) => ({ row, rank: rank(s, row), near: (s.near.get(row.id) || []).length }))
    .filter((one) => one.rank < 9)
    .sort((a, b) => a.rank - b.rank || b.near - a.near || (a.row.id < b.row.id ? -1 : 1));
  // More than a few selected: their names would cover each other, so they compete like the rest.
  const must = s.selected.size <= 3 ? 0 : -1;
  for (const { row, rank: worth, near } of wanted) {
    const { x, y } = at[row.id];
    const crowd = row.group !== "account" && !folded(row) && near > CROWD;
    const text = crowd ? `${row.label} · ${near}` : row.label;
    const half = ctx.measureText(text).width / 2 + 2 / s.scale;
    const top = y + (folded(row) ? radius(row) : 12) + 2 / s.scale;
    const box = { l: x - half, r: x + half, t: top, b: top + size * 1.2 };
    if (worth > must && taken.some((other) => covers(box, other))) continue;
    taken.push(box);
    ctx.lineWidth = 3 / s.scale;
    ctx.strokeStyle = s.theme.paper;
    ctx.strokeText(text, x, top);
    ctx.fillStyle = s.theme.ink;
    ctx.fillText(text, x, top);
  }
}

function paintCount(ctx, s, row, { x, y }) {
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  const size = Math.min(12 / s.scale, 0.9 * radius(row));
  ctx.font = `600 ${size}px ${s.theme.font}`;
  ctx.fillStyle = s.theme.ink;
  ctx.fillText(String(row.count), x, y);
}

/** A pin: head and needle at the upper right. */
function paintPin(ctx, s, { x, y }) {
  ctx.strokeStyle = ctx.fillStyle = s.theme.ink;
  ctx.lineWidth = 1.4;
  ctx.beginPath();
  ctx.moveTo(x + 6, y - 6);
  ctx.lineTo(x + 11, y - 13);
  ctx.stroke();
  ctx.beginPath();
  ctx.arc(x + 12, y - 14.5, 3, 0, 2 * Math.PI);
  ctx.fill();
}

function paintRing(ctx, s, row, { x, y }) {
  if (!row) return;
  ctx.beginPath();
  ctx.arc(x, y, (folded(row) ? radius(row) : 11) + 6, 0, 2 * Math.PI);
  ctx.lineWidth = 2 / s.scale;
  ctx.strokeStyle = s.theme.primary;
  ctx.stroke();
}
