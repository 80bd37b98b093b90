// Counts before expansion: what a node has, what is drawn, why the rest is not, what the button would add.
import { glyph } from "./glyphs.js";
import { grouped, reasons } from "./legend.js";
import { sheetOf } from "./paint.js";

const LIMITS = [5, 10, 25, 50, 100];
const USUAL = 25;
const SORTS = [["", "in the store's order"], ["rarest", "rarest first"], ["strongest", "strongest first"],
  ["connected", "most drawn neighbours first"], ["newest", "newest first"]];

const make = (tag, text, cls) => {
  const el = document.createElement(tag);
  if (text !== undefined) el.textContent = text;
  if (cls) el.className = cls;
  return el;
};

const total = ({ shown, fresh, why }) => shown + fresh + Object.values(why).reduce((sum, n) => sum + n, 0);

/** One line a kind: how many neighbours there are, drawn, new, and put aside with the reason. */
export function neighbourKinds(s, row) {
  const near = row.near || {};
  return [...s.kinds.keys()].filter((kind) => near[kind]).map((name) => {
    const [shown, fresh, why] = near[name];
    return { name, shown, fresh, why: why || {} };
  });
}

export function openPopover(s, row) {
  closePopover(s);
  const kinds = neighbourKinds(s, row);
  const pop = make("div", undefined, "wb-pop");
  pop.setAttribute("role", "dialog");
  pop.setAttribute("aria-label", "Expand");
  const head = make("div", undefined, "wb-top");
  const sheet = sheetOf(s.kinds, row.group);
  head.append(glyph(sheet.shape, s.theme.dark ? sheet.dark : sheet.light), make("h4", row.name || row.label));
  head.append(make("span", `${grouped(kinds.reduce((sum, one) => sum + total(one), 0))} neighbours`, "wb-muted"));
  pop.append(head);
  if (row.warn) pop.append(make("div", row.warn, "wb-warn"));
  const limit = chosen(LIMITS.map((n) => [n, `${n} of a kind`]), USUAL);
  const sort = chosen(SORTS, "");
  limit.setAttribute("aria-label", "At most");
  sort.setAttribute("aria-label", "Order");
  const boxes = kinds.map((one) => line(s, row, one, pop));
  const how = make("div", undefined, "wb-how");
  how.append(limit, sort);
  const go = make("button", "", "wb-main");
  const foot = make("div", undefined, "wb-foot");
  foot.append(go, make("span", "Enter · nothing moves", "wb-muted"));
  pop.append(how, foot, others(s, row));
  const picked = () => boxes.filter((box) => box.input.checked);
  const refresh = () => {
    const most = Number(limit.value);
    const adds = picked().reduce((n, box) => n + Math.min(box.one.fresh, most), 0);
    const more = picked().reduce((n, box) => n + Math.max(0, box.one.fresh - most), 0);
    go.textContent = adds ? `Expand ${grouped(adds)}` : "Nothing to expand";
    go.title = more ? `${grouped(more)} more stay truncated` : "";
    go.disabled = adds === 0;
  };
  const expand = () => {
    if (go.disabled) return;
    const message = { do: "expand", node: row.id, kinds: picked().map((box) => box.one.name), limit: Number(limit.value) };
    closePopover(s, true);
    s.send(sort.value ? { ...message, sort: sort.value } : message);
  };
  go.addEventListener("click", expand);
  for (const el of [limit, ...boxes.map((box) => box.input)]) el.addEventListener("change", refresh);
  pop.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closePopover(s, true);
    if (event.key === "Enter" && !event.target.classList.contains("wb-quiet")) {
      event.preventDefault();
      expand();
    }
    event.stopPropagation();
  });
  refresh();
  s.stage.append(pop);
  s.pop = pop;
  place(s, row, pop);
  (go.disabled ? pop.querySelector("input:not([disabled]), button:not([disabled])") || pop : go).focus({ preventScroll: true });
}

function chosen(options, usual) {
  const select = make("select");
  for (const [value, words] of options) {
    const option = make("option", words);
    option.value = String(value);
    option.selected = value === usual;
    select.append(option);
  }
  return select;
}

/** Off by default: nothing new, kinds switched off, links while identifiers are there, a hub's accounts. */
function line(s, row, one, pop) {
  const label = make("label", undefined, "wb-row");
  const input = make("input");
  input.type = "checkbox";
  const alone = !Object.entries(row.near).some(([kind, [, fresh]]) => kind !== "account" && fresh);
  const telling = one.name !== "account" || (alone && !row.warn);
  const off = s.data.off.includes(one.name);
  input.checked = one.fresh > 0 && !row.hub && telling && !off;
  input.disabled = one.fresh === 0;
  const sheet = sheetOf(s.kinds, one.name);
  const plural = one.name === "account" && row.group === "account" ? "Linked accounts" : sheet.plural;
  const parts = [`${grouped(one.fresh)} new`];
  if (one.shown) parts.push(`${grouped(one.shown)} drawn`);
  label.append(input, glyph(sheet.shape, s.theme.dark ? sheet.dark : sheet.light));
  label.append(make("span", plural || one.name), make("b", grouped(total(one))), make("span", parts.join(" · "), "wb-muted"));
  const why = [...(off && one.fresh ? ["this kind is switched off: what comes stays hidden"] : []), ...reasons(one.why)];
  if (why.length) label.append(make("span", why.join(" · "), "wb-muted wb-why"));
  pop.append(label);
  return { input, one };
}

function others(s, row) {
  const foot = make("div", undefined, "wb-foot");
  const add = (text, message) => {
    const button = make("button", text, "wb-quiet");
    button.addEventListener("click", () => {
      closePopover(s, true);
      s.send(message);
    });
    foot.append(button);
  };
  if ((s.near.get(row.id) || []).length) add("Collapse", { do: "collapse", node: row.id });
  add(row.pinned ? "Unpin" : "Pin", { do: row.pinned ? "unpin" : "pin", names: [row.id] });
  const other = [...s.selected].find((id) => id !== row.id);
  if (other && s.selected.size === 2) add("Path to the other", { do: "path", node: row.id, to: other });
  if (row.group === "account" && row.cell) add("Close cell", { do: "close_cell", node: row.cell });
  add("Remove", { do: "remove", names: [row.id] });
  return foot;
}

/** Beside the node, in the emptiest quarter, never over the node itself. */
function place(s, row, pop) {
  const at = s.net.canvasToDOM(s.net.getPosition(row.id));
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
