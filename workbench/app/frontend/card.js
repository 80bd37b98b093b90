// What the pointer is on, in words: text nodes only, gone with Escape, never over the node itself.
import { grouped } from "./legend.js";
import { sheetOf } from "./paint.js";

const DELAY = 140;

export function listenCard(s) {
  const later = (draw) => {
    clearTimeout(s.cardTimer);
    s.cardTimer = setTimeout(draw, DELAY);
  };
  s.net.on("hoverNode", ({ node }) => {
    s.hover = node;
    later(() => show(s, nodeLines(s, s.byId.get(node)), s.net.getPosition(node)));
  });
  s.net.on("hoverEdge", ({ edge, pointer }) => later(() => show(s, edgeLines(s, s.edgeById.get(edge)), pointer.canvas)));
  s.net.on("blurNode", () => {
    s.hover = undefined;
    closeCard(s);
  });
  s.net.on("blurEdge", () => closeCard(s));
  s.net.on("dragStart", () => closeCard(s));
  s.net.on("zoom", () => closeCard(s));
}

export function closeCard(s) {
  clearTimeout(s.cardTimer);
  s.card.replaceChildren();
  s.card.style.display = "none";
}

function nodeLines(s, row) {
  if (!row) return [];
  if (row.group === "cell" || row.group === "bundle") {
    const what = row.group === "cell" ? `${grouped(row.count)} accounts, closed cell` : `${row.label}, one bundle`;
    return [row.label, row.group === "cell" ? what : row.community ? "community, drawn as one node" : what, "double-click opens it"];
  }
  const sheet = sheetOf(s.kinds, row.group);
  const cell = (s.data.cells || []).find((one) => one.cell === row.cell)?.name;
  const near = Object.entries(row.near || {}).map(([kind, [shown, fresh, why]]) => {
    const all = shown + fresh + Object.values(why || {}).reduce((sum, n) => sum + n, 0);
    return `${sheetOf(s.kinds, kind).plural || kind}: ${grouped(all)}, ${grouped(shown)} drawn`;
  });
  return [
    row.name || row.label,
    [row.group === "account" ? "account" : row.group.replaceAll("_", " "), row.tier, cell].filter(Boolean).join(" · "),
    ...near,
    row.days ? `seen ${row.days[0]} to ${row.days[1]}` : "",
    row.warn || "",
    row.hub ? "context, never a bridge" : "",
    row.pinned ? "pinned: neither folded nor collapsed" : "",
  ];
}

function edgeLines(s, row) {
  if (!row) return [];
  const ends = [row.from, row.to].map((id) => s.byId.get(id)?.label || "");
  const what = row.bits !== undefined ? `linked, ${row.bits.toFixed(1)} bits` : row.count ? `${grouped(row.count)} accounts` : "used";
  return [ends.join(" – "), what];
}

function show(s, lines, place) {
  if (s.pop || !lines.length || s.dragging) return;
  const rows = lines.filter(Boolean).map((words, i) => {
    const line = document.createElement("div");
    line.textContent = words;
    if (!i) line.className = "wb-head";
    return line;
  });
  s.card.replaceChildren(...rows);
  s.card.style.display = "block";
  const at = s.net.canvasToDOM(place);
  const [w, h, W, H] = [s.card.offsetWidth, s.card.offsetHeight, s.stage.clientWidth, s.stage.clientHeight];
  const left = at.x + 18 + w < W ? at.x + 18 : at.x - 18 - w;
  s.card.style.left = `${Math.max(6, Math.min(left, W - w - 6))}px`;
  s.card.style.top = `${Math.max(6, Math.min(at.y + 14, H - h - 6))}px`;
}
