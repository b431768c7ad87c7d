// Numbers

const dot = (a, b) => { let s = 0; for (let i = 0; i < a.length; i++) s += a[i] * b[i]; return s; };
// The two directions of most variance, by power iteration from a fixed start.
function principal(rows) {
  const width = rows[0].length, mean = new Float64Array(width);
  for (const r of rows) for (let i = 0; i < width; i++) mean[i] += r[i] / rows.length;
  const centred = rows.map(r => Float64Array.from(r, (x, i) => x - mean[i]));
  const total = centred.reduce((s, r) => s + dot(r, r), 0), axes = [];
  let explained = 0;
  for (let axis = 0; axis < 2; axis++) {
    let v = Float64Array.from({ length: width }, (_, i) => Math.sin(i * 1.7 + axis + 1)), length = 0;
    for (let step = 0; step < 500; step++) {
      const next = new Float64Array(width);
      for (const r of centred) { const p = dot(r, v); for (let i = 0; i < width; i++) next[i] += p * r[i]; }
      for (const a of axes) { const p = dot(next, a); for (let i = 0; i < width; i++) next[i] -= p * a[i]; }
      length = Math.sqrt(dot(next, next));
      if (length < 1e-12) { v = new Float64Array(width); length = 0; break; }
      for (let i = 0; i < width; i++) next[i] /= length;
      const done = step > 0 && 1 - Math.abs(dot(next, v)) < 1e-13;
      v = next;
      if (done) break;
    }
    const far = centred.reduce((s, r) => { const p = dot(r, v); return Math.abs(p) > Math.abs(s) ? p : s; }, 0);
    if (far < 0) v = v.map(x => -x);
    explained += centred.reduce((s, r) => s + dot(r, v) ** 2, 0);
    axes.push(v);
  }
  const place = r => { const c = Float64Array.from(r, (x, i) => x - mean[i]); return axes.map(a => dot(c, a)); };
  return { place, points: rows.map(place), share: total ? explained / total : 1 };
}
// Spherical k-means from the lines that are farthest from those before; the same lines give the same clusters.
function grouped(rows, k) {
  const n = rows.length, centres = [rows[0]], of = new Int32Array(n);
  const near = rows.map(r => dot(r, rows[0]));
  while (centres.length < Math.min(k, n)) {
    const far = near.indexOf(near.reduce((a, b) => Math.min(a, b)));
    centres.push(rows[far]);
    rows.forEach((r, i) => { near[i] = Math.max(near[i], dot(r, rows[far])); });
  }
  for (let step = 0; step < 30; step++) {
    let moved = 0;
    rows.forEach((r, i) => {
      let best = 0, top = -Infinity;
      centres.forEach((c, j) => { const s = dot(r, c); if (s > top) { top = s; best = j; } });
      if (of[i] !== best) moved++;
      of[i] = best;
    });
    if (step && !moved) break;
    centres.forEach((c, j) => {
      const sum = new Float32Array(rows[0].length);
      rows.forEach((r, i) => { if (of[i] === j) for (let d = 0; d < sum.length; d++) sum[d] += r[d]; });
      if (sum.some(x => x)) centres[j] = unit(sum);
    });
  }
  // How much nearer rows are to their own centre than to the next: the simplified silhouette (Vendramin, Campello and Hruschka 2010).
  const parted = rows.reduce((sum, r, i) => {
    const own = 1 - dot(r, centres[of[i]]), next = 1 - centres.reduce((m, c, j) => j === of[i] ? m : Math.max(m, dot(r, c)), -1);
    return sum + (next - own) / (Math.max(own, next) || 1) / n;
  }, 0);
  // The largest first; each is named by the line that is nearest to its centre.
  const found = centres.map((c, j) => {
    const members = [...of.keys()].filter(i => of[i] === j);
    return { members, name: members.reduce((a, b) => dot(rows[b], c) > dot(rows[a], c) ? b : a, members[0]) };
  }).filter(g => g.members.length).sort((a, b) => b.members.length - a.members.length || a.name - b.name);
  return { found, parted };
}
// The number of clusters that are parted best, by at most a few hundred of the rows.
function bestNumber(rows) {
  const step = Math.ceil(rows.length / 400), some = rows.filter((_, i) => i % step === 0);
  let best = [-Infinity, 2];
  for (let k = 2; k <= 7; k++) { const { parted } = grouped(some, k); if (parted > best[0]) best = [parted, k]; }
  return best[1];
}
const sum = members => members.reduce((s, i) => { vectors[i].forEach((x, d) => { s[d] += x; }); return s; }, new Float64Array(vectors[0].length));
// The mean cosine over all pairs of two lines, of each cluster with each. Vectors have length 1, and a line is not compared with itself.
function meanCosines(clusters) {
  const sums = clusters.map(c => sum(c.members)), sizes = clusters.map(c => c.members.length);
  const within = (s, n) => n > 1 ? (dot(s, s) - n) / (n * (n - 1)) : 1;
  return sums.map((a, y) => sums.map((b, x) => x === y ? within(a, sizes[y]) : dot(a, b) / (sizes[y] * sizes[x])));
}
// Those of the map, the place of each line's own among them, those of the heat map of many lines, and their cosines.
let groups = [], groupOf = [], blocks = [], blockCosines = [];
function regroup() {
  const chosen = $("clusters").value, n = vectors.length;
  const k = chosen === "auto" ? (n < 24 ? 0 : bestNumber(vectors)) : +chosen;
  groups = k && n > k ? grouped(vectors, k).found : [];
  groupOf = Array(n).fill(-1);
  groups.forEach((g, j) => { for (const i of g.members) groupOf[i] = j; });
  blocks = groups.length || n <= GROUPED_FROM ? groups : grouped(vectors, 7).found;
  blockCosines = meanCosines(blocks);
}
// From each line to the nearest one that is left.
function chain(n) {
  const left = new Set(Array(n).keys()), result = [0];
  left.delete(0);
  while (left.size) {
    const last = vectors[result.at(-1)];
    let best = -1, top = -Infinity;
    for (const i of left) { const s = dot(last, vectors[i]); if (s > top) { top = s; best = i; } }
    result.push(best);
    left.delete(best);
  }
  return result;
}
const nearest = (i, n) => vectors.map((v, j) => [dot(vectors[i], v), j]).filter(([, j]) => j !== i).sort((a, b) => b[0] - a[0]).slice(0, n);

