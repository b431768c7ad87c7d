// Map

const shape = (tag, attributes, text) => {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const name in attributes) e.setAttribute(name, attributes[name]);
  if (text !== undefined) e.textContent = text;
  return e;
};
let spots = [], zoom = { k: 1, x: 0, y: 0 };
// The point of the map under (x, y) stays where it is.
function zoomAt(x, y, factor) {
  const k = Math.max(1, Math.min(40, zoom.k * factor)), by = k / zoom.k;
  zoom = k === 1 ? { k: 1, x: 0, y: 0 } : { k, x: x - (x - zoom.x) * by, y: y - (y - zoom.y) * by };
  map();
}
const zoomMiddle = factor => zoomAt($("map").viewBox.baseVal.width / 2, $("map").viewBox.baseVal.height / 2, factor);
function map() {
  const svg = $("map"), W = svg.clientWidth || 520, H = Math.round(W * .76), pad = 26;
  svg.setAttribute("viewBox", `0 0 ${W} ${H}`);
  svg.replaceChildren();
  spots = [];
  $("share").textContent = $("mapRead").textContent = "";
  $("clusterLegend").replaceChildren();
  $("whole").hidden = !plane || zoom.k === 1;
  if (!plane) { $("mapRead").textContent = "Two lines or more make a map."; return; }
  const all = plane.points.concat(query?.row ? [plane.place(query.row)] : []);
  const xs = all.map(p => p[0]), ys = all.map(p => p[1]), min = a => a.reduce((x, y) => Math.min(x, y)), max = a => a.reduce((x, y) => Math.max(x, y));
  const scale = Math.min((W - 2 * pad) / (max(xs) - min(xs) || 1), (H - 2 * pad) / (max(ys) - min(ys) || 1));
  const midX = (max(xs) + min(xs)) / 2, midY = (max(ys) + min(ys)) / 2;
  const at = p => [(W / 2 + (p[0] - midX) * scale) * zoom.k + zoom.x, (H / 2 - (p[1] - midY) * scale) * zoom.k + zoom.y];
  const isSeen = ([x, y]) => x >= 0 && x <= W && y >= 0 && y <= H;
  const colors = COLORS[dark.matches ? "dark" : "light"];
  $("share").textContent = `two main axes, ${Math.round(plane.share * 100)} % of the variance`;
  const [ox, oy] = at([0, 0]);
  svg.append(shape("line", { class: "axis", x1: 0, x2: W, y1: oy, y2: oy }), shape("line", { class: "axis", x1: ox, x2: ox, y1: 0, y2: H }), shape("g", { id: "links" }));
  spots = plane.points.map(at);
  const isLabelled = spots.filter(isSeen).length <= 60;
  const taken = isLabelled ? spots.map(([x, y]) => [x - 6, y - 6, x + 6, y + 6]) : [], radius = lines.length > 400 ? 3 : 5;
  const label = (x, y, text) => {
    text = brief(text, 34);
    const w = text.length * 5.9;
    for (const [left, top] of [[x + 9, y - 8], [x - 9 - w, y - 8], [x - w / 2, y + 8], [x - w / 2, y - 24], [x + 4, y + 6], [x + 4, y - 22], [x - w - 4, y + 6], [x - w - 4, y - 22]]) {
      const box = [left, top, left + w, top + 15];
      if (left < 2 || box[2] > W - 2 || top < 2 || box[3] > H - 2) continue;
      if (taken.some(b => box[0] < b[2] && b[0] < box[2] && box[1] < b[3] && b[1] < box[3])) continue;
      taken.push(box);
      return shape("text", { x: left, y: top + 11.5 }, text);
    }
    return null;
  };
  if (query?.row) {
    const [x, y] = at(plane.place(query.row)), g = shape("g", { class: "on", role: "img", "aria-label": `The query “${query.text}”` });
    g.append(shape("path", { d: `M${x} ${y - 9}l8 9-8 9-8-9z` }), label(x, y, query.text) ?? "");
    svg.append(g);
  }
  spots.forEach(([x, y], i) => {
    const g = shape("g", { tabindex: i === 0 ? 0 : -1, role: "img", "aria-label": `Line ${i + 1}: ${lines[i]}`, "data-i": i });
    const circle = shape("circle", { cx: x, cy: y, r: radius }), group = groupOf[i];
    if (group >= 0) circle.style.setProperty("--fill", colors[group]);
    g.append(circle, (isLabelled && isSeen([x, y]) && label(x, y, lines[i])) || "");
    svg.append(g);
  });
  $("clusterLegend").append(...groups.map((g, i) => {
    const li = document.createElement("li"), key = shape("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" });
    key.append(shape("circle", { cx: 5, cy: 5, r: 5, fill: colors[i] }));
    li.append(key, `${brief(lines[g.name], 40)} (${g.members.length})`);
    return li;
  }));
  const kept = picked;
  picked = -2;
  pick(kept);
}
function restMap() { if (lines.length > 1) $("mapRead").textContent = "Point at a line to see the three nearest to it in all dimensions, or move with the arrow keys."; }
function pick(i) {
  if (i === picked) return;
  picked = i;
  for (const g of $("map").querySelectorAll("g[data-i]")) g.classList.toggle("on", +g.dataset.i === i), g.classList.remove("near");
  const links = $("links");
  links?.replaceChildren();
  if (i < 0 || !spots[i]) return restMap();
  const g = $("map").querySelector(`g[data-i="${i}"]`), W = $("map").viewBox.baseVal.width;
  if (!g.querySelector("text")) {
    // The line's own label where it has none, on the side that has room.
    const [x, y] = spots[i], left = x > W / 2;
    links?.append(shape("text", { class: "tip", x: left ? x - 10 : x + 10, y: y - 9, "text-anchor": left ? "end" : "start" }, brief(lines[i], 44)));
  }
  const near = nearest(i, 3);
  for (const [, j] of near) $("map").querySelector(`g[data-i="${j}"]`).classList.add("near"), links.append(shape("line", { x1: spots[i][0], y1: spots[i][1], x2: spots[j][0], y2: spots[j][1] }));
  const parts = [Object.assign(document.createElement("b"), { textContent: `${i + 1} “${brief(lines[i])}”` }), " is nearest to "];
  const more = otherFields(i);
  near.forEach(([s, j], k) => parts.push(`${k ? ", " : ""}${j + 1} “${brief(lines[j], 40)}” (${minus(s.toFixed(3))})`));
  $("mapRead").replaceChildren(...parts, more ? `. ${more}` : "");
}

