// Events

function draw() {
  plane = lines.length > 1 ? principal(vectors) : null;
  regroup();
  heat(); restHeat(); table(); map();
}
function load(text) { forgetFile(); $("texts").value = text.replace(/\n+$/, ""); embed(); }
async function open(file) {
  if (!file) return;
  if (file.size > 4 << 20) return fail(new Refused(`${file.name} has ${(file.size / 1048576).toFixed(1)} MiB; the page takes 4. martlet embed takes files of any size.`));
  $("error").textContent = "";
  const text = await file.text();
  if (/\.(csv|tsv|jsonl|ndjson|json)$/i.test(file.name)) openRecords(file.name, text); else load(text);
}
$("form").onsubmit = e => { e.preventDefault(); embed(); };
$("searchForm").onsubmit = e => { e.preventDefault(); $("model").value ? search() : rerank(); };
$("rerank").onclick = rerank;
$("askForm").onsubmit = e => { e.preventDefault(); ask(); };
$("keyBox").onsubmit = e => { e.preventDefault(); key = $("key").value.trim(); $("error").textContent = ""; start().catch(fail); };
$("texts").oninput = read;
$("texts").onkeydown = e => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); embed(); } };
$("open").onclick = () => $("file").click();
$("file").onchange = () => { open($("file").files[0]).catch(fail); $("file").value = ""; };
$("column").onchange = takeColumn;
$("save").onclick = save;
$("tokenForm").onsubmit = e => { e.preventDefault(); tokens(); };
$("compare").onclick = compareModels;
$("clusters").onchange = () => { regroup(); heat(); restHeat(); map(); };
$("single").onchange = () => { heat(); restHeat(); };
$("closer").onclick = () => zoomMiddle(1.6);
$("farther").onclick = () => zoomMiddle(1 / 1.6);
$("whole").onclick = () => { zoom = { k: 1, x: 0, y: 0 }; map(); };
$("clear").onclick = () => { load(""); $("texts").focus(); };
const box = document.querySelector(".texts");
addEventListener("dragover", e => { e.preventDefault(); box.classList.add("drop"); });
addEventListener("dragleave", e => { if (!e.relatedTarget) box.classList.remove("drop"); });
addEventListener("drop", e => {
  e.preventDefault();
  box.classList.remove("drop");
  const file = e.dataTransfer.files[0], text = e.dataTransfer.getData("text/plain");
  if (file) open(file).catch(fail); else if (text) load(text);
});
const spot = e => {
  const r = $("heat").getBoundingClientRect(), x = Math.floor((e.clientX - r.left - grid.gutter) / grid.size), y = Math.floor((e.clientY - r.top - grid.head) / grid.size);
  return x >= 0 && y >= 0 && x < grid.n && y < grid.n ? [y, x] : null;
};
$("heat").onpointermove = e => {
  const to = grid && spot(e);
  if (!to) return;
  if (hover && String(to) === String(cell)) return;
  cell = to; hover = true;
  heat(); readCell(false);
};
$("heat").onpointerleave = () => { hover = false; heat(); restHeat(); };
$("heat").onfocus = () => { heat(); readCell(true); };
$("heat").onblur = () => { heat(); restHeat(); };
$("heat").onkeydown = e => {
  const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[e.key];
  if (!move || !grid) return;
  e.preventDefault();
  cell = cell.map((c, k) => Math.max(0, Math.min(grid.n - 1, c + move[k])));
  heat(); readCell(true);
};
$("group").onchange = () => { heat(); restHeat(); };
$("tableBox").ontoggle = table;
const point = e => e.target.closest?.("g[data-i]");
$("map").addEventListener("pointerover", e => { const g = point(e); if (g) pick(+g.dataset.i); });
$("map").addEventListener("pointerleave", () => pick(-1));
$("map").addEventListener("focusin", e => { const g = point(e); if (g) { pick(+g.dataset.i); $("say").textContent = $("mapRead").textContent; } });
$("map").addEventListener("focusout", () => pick(-1));
function walk(e, map) {
  const g = point(e), step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
  if (!g || !step) return;
  e.preventDefault();
  const all = [...$(map).querySelectorAll("g[data-i]")], next = all[(all.indexOf(g) + step + all.length) % all.length];
  g.setAttribute("tabindex", -1);
  next.setAttribute("tabindex", 0);
  next.focus();
}
const inMap = e => { const box = $("map").getBoundingClientRect(); return [e.clientX - box.left, e.clientY - box.top]; };
$("map").addEventListener("wheel", e => {
  if (!plane || !(e.ctrlKey || zoom.k > 1)) return;
  e.preventDefault();
  zoomAt(...inMap(e), e.deltaY < 0 ? 1.25 : 1 / 1.25);
}, { passive: false });
$("map").addEventListener("dblclick", e => zoomAt(...inMap(e), 1.6));
$("map").addEventListener("pointermove", e => {
  if (!(e.buttons & 1) || zoom.k === 1) return;
  zoom = { k: zoom.k, x: zoom.x + e.movementX, y: zoom.y + e.movementY };
  map();
});
$("map").addEventListener("keydown", e => walk(e, "map"));
$("draw").onclick = drawRecords;
$("color").onchange = chart;
const tellPoint = e => { const g = point(e); if (g) { $("recordRead").textContent = told(places.points[+g.dataset.i]); return g; } };
$("records").addEventListener("pointerover", tellPoint);
$("records").addEventListener("pointerleave", restChart);
$("records").addEventListener("focusin", e => { if (tellPoint(e)) $("say").textContent = $("recordRead").textContent; });
$("records").addEventListener("focusout", restChart);
$("records").addEventListener("keydown", e => walk(e, "records"));
const tabs = [...document.querySelectorAll("[role=tab]")];
function turnTo(tab) {
  for (const t of tabs) { t.ariaSelected = String(t === tab); t.tabIndex = t === tab ? 0 : -1; }
  language = tab.id.slice(2);
  $("code").setAttribute("aria-labelledby", tab.id);
  if (request) show(request.kind, request.texts, request.asked);
}
tabs.forEach((tab, i) => {
  tab.onclick = () => turnTo(tab);
  tab.onkeydown = e => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (step) { const next = tabs[(i + step + tabs.length) % tabs.length]; turnTo(next); next.focus(); }
  };
});
$("copy").onclick = async () => {
  try { await navigator.clipboard.writeText($("code").textContent); } catch {
    // Without TLS on another host there is no clipboard: the text is selected instead.
    getSelection().selectAllChildren($("code"));
    if (!document.execCommand("copy")) { $("copy").textContent = "Selected"; return; }
  }
  $("copy").textContent = "Copied";
  $("say").textContent = "Copied";
  setTimeout(() => { $("copy").textContent = "Copy"; }, 1500);
};
addEventListener("resize", () => { heat(); map(); chart(); });
dark.addEventListener("change", () => { heat(); chart(); });
$("texts").value = EXAMPLE.join("\n");
read();
start().catch(error => { $("about").textContent = ""; fail(error); });
