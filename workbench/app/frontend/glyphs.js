// Shapes of the kinds: as SVG for legend and popover, as canvas paths for what vis cannot draw.
const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  dot: "M8 2.6a5.4 5.4 0 1 0 .01 0Z",
  square: "M3 3h10v10H3Z",
  triangle: "M8 2.4 14 13H2Z",
  triangleDown: "M8 13.6 14 3H2Z",
  diamond: "M8 1.6 14.4 8 8 14.4 1.6 8Z",
  hexagon: "M4.8 2.4h6.4L14.4 8l-3.2 5.6H4.8L1.6 8Z",
  pentagon: "M8 1.8 14.4 6.5 12 14H4L1.6 6.5Z",
  star: "m8 1 2 4.8 5.2.4-4 3.4 1.3 5L8 11.9l-4.5 2.7 1.3-5-4-3.4L6 5.8Z",
};

/** An SVG element for the legend; shape and colour come from the sheet of kinds, never from a log. */
export function glyph(shape, colour) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[shape] || PATHS.pentagon);
  path.setAttribute("fill", colour);
  svg.append(path);
  return svg;
}

const box = (size) => ({ width: size * 2, height: size * 2 });

/** A closed cell: two stacked discs; the number of accounts is written by the label painter. */
export function bundle({ ctx, x, y, style, state }) {
  const size = style.size;
  return {
    drawNode() {
      ctx.lineWidth = state.selected ? 2.5 : 1.4;
      ctx.strokeStyle = style.borderColor;
      ctx.fillStyle = style.color;
      for (const shift of [4, 0]) {
        ctx.beginPath();
        ctx.arc(x + shift, y - shift, size, 0, 2 * Math.PI);
        ctx.fill();
        ctx.stroke();
      }
    },
    nodeDimensions: box(size),
  };
}

/** A community drawn as one node: a rounded square of discs, unlike any cell. */
export function community({ ctx, x, y, style, state }) {
  const size = style.size;
  return {
    drawNode() {
      ctx.lineWidth = state.selected ? 2.5 : 1.4;
      ctx.strokeStyle = style.borderColor;
      ctx.fillStyle = style.color;
      for (const shift of [5, 0]) {
        ctx.beginPath();
        ctx.roundRect(x - size + shift, y - size - shift, 2 * size, 2 * size, size * 0.45);
        ctx.fill();
        ctx.stroke();
      }
    },
    nodeDimensions: box(size),
  };
}

/** Identifiers of kinds that we have no sheet for. */
export function pentagon({ ctx, x, y, style, state }) {
  const size = style.size;
  return {
    drawNode() {
      ctx.beginPath();
      for (let corner = 0; corner < 5; corner += 1) {
        const angle = -Math.PI / 2 + (corner * 2 * Math.PI) / 5;
        ctx.lineTo(x + size * Math.cos(angle), y + size * Math.sin(angle));
      }
      ctx.closePath();
      ctx.fillStyle = style.color;
      ctx.fill();
      ctx.lineWidth = state.selected ? 2.5 : 1.2;
      ctx.strokeStyle = style.borderColor;
      ctx.stroke();
    },
    nodeDimensions: box(size),
  };
}
