// Server

class Refused extends Error {}
async function call(path, body) {
  const headers = body ? { "content-type": "application/json" } : {};
  if (key) headers.authorization = "Bearer " + key;
  let answer;
  try {
    answer = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
  } catch {
    awaitServer();
    throw new Refused("The server cannot be reached. Is it running? The page asks again every two seconds.");
  }
  const json = await answer.json().catch(() => null);
  if (answer.ok && json) return json;
  if (answer.status === 401) {
    $("keyBox").hidden = false;
    throw new Refused(key ? "The server does not take this API key." : "The server asks for an API key: give it above.");
  }
  const said = json?.error?.message ?? json?.error ?? json?.message;
  throw new Refused(typeof said === "string" ? said : `The server answered ${answer.status}.`);
}
// Until a server that is gone is back: then the page begins anew with the lines that it has.
let isAwaited = false;
function awaitServer() {
  if (isAwaited) return;
  isAwaited = true;
  const timer = setInterval(async () => {
    const answer = await fetch("health").catch(() => null);
    if (!answer?.ok) return;
    clearInterval(timer);
    isAwaited = false;
    known = new Map();
    $("error").textContent = "";
    await start().catch(fail);
    $("say").textContent = "The server is back.";
  }, 2000);
}
function fail(error) {
  $("error").textContent = error instanceof Refused ? error.message : "The page failed: " + error.message;
  if (!(error instanceof Refused)) console.error(error);
}

async function start() {
  const { data } = await call("v1/models");
  try { limit = Math.min(BATCH, (await call("info")).max_client_batch_size || BATCH); } catch (error) { if (!(error instanceof Refused)) throw error; }
  const fill = (select, models) => select.replaceChildren(...models.map(m => new Option(m.id, m.id)));
  // A model that was never loaded does not say what it gives.
  const can = what => data.filter(m => !m.capabilities || m.capabilities.includes(what));
  const embedders = can("embedding"), rankers = can("rerank");
  const chosen = $("model").value;
  fill($("model"), embedders);
  if (embedders.some(m => m.id === chosen)) $("model").value = chosen;
  fill($("other"), embedders);
  if (embedders.length > 1) $("other").selectedIndex = 1;
  $("twoBox").hidden = embedders.length < 2;
  fill($("ranker"), rankers);
  $("modelBox").hidden = embedders.length < 2;
  $("rankerBox").hidden = rankers.length < 2;
  $("rerank").hidden = !rankers.length;
  $("rankNote").hidden = rankers.length > 0;
  $("search").hidden = !embedders.length;
  $("rerank").classList.toggle("main", !embedders.length);
  $("heatBox").hidden = $("mapBox").hidden = !embedders.length;
  $("embed").hidden = !embedders.length;
  const tell = () => {
    const m = about = data.find(m => m.id === $("model").value) ?? data[0];
    $("about").textContent = !m ? "The server has no model." : m.id + (m.pipeline ? ": " + m.pipeline : "")
      + (m.dimensions ? ` · ${m.dimensions} dimensions` : "") + (m.max_tokens ? ` · ${m.max_tokens} tokens a text` : "");
  };
  tell();
  $("model").onchange = () => { tell(); embed(); };
  $("keyBox").hidden = true;
  await Promise.all([embed(), collections()]);
}

const float32 = text => {
  const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0)), view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getFloat32(i * 4, true));
};
function unit(row) {
  const norm = Math.hypot(...row) || 1;
  return row.map(x => x / norm);
}
async function embedded(texts, type, model = $("model").value) {
  const rows = [], raw = [], cut = [];
  const name = text => JSON.stringify([model, type, text]);
  const fresh = [...new Set(texts)].filter(text => !known.has(name(text)));
  let tokens = 0;
  for (let at = 0; at < fresh.length; at += limit) {
    const input = fresh.slice(at, at + limit);
    if (fresh.length > limit) $("status").textContent = `${at} of ${fresh.length} lines …`;
    const answer = await call("v1/embeddings", { model, input, input_type: type, encoding_format: "base64" });
    tokens += answer.usage?.total_tokens ?? 0;
    for (const d of answer.data) { const raw = float32(d.embedding); known.set(name(input[d.index]), { raw, row: unit(raw), cut: d.truncated }); }
  }
  texts.forEach((text, i) => { const k = known.get(name(text)); rows.push(k.row); raw.push(k.raw); if (k.cut) cut.push([i, k.cut]); });
  return { rows, raw, cut, tokens, fresh: fresh.length };
}

const plural = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;
const brief = (text, n = 70) => text.length > n ? text.slice(0, n - 1) + "…" : text;
function read() {
  const all = $("texts").value.split(/\r?\n/).map(t => t.trim()).filter(Boolean);
  $("count").textContent = all.length > MAX_LINES ? `the first ${MAX_LINES} of ${plural(all.length, "line")}` : plural(all.length, "line");
  return all.slice(0, MAX_LINES);
}
async function embed() {
  const turn = ++running, texts = read();
  $("error").textContent = "";
  if (!$("model").value) { lines = texts; return show("", texts); }
  if (!texts.length) { lines = vectors = raw = []; $("status").textContent = "Give at least one line."; return draw(); }
  $("embed").setAttribute("aria-busy", "true");
  try {
    const before = performance.now(), result = await embedded(texts, "document"), took = performance.now() - before;
    if (turn !== running) return;
    lines = texts; vectors = result.rows; raw = result.raw; zoom = { k: 1, x: 0, y: 0 }; if (!$("tokenText").value) $("tokenText").value = lines[0]; picked = -1; cell = [0, Math.min(1, lines.length - 1)];
    if (known.size > 4 * MAX_LINES) known = new Map();
    const cut = result.cut.slice(0, 3).map(([i, c]) => `line ${i + 1} was cut from ${c.tokens} to ${c.kept} tokens`).join(", ");
    $("status").textContent = plural(lines.length, "line") + (result.fresh < lines.length ? `, ${result.fresh || "none"} to compute` : "")
      + (result.fresh ? `, ${plural(result.tokens, "token")}, ${took < 10 ? took.toFixed(1) : Math.round(took)} ms` : "")
      + (cut ? `; ${cut}${result.cut.length > 3 ? ` and ${result.cut.length - 3} more` : ""}` : "") + ".";
    show("embed", texts);
    draw();
    if (query) await search(false);
  } catch (error) { fail(error); } finally { if (turn === running) $("embed").removeAttribute("aria-busy"); }
}

