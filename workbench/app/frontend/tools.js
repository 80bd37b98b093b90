// The column of buttons at the canvas' edge: each has a key too.
import { glyph } from "./glyphs.js";
import { fit, foldKey } from "./gestures.js";

const ICONS = {
  in: "M8 3v10M3 8h10", out: "M3 8h10", fit: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
  box: "M3 3h2M7 3h2M11 3h2v2M13 7v2M13 11v2h-2M9 13H7M5 13H3v-2M3 9V7M3 5V3",
  fold: "M2.5 9.5a4 4 0 1 0 8 0 4 4 0 1 0-8 0M6 4.2a4 4 0 1 1 5.8 5.6",
};

export function tools(s) {
  const zoom = (by) => {
    s.touched = true;
    s.net.moveTo({ scale: s.net.getScale() * by, animation: false });
  };
  const add = (icon, title, act) => {
    const button = document.createElement("button");
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
    s.tools.append(button);
  };
  add("in", "Zoom in", () => zoom(1.25));
  add("out", "Zoom out", () => zoom(0.8));
  add("fit", "Fit (F)", () => fit(s));
  add("box", "Select a rectangle (Shift+drag)", (button) => {
    s.boxing = !s.boxing;
    button.setAttribute("aria-pressed", String(s.boxing));
  });
  add("fold", "Fold the selected nodes, or all accounts that are alike (G)", () => foldKey(s));
}
