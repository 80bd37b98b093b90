// The pack's picture: reads the JSON block, draws it, and says in words what it shows.
const scene = JSON.parse(document.getElementById("scene").textContent);
const dark = window.matchMedia && window.matchMedia("(prefers-color-scheme: dark)").matches;
const theme = dark ? "dark" : "light";
const ink = dark ? "#E6EAEE" : "#1B2430";
const paper = dark ? "#14181D" : "#FFFFFF";
const line = dark ? "#566270" : "#A9B2BC";
const kinds = new Map(scene.kinds.map((kind) => [kind.name, kind]));
const nodes = scene.nodes.map((node) => {
  const kind = kinds.get(node.group) || { shape: "dot", light: "#66717E", dark: "#8A949F", size: 9 };
  const colour = kind[theme];
  const hollow = node.hub ? paper : colour;
  return {
    id: node.id, x: node.x, y: node.y, title: node.title,
    label: node.group === "account" ? undefined : node.label,
    shape: kind.shape, size: kind.size, borderWidth: 1.5,
    shapeProperties: { borderDashes: node.hub ? [4, 3] : false },
    color: { background: hollow, border: colour, highlight: { background: colour, border: ink } },
    font: { size: 11, color: ink, strokeWidth: 3, strokeColor: paper },
  };
});
const edges = scene.edges.map((edge) => ({ from: edge.from, to: edge.to, title: edge.title }));
document.body.style.background = paper;
document.body.style.color = ink;
const legend = document.getElementById("legend");
for (const kind of scene.kinds) {
  const item = document.createElement("span");
  const glyph = document.createElement("i");
  glyph.style.background = kind[theme];
  item.append(glyph, `${kind.plural} ${kind.shown} + ${kind.truncated} not drawn`);
  legend.append(item);
}
new vis.Network(
  document.getElementById("canvas"),
  { nodes: new vis.DataSet(nodes), edges: new vis.DataSet(edges) },
  { ...scene.options, edges: { color: { color: line, highlight: ink }, width: 0.8, smooth: false } },
);
