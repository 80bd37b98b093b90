// Theme, node and edge styles, hulls, the hubs' lane, and labels that never cover each other.
import { bundle, pentagon } from "./glyphs.js";

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

const UNKNOWN = { shape: "pentagon", light: "#66717E", dark: "#8A949F", size: 10 };
export const sheetOf = (kinds, name) => kinds.get(name) || UNKNOWN;

export function nodeStyle(node, { theme, kinds, faint, strong }) {
  const sheet = sheetOf(kinds, node.group === "cell" ? "account" : node.group);
  const full = theme.dark ? sheet.dark : sheet.light;
  const colour = faint ? mix(full, theme.paper, 0.42) : full;
  const edge = strong ? theme.ink : colour;
  const base = { borderWidth: strong ? 2.5 : 1.2, label: undefined, title: node.title };
  if (node.group === "cell") {
    const fill = mix(full, theme.paper, theme.dark ? 0.24 : 0.18);
    const size = 15 + 1.15 * Math.sqrt(node.count);
    return { ...base, shape: "custom", ctxRenderer: bundle, size, color: plainColour(fill, edge) };
  }
  const own = sheet.shape === "pentagon";
  const outline = !node.hub && sheet.shape === "square" && !theme.dark && !strong;
  return {
    ...base,
    shape: own ? "custom" : sheet.shape,
    ...(own ? { ctxRenderer: pentagon } : {}),
    size: (node.hub ? 8 : sheet.size) * (strong ? 1.2 : 1),
    color: plainColour(
      node.hub ? theme.paper : colour,
      outline ? mix("#9C6A00", theme.paper, faint ? 0.42 : 1) : edge,
    ),
    shapeProperties: { borderDashes: node.hub ? [3, 2] : false },
  };
}

const plainColour = (background, border) => ({
  background, border, highlight: { background, border }, hover: { background, border },
});

/** Edges to hubs and to what very many share are drawn for the selected node only: else a fog. */
export function edgeStyle(edge, { theme, near, hub, crowd, faint }) {
  const colour = near ? theme.primary : mix(theme.line, theme.paper, faint ? 0.35 : 0.62);
  return {
    title: edge.title || undefined,
    hidden: (hub || crowd) && !near,
    width: hub ? 1 : Math.min(4, Math.max(near ? 1.6 : 0.9, 0.2 * (edge.bits || 0))),
    dashes: hub ? [1, 4] : false,
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
  const at = s.net.getPositions();
  const { theme } = s;
  const account = sheetOf(s.kinds, "account");
  const blue = theme.dark ? account.dark : account.light;
  for (const { cell, name } of s.data.cells) {
    const inside = s.data.nodes.filter((n) => n.cell === cell && at[n.id]);
    if (inside.length < 2) continue;
    const own = s.data.nodes.filter((n) => s.home.get(n.id) === cell && !n.hub && at[n.id]);
    const box = around([...inside, ...own].map((n) => at[n.id]), 26);
    rounded(ctx, box, 14);
    ctx.fillStyle = mix(blue, theme.paper, 0.06);
    ctx.fill();
    ctx.lineWidth = 1;
    ctx.strokeStyle = mix(blue, theme.paper, 0.35);
    ctx.stroke();
    ctx.font = `600 ${12 / s.scale}px ${theme.font}`;
    ctx.fillStyle = mix(theme.ink, theme.paper, 0.7);
    ctx.textAlign = "left";
    ctx.textBaseline = "bottom";
    ctx.fillText(`${name} · ${inside.length}`, box.x + 8, box.y - 3 / s.scale);
  }
  const hubs = s.data.nodes.filter((n) => n.hub && at[n.id]).map((n) => at[n.id]);
  if (!hubs.length) return;
  const tight = around(hubs, 0);
  const [half, head] = [72 / s.scale, 46 / s.scale];
  const lane = { x: tight.x - half, y: tight.y - head, w: tight.w + 2 * half, h: tight.h + head + 34 / s.scale };
  rounded(ctx, lane, 8);
  ctx.fillStyle = theme.second;
  ctx.fill();
  ctx.fillStyle = mix(theme.ink, theme.paper, 0.75);
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  ctx.font = `600 ${12 / s.scale}px ${theme.font}`;
  ctx.fillText("Hubs, parked", lane.x + lane.w / 2, lane.y + 5 / s.scale);
  ctx.font = `${11 / s.scale}px ${theme.font}`;
  ctx.fillText("context, never a bridge", lane.x + lane.w / 2, lane.y + 20 / s.scale);
}

const rank = (s, node) => {
  if (s.selected.has(node.id) || node.id === s.hover) return 0;
  if (node.group === "cell") return 1;
  if (node.hub) return 2;
  return node.group === "account" ? 9 : 3;
};

/** Labels in the order of their worth; one that would cover another is left to hover and table. */
export function paintLabels(ctx, s) {
  const at = s.net.getPositions();
  const size = 11.5 / s.scale;
  ctx.font = `${size}px ${s.theme.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  ctx.lineJoin = "round";
  const taken = s.data.nodes
    .filter((node) => at[node.id])
    .map(({ id, group }) => {
      const [{ x, y }, r] = [at[id], group === "account" ? 5 : 8];
      return { l: x - r, r: x + r, t: y - r, b: y + r };
    });
  const wanted = s.data.nodes
    .filter((node) => at[node.id] && rank(s, node) < 9)
    .sort((a, b) => rank(s, a) - rank(s, b) || (s.degree.get(b.id) || 0) - (s.degree.get(a.id) || 0));
  for (const node of wanted) {
    const { x, y } = at[node.id];
    const radius = node.group === "cell" ? 15 + 1.15 * Math.sqrt(node.count) : 12;
    const crowd = node.group !== "account" && node.group !== "cell" && (s.degree.get(node.id) || 0) > CROWD;
    const text = crowd ? `${node.label} · ${s.degree.get(node.id)}` : node.label;
    const half = ctx.measureText(text).width / 2 + 2 / s.scale;
    const top = y + radius + 2 / s.scale;
    const box = { l: x - half, r: x + half, t: top, b: top + size * 1.2 };
    const must = rank(s, node) < 2;
    const hit = (o) => box.l < o.r && box.r > o.l && box.t < o.b && box.b > o.t;
    if (!must && taken.some(hit)) continue;
    taken.push(box);
    ctx.lineWidth = 3 / s.scale;
    ctx.strokeStyle = s.theme.paper;
    ctx.strokeText(text, x, top);
    ctx.fillStyle = s.theme.ink;
    ctx.fillText(text, x, top);
    if (node.group === "cell") paintCount(ctx, s, node, at[node.id]);
  }
}

function paintCount(ctx, s, node, { x, y }) {
  ctx.save();
  ctx.textBaseline = "middle";
  const size = Math.min(12 / s.scale, 0.9 * (15 + 1.15 * Math.sqrt(node.count)));
  ctx.font = `600 ${size}px ${s.theme.font}`;
  ctx.fillStyle = s.theme.ink;
  ctx.fillText(String(node.count), x, y);
  ctx.restore();
}
