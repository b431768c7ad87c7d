// Heat map

const dark = matchMedia("(prefers-color-scheme: dark)");
const stops = () => dark.matches ? [[29, 35, 44], [37, 82, 126], [104, 182, 222], [236, 249, 255]] : [[244, 241, 234], [163, 200, 221], [43, 101, 165], [12, 38, 80]];
function shade(t) {
  const s = stops(), x = Math.max(0, Math.min(.9999, t)) * (s.length - 1), i = Math.floor(x);
  return s[i].map((c, k) => Math.round(c + (s[i + 1][k] - c) * (x - i)));
}
// With the right sign, and none for zero.
const minus = text => text.replace(/^-(?=0\.0+$)/, "").replace("-", "−");
// WCAG's: above 0.179 black has more contrast, below it white, and either has 4.5.
const luminance = rgb => rgb.reduce((sum, c, i) => sum + [.2126, .7152, .0722][i] * ((c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4), 0);
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name);
let grid = null, hover = false;
function heat() {
  const isGrouped = vectors.length > GROUPED_FROM && !$("single").checked;
  $("singleBox").hidden = vectors.length <= GROUPED_FROM;
  $("groupBox").hidden = isGrouped;
  const canvas = $("heat"), n = isGrouped ? blocks.length : Math.min(lines.length, HEAT_LINES), ratio = devicePixelRatio || 1, width = canvas.clientWidth;
  canvas.hidden = n === 0;
  if (!n || !width) return;
  order = isGrouped ? blocks.map(b => b.name) : $("group").checked ? chain(n) : [...Array(n).keys()];
  cell = cell.map(c => Math.min(c, n - 1));
  const named = n <= 24, gutter = named ? Math.min(150, width * .3) : 0, head = named ? 18 : 0;
  const size = Math.min((width - gutter) / n, named ? 44 : 24), high = Math.ceil(size * n + head);
  canvas.style.height = high + "px";
  canvas.width = width * ratio; canvas.height = high * ratio;
  const c = canvas.getContext("2d");
  c.scale(ratio, ratio);
  const cosines = isGrouped ? blockCosines : order.map(i => order.map(j => dot(vectors[i], vectors[j])));
  const low = Math.min(0, ...cosines.map(r => Math.min(...r)));
  grid = { n, gutter, head, size, cosines, blocks: isGrouped ? blocks : null };
  c.textBaseline = "middle";
  for (let y = 0; y < n; y++) for (let x = 0; x < n; x++) {
    const s = cosines[y][x], color = shade((s - low) / (1 - low)), gap = size > 10 ? 1 : 0;
    c.fillStyle = `rgb(${color})`;
    c.fillRect(gutter + x * size, head + y * size, size - gap, size - gap);
    if (size >= 26) {
      c.fillStyle = luminance(color) > .179 ? "#000" : "#fff";
      c.font = "11px system-ui, sans-serif"; c.textAlign = "center";
      c.fillText(minus(s.toFixed(2)).replace(/^(−?)0\./, "$1."), gutter + (x + .5) * size - .5, head + (y + .5) * size);
    }
  }
  if (named) {
    c.fillStyle = css("--soft"); c.font = "11.5px system-ui, sans-serif";
    order.forEach((i, y) => {
      c.textAlign = "center"; c.fillText(isGrouped ? y + 1 : i + 1, gutter + (y + .5) * size, 8);
      c.textAlign = "left";
      let label = isGrouped ? `${blocks[y].members.length} × ${lines[i]}` : `${i + 1}  ${lines[i]}`;
      while (label.length > 2 && c.measureText(label).width > gutter - 8) label = label.slice(0, -2).trimEnd() + "…";
      c.fillText(label, 0, head + (y + .5) * size);
    });
  }
  const [y, x] = cell;
  c.strokeStyle = css("--mark"); c.lineWidth = 2;
  if (document.activeElement === canvas || hover) c.strokeRect(gutter + x * size, head + y * size, size - 1, size - 1);
  $("low").textContent = low ? minus(low.toFixed(2)) : "0";
  const bar = $("scale").getContext("2d");
  for (let i = 0; i < 112; i++) { bar.fillStyle = `rgb(${shade(i / 111)})`; bar.fillRect(i, 0, 1, 10); }
}
function readCell(aloud) {
  if (!grid) return;
  const [y, x] = cell, i = order[y], j = order[x], value = minus(grid.cosines[y][x].toFixed(4));
  const cluster = b => `${plural(b.members.length, "line")} like “${brief(lines[b.name])}”`;
  const text = grid.blocks ? (x === y ? ` is the mean among ${cluster(grid.blocks[y])}` : ` is the mean between ${cluster(grid.blocks[y])} and ${cluster(grid.blocks[x])}`)
    : ` between line ${i + 1} “${brief(lines[i])}” and line ${j + 1} “${brief(lines[j])}”`;
  $("heatRead").replaceChildren(Object.assign(document.createElement("b"), { textContent: value }), text);
  if (aloud) $("say").textContent = value + text;
}
function restHeat() {
  const more = grid?.blocks ? `${plural(lines.length, "line")} in ${grid.n} clusters. ` : lines.length > HEAT_LINES ? `The first ${HEAT_LINES} of ${plural(lines.length, "line")}. ` : "";
  $("heatRead").textContent = lines.length > 1 ? more + "Point at a cell, or move with the arrow keys, to read it." : lines.length ? "Two lines or more can be compared." : "";
}
function table() {
  const n = Math.min(lines.length, TABLE_LINES);
  if (!$("tableBox").open || !n) return $("table").replaceChildren();
  const make = (tag, text, scope) => { const e = document.createElement(tag); e.textContent = text; if (scope) e.scope = scope; return e; };
  const t = document.createElement("table"), head = t.createTHead().insertRow(), body = t.createTBody();
  t.append(Object.assign(document.createElement("caption"), { className: "unseen", textContent: "Cosine of each line to each other" }));
  head.append(make("th", n < lines.length ? `first ${n}` : "line", "col"));
  for (let j = 0; j < n; j++) head.append(make("th", j + 1, "col"));
  for (let i = 0; i < n; i++) {
    const row = body.insertRow();
    row.append(make("th", `${i + 1}  ${lines[i]}`, "row"));
    for (let j = 0; j < n; j++) row.append(make("td", minus(dot(vectors[i], vectors[j]).toFixed(4))));
  }
  $("table").replaceChildren(t);
}

