// Files: texts and records in, vectors out

// The records of a file whose texts are the lines; nil where the lines were typed.
let source = null;
function csvRows(name, text) {
  const head = text.split(/\r?\n/, 1)[0];
  const mark = ["\t", ";", ","].map(m => [head.split(m).length, m]).reduce((a, b) => b[0] >= a[0] ? b : a)[1];
  const rows = [];
  let row = [], cell = "", quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') cell += c; else if (text[i + 1] === '"') { cell += c; i++; } else quoted = false;
    } else if (c === '"' && !cell) quoted = true;
    else if (c === mark) { row.push(cell); cell = ""; }
    else if (c === "\n" || c === "\r") {
      if (c === "\r" && text[i + 1] === "\n") i++;
      row.push(cell); rows.push(row); row = []; cell = "";
    } else cell += c;
  }
  if (quoted) throw new Refused(`${name}: a quoted cell has no end.`);
  if (cell || row.length) { row.push(cell); rows.push(row); }
  return rows.filter(r => r.length > 1 || r[0].trim());
}
function csvRecords(name, text) {
  const [head, ...rows] = csvRows(name, text);
  if (!head || new Set(head).size < head.length) throw new Refused(`${name}: ${head ? "two columns have one name" : "there is no header"}.`);
  return rows.map((row, i) => {
    if (row.length !== head.length) throw new Refused(`${name}: record ${i + 1} has ${plural(row.length, "cell")}, and the header has ${head.length}.`);
    return Object.fromEntries(head.map((column, k) => [column, row[k]]));
  });
}
function jsonRecords(name, text) {
  const parsed = (json, place) => { try { return JSON.parse(json); } catch { throw new Refused(`${name}: ${place} is not JSON.`); } };
  const all = /\.json$/i.test(name) ? parsed(text, "the file")
    : text.split(/\r?\n/).map((line, i) => [line, i + 1]).filter(([line]) => line.trim()).map(([line, n]) => parsed(line, `line ${n}`));
  if (!Array.isArray(all)) throw new Refused(`${name}: expected a list of records.`);
  return all.map((record, i) => {
    if (typeof record === "string") return { text: record };
    if (record === null || typeof record !== "object" || Array.isArray(record)) throw new Refused(`${name}: record ${i + 1} is neither an object nor a string.`);
    return record;
  });
}
function openRecords(name, text) {
  const rows = (/\.(csv|tsv)$/i.test(name) ? csvRecords : jsonRecords)(name, text.replace(/^\uFEFF/, ""));
  const columns = [...new Set(rows.flatMap(Object.keys))].filter(c => rows.some(r => typeof r[c] === "string" && r[c].trim()));
  if (!columns.length) throw new Refused(`${name}: no record has a text.`);
  const size = c => rows.reduce((sum, r) => sum + (typeof r[c] === "string" ? r[c].length : 0), 0);
  const usual = columns.find(c => /^(text|content|body|document|sentence|question)$/i.test(c));
  source = { name, rows, kept: [], texts: [] };
  $("column").replaceChildren(...columns.map(c => new Option(c, c)));
  $("column").value = usual ?? columns.reduce((a, b) => size(b) > size(a) ? b : a);
  $("columnBox").hidden = columns.length < 2;
  takeColumn();
}
// A record without a text in the column is left out, and a line break becomes a space: a text is a line.
function takeColumn() {
  const flat = source.rows.map(r => typeof r[$("column").value] === "string" ? r[$("column").value].replace(/\s+/g, " ").trim() : "");
  source.kept = source.rows.filter((_, i) => flat[i]);
  source.texts = flat.filter(Boolean);
  $("texts").value = source.texts.join("\n");
  const left = source.rows.length - source.kept.length;
  $("fileNote").textContent = `${source.name}: ${plural(source.rows.length, "record")}` + (left ? `, ${left} without a text in ${$("column").value}` : "") + ".";
  embed();
}
function forgetFile() {
  source = null;
  $("fileNote").textContent = "";
  $("columnBox").hidden = true;
}
// What else the record of a line has.
function fieldsOf(i) {
  if (source?.texts[i] !== lines[i]) return {};
  return Object.fromEntries(Object.entries(source.kept[i]).filter(([name, value]) => name !== $("column").value && value !== null && value !== ""));
}
const otherFields = i => Object.entries(fieldsOf(i)).map(([name, value]) => `${name}: ${brief(typeof value === "object" ? JSON.stringify(value) : String(value), 40)}`).join(" · ");

// Names in a file for fields of records: none is that of a column of the page's own, which would be lost.
function columnNames(fields, own) {
  const taken = new Set([...own, ...fields]), names = new Map();
  for (const field of fields) {
    let name = field;
    while (own.has(field) && taken.has(name)) name += "_";
    taken.add(name);
    names.set(field, name);
  }
  return names;
}
// The bytes of a file of all vectors, as the server gave them.
function written(format) {
  const rows = raw.map(r => Array.from(r)), fields = lines.map((_, i) => fieldsOf(i));
  const own = new Set(["text", ...(format === "csv" ? rows[0].map((_, d) => `v${d}`) : ["embedding"])]);
  const names = columnNames(new Set(fields.flatMap(Object.keys)), own);
  if (format === "jsonl") return lines.map((text, i) => JSON.stringify({ text, ...Object.fromEntries(Object.entries(fields[i]).map(([n, v]) => [names.get(n), v])), embedding: rows[i] }) + "\n").join("");
  if (format === "csv") {
    const cell = v => { const t = v === undefined ? "" : typeof v === "object" ? JSON.stringify(v) : String(v); return /[",\r\n]/.test(t) ? `"${t.replaceAll('"', '""')}"` : t; };
    const head = ["text", ...names.values(), ...rows[0].map((_, d) => `v${d}`)];
    return [head, ...lines.map((text, i) => [text, ...[...names.keys()].map(n => fields[i][n]), ...rows[i]])].map(r => r.map(cell).join(",") + "\n").join("");
  }
  const shape = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows.length}, ${rows[0].length}), }`;
  const size = Math.ceil((10 + shape.length + 1) / 64) * 64, bytes = new Uint8Array(size + rows.length * rows[0].length * 4), view = new DataView(bytes.buffer);
  bytes.set([0x93, ...[..."NUMPY"].map(c => c.charCodeAt(0)), 1, 0]);
  view.setUint16(8, size - 10, true);
  for (let i = 10; i < size; i++) bytes[i] = i - 10 < shape.length ? shape.charCodeAt(i - 10) : i === size - 1 ? 10 : 32;
  rows.flat().forEach((x, i) => view.setFloat32(size + 4 * i, x, true));
  return bytes;
}
function save() {
  if (!raw.length) return fail(new Refused("There are no vectors yet."));
  const format = $("format").value, link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([written(format)]));
  link.download = `vectors.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

