// Models: the tokens of a text, and two models side by side

async function tokens() {
  const text = $("tokenText").value;
  if (!text.trim()) { $("tokens").replaceChildren(); $("tokenRead").textContent = "Give a text."; return; }
  $("error").textContent = "";
  try {
    const [found] = await call("tokenize", { model: $("model").value || $("ranker").value, inputs: [text] });
    $("tokens").replaceChildren(...found.map(t => {
      const li = document.createElement("li"), id = document.createElement("small");
      id.textContent = t.id;
      li.append(t.text.trim() ? t.text : "␣", id);
      li.classList.toggle("special", t.special);
      return li;
    }));
    const most = about?.max_tokens, cut = most && found.length > most ? `; the model reads the first ${most}` : "";
    $("tokenRead").textContent = `${plural(found.length, "token")} with those around it${cut}.`;
  } catch (error) { fail(error); }
}

// Ranks of numbers, equal ones with their mean.
function ranks(values) {
  const order = values.map((v, i) => [v, i]).sort((a, b) => a[0] - b[0]), result = Array(values.length);
  for (let i = 0; i < order.length;) {
    let end = i;
    while (end < order.length && order[end][0] === order[i][0]) end++;
    for (let k = i; k < end; k++) result[order[k][1]] = (i + end - 1) / 2;
    i = end;
  }
  return result;
}
// Spearman's: how alike two orders of the same pairs are.
function rankCorrelation(a, b) {
  const [x, y] = [ranks(a), ranks(b)], mean = (a.length - 1) / 2, part = (p, q) => p.reduce((s, v, i) => s + (v - mean) * (q[i] - mean), 0);
  return part(x, y) / (Math.sqrt(part(x, x) * part(y, y)) || 1);
}
async function compareModels() {
  const other = $("other").value, n = Math.min(lines.length, TABLE_LINES);
  if (n < 3) { $("twoRead").textContent = "Three lines or more can be compared."; return; }
  $("error").textContent = "";
  try {
    const texts = lines.slice(0, n), sets = [vectors.slice(0, n), (await embedded(texts, "document", other)).rows], names = [$("model").value, other];
    const pairs = sets.map(rows => rows.flatMap((v, i) => rows.slice(0, i).map(w => dot(v, w))));
    const best = rows => rows.map((v, i) => rows.map((w, j) => [j === i ? -Infinity : dot(v, w), j]).reduce((a, b) => b[0] > a[0] ? b : a));
    const found = sets.map(best), same = found[0].filter(([, j], i) => found[1][i][1] === j).length;
    $("twoRead").textContent = `Of the first ${plural(n, "line")}, ${same} have the same nearest line; the rank correlation of all cosines is ${minus(rankCorrelation(...pairs).toFixed(3))}.`;
    const make = (tag, text, scope) => { const e = document.createElement(tag); e.textContent = text; if (scope) e.scope = scope; return e; };
    const table = document.createElement("table"), head = table.createTHead().insertRow(), body = table.createTBody();
    head.append(make("th", "line", "col"), ...names.map(name => make("th", `nearest by ${name}`, "col")));
    texts.forEach((text, i) => {
      const row = body.insertRow();
      row.append(make("th", `${i + 1}  ${text}`, "row"), ...found.map(f => make("td", `${f[i][1] + 1}  ${brief(texts[f[i][1]], 40)}  ${minus(f[i][0].toFixed(3))}`)));
      row.classList.toggle("differs", found[0][i][1] !== found[1][i][1]);
    });
    $("two").replaceChildren(table);
    $("two").hidden = false;
  } catch (error) { fail(error); }
}

