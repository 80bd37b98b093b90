// Counts before expansion: what a node has, what is drawn, what the button would add.
import { glyph } from "./glyphs.js";
import { sheetOf } from "./paint.js";

const PER_KIND = 25;
const make = (tag, text, cls) => {
  const el = document.createElement(tag);
  if (text !== undefined) el.textContent = text;
  if (cls) el.className = cls;
  return el;
};

/** One line a kind: how many neighbours are new, drawn already, or private to this node. */
export function neighbourKinds(s, node) {
  const drawn = new Map();
  for (const edge of s.data.edges) {
    const other = edge.from === node.id ? edge.to : edge.to === node.id ? edge.from : undefined;
    const found = other !== undefined && s.byId.get(other);
    if (!found) continue;
    const kind = found.group === "cell" ? "account" : found.group;
    drawn.set(kind, (drawn.get(kind) || 0) + (found.group === "cell" ? 0 : 1));
  }
  const names = [...s.kinds.keys()].filter((k) => node.counts[k] || node.private[k]);
  return names.map((name) => {
    const here = drawn.get(name) || 0;
    const fresh = Math.max(0, (node.counts[name] || 0) - here);
    return { name, fresh, drawn: here, own: node.private[name] || 0 };
  });
}

function words({ fresh, drawn, own }) {
  const parts = [`${fresh} new`];
  if (drawn) parts.push(`${drawn} drawn`);
  if (own) parts.push(`${own} private`);
  return parts.join(" · ");
}

export function openPopover(s, node) {
  closePopover(s);
  const rows = neighbourKinds(s, node);
  const total = rows.reduce((sum, row) => sum + row.fresh + row.drawn + row.own, 0);
  const pop = make("div", undefined, "wb-pop");
  pop.setAttribute("role", "dialog");
  pop.setAttribute("aria-label", "Expand");
  pop.append(make("h4", node.title.split("\n")[0]), make("div", `${total} neighbours`, "wb-muted"));
  const boxes = rows.map((row) => line(s, node, row, pop, () => refresh()));
  const go = make("button", "", "wb-main");
  const foot = make("div", undefined, "wb-foot");
  foot.append(go, make("span", "nothing moves", "wb-muted"));
  pop.append(foot, others(s, node));
  const refresh = () => {
    const adds = boxes.filter((b) => b.input.checked).reduce((n, b) => n + Math.min(b.row.fresh, PER_KIND), 0);
    go.textContent = adds ? `Expand ${adds}` : "Nothing to expand";
    go.disabled = adds === 0;
  };
  go.addEventListener("click", () => {
    const names = boxes.filter((b) => b.input.checked).map((b) => b.row.name);
    closePopover(s);
    s.send({ do: "expand", node: node.id, kinds: names });
  });
  pop.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closePopover(s, true);
    event.stopPropagation();
  });
  refresh();
  s.stage.append(pop);
  s.pop = pop;
  place(s, node, pop);
  (go.disabled ? pop.querySelector("button:not([disabled])") || pop : go).focus({ preventScroll: true });
}

function line(s, node, row, pop, changed) {
  const label = make("label", undefined, "wb-row");
  const input = make("input");
  input.type = "checkbox";
  const alone = !Object.keys(node.counts).some((k) => k !== "account");
  input.checked = row.fresh > 0 && !node.hub && (row.name !== "account" || alone);
  input.disabled = row.fresh === 0;
  input.addEventListener("change", changed);
  const sheet = sheetOf(s.kinds, row.name);
  const plural = row.name === "account" && node.group === "account" ? "Linked accounts" : sheet.plural;
  label.append(input, glyph(sheet.shape, s.theme.dark ? sheet.dark : sheet.light));
  label.append(make("span", plural || row.name), make("span", words(row), "wb-muted"));
  pop.append(label);
  return { input, row };
}

function others(s, node) {
  const foot = make("div", undefined, "wb-foot");
  const add = (text, message) => {
    const button = make("button", text, "wb-quiet");
    button.addEventListener("click", () => {
      closePopover(s, true);
      s.send(message);
    });
    foot.append(button);
  };
  if ((s.degree.get(node.id) || 0) > 0) add("Collapse", { do: "collapse", node: node.id });
  add("Remove", { do: "remove", names: [node.id] });
  if (node.group === "account" && node.cell) add("Close cell", { do: "close_cell", node: node.cell });
  return foot;
}

/** Beside the node, in the emptiest quarter, never over the node itself. */
function place(s, node, pop) {
  const at = s.net.canvasToDOM(s.net.getPosition(node.id));
  const all = Object.values(s.net.getPositions()).map((p) => s.net.canvasToDOM(p));
  const [w, h] = [pop.offsetWidth, pop.offsetHeight];
  const [W, H] = [s.stage.clientWidth, s.stage.clientHeight];
  const clamp = (value, most) => Math.max(6, Math.min(value, most - 6));
  const options = [[1, 1], [1, -1], [-1, 1], [-1, -1]].map(([dx, dy]) => {
    const left = clamp(dx > 0 ? at.x + 22 : at.x - 22 - w, W - w);
    const top = clamp(dy > 0 ? at.y - 12 : at.y + 12 - h, H - h);
    const inside = (p) => p.x > left - 8 && p.x < left + w + 8 && p.y > top - 8 && p.y < top + h + 8;
    return { left, top, cost: all.filter(inside).length + (inside(at) ? 1000 : 0) };
  });
  const best = options.reduce((a, b) => (b.cost < a.cost ? b : a));
  pop.style.left = `${best.left}px`;
  pop.style.top = `${best.top}px`;
}

export function closePopover(s, back = false) {
  if (!s.pop) return;
  s.pop.remove();
  s.pop = undefined;
  if (back) s.canvas.focus({ preventScroll: true });
}
