// Search

function list(hits, words) {
  const top = hits.slice(0, 100), least = Math.min(0, ...hits.map(h => h.score)), most = Math.max(...hits.map(h => h.score), least + 1e-9);
  $("hits").replaceChildren(...top.map(h => {
    const li = document.createElement("li"), score = document.createElement("span"), text = document.createElement("span"), line = document.createElement("span"), bar = document.createElement("div"), fill = document.createElement("i");
    score.className = "score"; score.textContent = minus(h.score.toFixed(4)); text.textContent = lines[h.index];
    line.className = "note"; line.textContent = `line ${h.index + 1}`;
    bar.className = "bar"; bar.ariaHidden = "true"; fill.style.width = Math.max(0, (h.score - least) / (most - least)) * 100 + "%"; bar.append(fill);
    li.append(score, text, line, bar);
    return li;
  }));
  $("hits").hidden = !top.length;
  $("searchRead").textContent = words + (hits.length > top.length ? `; the best ${top.length} of ${plural(hits.length, "line")}` : "") + ".";
}
const wanted = () => {
  const text = $("query").value.trim();
  if (!text) { query = null; $("hits").hidden = true; $("searchRead").textContent = "Give a query."; map(); }
  return text;
};
async function search(shows = true) {
  const text = wanted();
  if (!text || !vectors.length) return;
  $("error").textContent = "";
  try {
    const { rows, cut } = await embedded([text], "query");
    query = { text, row: rows[0] };
    list(vectors.map((v, index) => ({ index, score: dot(v, rows[0]) })).sort((a, b) => b.score - a.score),
      "Ordered by the cosine of query and line" + (cut.length ? "; the query was cut, it is too long for the model" : ""));
    if (shows) show("search", [text]);
    map();
  } catch (error) { fail(error); }
}
async function rerank() {
  const text = wanted(), texts = read();
  if (!text || !texts.length) return;
  $("error").textContent = "";
  try {
    if ($("model").value && texts.join("\n") !== lines.join("\n")) await embed();
    lines = texts;
    const model = $("ranker").value, hits = [];
    for (let at = 0; at < texts.length; at += limit) {
      for (const h of await call("rerank", { model, query: text, texts: texts.slice(at, at + limit) })) hits.push({ index: at + h.index, score: h.score });
    }
    list(hits.sort((a, b) => b.score - a.score), `Ordered by ${model}`);
    show("rerank", texts, text);
  } catch (error) { fail(error); }
}

