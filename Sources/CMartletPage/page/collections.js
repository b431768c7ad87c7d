// Collections

let kept = [];
async function collections() {
  try { kept = (await call("v1/collections")).data; } catch (error) {
    // A server without a folder for them has none.
    if (!(error instanceof Refused)) throw error;
    kept = [];
  }
  $("collection").replaceChildren(...kept.map(c => new Option(`${c.name} (${plural(c.records, "record")})`, c.name)));
  $("collectionBox").hidden = !kept.length;
  const tell = () => {
    const fields = Object.entries(kept.find(c => c.name === $("collection").value)?.fields ?? {}).map(([name, type]) => `${name} (${type})`);
    $("filter").title = $("askRead").textContent = fields.length ? "Fields for conditions: " + fields.join(", ") : "";
  };
  $("collection").onchange = () => { tell(); forgetMap(); };
  tell();
  forgetMap();
}
// A word of the text is marked if a term of the question is its stem.
function marked(text, terms) {
  const stems = terms.map(t => t.slice(0, Math.max(3, t.length - 1))), parts = text.split(/([\p{L}\p{N}]+)/u);
  return parts.map(w => w && stems.some(s => w.toLowerCase().startsWith(s)) ? Object.assign(document.createElement("mark"), { textContent: w }) : w);
}
async function ask() {
  const text = $("ask").value.trim(), filter = $("filter").value.trim();
  if (!text) { $("found").hidden = true; $("askRead").textContent = "Give a question."; return; }
  $("error").textContent = "";
  try {
    const body = { query: text, by: $("by").value, top: 20 };
    if (filter) body.filter = filter;
    const before = performance.now(), { hits } = await call(`v1/collections/${encodeURIComponent($("collection").value)}/search`, body);
    const most = Math.max(...hits.map(h => h.score), 1e-9), number = x => minus(x.toFixed(3));
    $("found").replaceChildren(...hits.map(h => {
      const li = document.createElement("li"), make = (tag, name, ...parts) => { const e = document.createElement(tag); e.className = name; e.append(...parts); return e; };
      const terms = Object.entries(h.terms), why = [];
      if (h.similarity !== null) why.push(`similarity ${number(h.similarity)}`);
      if (terms.length) why.push(`words ${number(h.word_score)} (${terms.map(([t, s]) => `${t} ${number(s)}`).join(", ")})`);
      for (const [name, value] of Object.entries(h.fields)) why.push(`${name}: ${value}`);
      const fill = document.createElement("i"), bar = make("div", "bar", fill);
      bar.ariaHidden = "true";
      fill.style.width = Math.max(0, h.score / most) * 100 + "%";
      li.append(make("span", "score", minus(h.score.toFixed(4))), make("span", "", ...marked(brief(h.text, 600), terms.map(t => t[0])), make("div", "note", why.join(" · "))), make("span", "note", brief(h.id, 40)), bar);
      return li;
    }));
    foundIDs = hits.map(h => h.id);
    if (places) await drawRecords();
    $("found").hidden = !hits.length;
    $("askRead").textContent = hits.length ? `${plural(hits.length, "record")} in ${Math.round(performance.now() - before)} ms, the best first.` : "Nothing was found.";
  } catch (error) { fail(error); }
}

