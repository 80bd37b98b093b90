// Counts that add up: per kind under the canvas, in all above it; a click switches a kind off.
import { glyph } from "./glyphs.js";
import { sheetOf } from "./paint.js";

const make = (tag, text, cls) => {
  const el = document.createElement(tag);
  if (text !== undefined) el.textContent = text;
  if (cls) el.className = cls;
  return el;
};
export const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");

const WHY = {
  filtered: "hidden by a filter", folded: "in a bundle", closed: "in a closed cell", collapsed: "collapsed",
  removed: "removed", private: "used by this account only", "not asked": "not asked for",
};
export const reasons = (why) => Object.entries(why || {}).map(([key, n]) => `${grouped(n)} ${WHY[key] || key}`);

export function legend(s) {
  const off = new Set(s.data.off);
  const total = { shown: 0, hidden: 0, truncated: 0 };
  const items = s.data.sums.map((sum) => {
    for (const key of Object.keys(total)) total[key] += sum[key];
    return item(s, sum, off.has(sum.kind));
  });
  s.legend.replaceChildren(...items, make("span", "shown + hidden + truncated", "wb-muted wb-rule"));
  const all = total.shown + total.hidden + total.truncated;
  const parts = Object.entries(total).map(([key, n]) => `${grouped(n)} ${key}`);
  s.count.textContent = `${parts.join(" + ")} = ${grouped(all)}`;
  s.canvas.setAttribute(
    "aria-label",
    `Graph of ${s.byId.size} nodes. Arrow keys move, Enter expands, the table beside holds the same.`,
  );
}

function item(s, sum, off) {
  const sheet = sheetOf(s.kinds, sum.kind);
  const button = make("button", undefined, "wb-item");
  button.type = "button";
  button.setAttribute("aria-pressed", String(!off));
  const why = [...reasons(sum.why), ...(sum.truncated ? [`${grouped(sum.truncated)} beyond a limit`] : [])];
  button.title = [off ? "Show this kind" : "Hide this kind", ...why].join("\n");
  button.append(glyph(sheet.shape, s.theme.dark ? sheet.dark : sheet.light), `${sheet.plural || sum.kind} `);
  button.append(make("b", grouped(sum.shown)), make("span", `+ ${grouped(sum.hidden)} + ${grouped(sum.truncated)}`, "wb-muted"));
  button.addEventListener("click", () => s.send({ do: "switch", names: [sum.kind] }));
  return button;
}
