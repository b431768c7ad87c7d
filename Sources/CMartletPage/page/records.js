// The map of a collection

// Of even lightness, apart for most kinds of colour blindness (after Wong, Nature Methods 2011), a set for each scheme.
const COLORS = { light: ["#0072b2", "#b4520b", "#00795a", "#a1478a", "#7a6a00", "#3f5f8a", "#8a3b3b"], dark: ["#6fb6ee", "#f2ae72", "#5cc9a5", "#e3a0cf", "#d9c95a", "#a5bfe3", "#e59a9a"] };
let places = null, foundIDs = [];
const typeOf = (c, field) => kept.find(k => k.name === c)?.fields?.[field];
function valueOf(point, field) {
  const value = point.fields[field];
  return Array.isArray(value) ? value[0] : value;
}
// A number has a shade between two colours; of other values the most frequent have a colour each.
function coloring(field) {
  const colors = COLORS[dark.matches ? "dark" : "light"], none = getComputedStyle(document.documentElement).getPropertyValue("--edge").trim();
  if (!field) return { of: () => colors[0], legend: [] };
  const type = typeOf($("collection").value, field), numeric = ["integer", "float", "date"].includes(type);
  if (numeric) {
    const at = p => { const v = valueOf(p, field); return v === undefined ? NaN : type === "date" ? Date.parse(v) : v; };
    const all = places.points.map(at).filter(v => !Number.isNaN(v)), low = Math.min(...all), high = Math.max(...all);
    const mix = t => { const h = (c, i) => parseInt(c.slice(1 + 2 * i, 3 + 2 * i), 16); return "#" + [0, 1, 2].map(i => Math.round(h(colors[0], i) * (1 - t) + h(colors[1], i) * t).toString(16).padStart(2, "0")).join(""); };
    const word = v => type === "date" ? new Date(v).toISOString().slice(0, 10) : String(v);
    const of = p => { const v = at(p); return Number.isNaN(v) ? none : mix(high > low ? (v - low) / (high - low) : 0); };
    const legend = all.length ? (high > low ? [[mix(0), word(low)], [mix(1), word(high)]] : [[mix(0), word(low)]]) : [];
    if (all.length < places.points.length) legend.push([none, "without it"]);
    return { of, legend };
  }
  const counts = new Map();
  for (const p of places.points) { const v = valueOf(p, field); if (v !== undefined) counts.set(String(v), (counts.get(String(v)) ?? 0) + 1); }
  const top = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, colors.length).map(c => c[0]);
  const legend = top.map((v, i) => [colors[i], `${brief(v, 30)} (${counts.get(v)})`]), rest = places.points.filter(p => !top.includes(String(valueOf(p, field)))).length;
  if (rest) legend.push([none, `${counts.size > top.length ? "others" : "without it"} (${rest})`]);
  return { of: p => { const i = top.indexOf(String(valueOf(p, field))); return i < 0 ? none : colors[i]; }, legend };
}
function chart() {
  $("chart").hidden = $("colorBox").hidden = !places;
  if (!places) return;
  const svg = $("records"), W = svg.clientWidth || 520, H = Math.round(Math.min(W * .6, 520)), pad = 16, { points } = places;
  svg.setAttribute("viewBox", `0 0 ${W} ${H}`);
  const min = k => points.reduce((m, p) => Math.min(m, p[k]), Infinity), max = k => points.reduce((m, p) => Math.max(m, p[k]), -Infinity);
  const [x0, x1, y0, y1] = [min("x"), max("x"), min("y"), max("y")], { of, legend } = coloring($("color").value);
  const scale = Math.min((W - 2 * pad) / (x1 - x0 || 1), (H - 2 * pad) / (y1 - y0 || 1)), radius = points.length > 300 ? 3 : 4.5;
  // What was found is drawn last, over the others.
  const order = [...points.keys()].sort((a, b) => foundIDs.includes(points[a].id) - foundIDs.includes(points[b].id));
  svg.replaceChildren(...order.map((i, k) => {
    const p = points[i], g = shape("g", { tabindex: k === 0 ? 0 : -1, role: "img", "aria-label": told(p), "data-i": i });
    if (foundIDs.includes(p.id)) g.classList.add("found");
    g.append(shape("circle", { cx: W / 2 + (p.x - (x0 + x1) / 2) * scale, cy: H / 2 - (p.y - (y0 + y1) / 2) * scale, r: radius, fill: of(p) }));
    return g;
  }));
  $("legend").replaceChildren(...legend.map(([color, text]) => {
    const li = document.createElement("li"), key = shape("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" });
    key.append(shape("circle", { cx: 5, cy: 5, r: 5, fill: color }));
    li.append(key, text);
    return li;
  }));
  restChart();
}
function told(p) {
  const field = $("color").value, value = field ? p.fields[field] : undefined;
  return `${brief(p.id, 40)}: ${brief(p.text, 160)}` + (value === undefined ? "" : ` (${field}: ${value})`);
}
function restChart() {
  const shown = places.points.length, all = kept.find(c => c.name === $("collection").value)?.records ?? shown;
  $("recordRead").textContent = `${plural(shown, "record")}${shown < all ? ` of ${all}` : ""} on the two main axes, ${Math.round(places.share * 100)} % of the variance.` + (foundIDs.length ? " Those with a ring were found." : "");
}
async function drawRecords() {
  $("error").textContent = "";
  try {
    const body = { count: 500, ids: foundIDs }, filter = $("filter").value.trim();
    if (filter) body.filter = filter;
    places = await call(`v1/collections/${encodeURIComponent($("collection").value)}/map`, body);
    chart();
  } catch (error) { fail(error); }
}
function forgetMap() {
  places = null;
  foundIDs = [];
  const fields = kept.find(c => c.name === $("collection").value)?.fields ?? {};
  $("color").replaceChildren(new Option("nothing", ""), ...Object.keys(fields).sort().map(f => new Option(f, f)));
  chart();
}

