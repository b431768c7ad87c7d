'use strict'
const addon = require('./build/martlet.node')

// In the order of addon.c.
const [OPEN, EMBED, SPARSE, MULTI, RERANK, CHUNK, COLLECTION, ADD, REMOVE, SEARCH, QUERY, COUNT, PREDICT, FINGERPRINT, KNOWN] =
  Array(15).keys()
const BUILT_IN = new Set(['all-MiniLM-L6-v2', 'sentence-transformers/all-MiniLM-L6-v2', 'all-minilm', 'minilm'])
const secret = Symbol('martlet')
const finalizers = new FinalizationRegistry((handle) => addon.close(handle))

/** Options as the library reads them: maxTokens becomes max_tokens. */
function json (options) {
  if (options == null) return null
  return JSON.stringify(Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => '_' + letter.toLowerCase()), value])))
}

function checked (texts, name = 'text') {
  if (typeof texts === 'string' || texts == null || typeof texts[Symbol.iterator] !== 'function') {
    throw new TypeError(`${name}s are ${typeof texts}; pass an array of strings`)
  }
  const list = Array.isArray(texts) ? texts : Array.from(texts)
  for (let index = 0; index < list.length; index++) {
    const text = list[index]
    if (typeof text !== 'string') {
      throw Object.assign(new TypeError(`${name} ${index} is ${text === null ? 'null' : typeof text}; expected a string`), { index })
    }
    if (!text.isWellFormed()) {
      throw Object.assign(new RangeError(`${name} ${index} has a lone surrogate; it is not Unicode text`), { index })
    }
  }
  return list
}

/** A path or a name for the library, which reads up to a NUL. */
function named (path) {
  const text = String(path)
  if (text.includes('\0')) throw new RangeError(`${JSON.stringify(text)} has a NUL character`)
  return text
}

/** Handle of a model, or of none. */
async function invoke (kind, handle, { first = null, second = null, text = null, options = null, width = 0 }) {
  return await addon.call(kind, handle, first, second, text, json(options), width)
}

class Handle {
  constructor (key, handle) {
    if (key !== secret) throw new TypeError(`use ${new.target.name}.open`)
    this.handle = handle
    finalizers.register(this, handle, this)
  }

  /** What it is and how it runs. */
  get info () { return JSON.parse(addon.info(this.handle)) }

  /** Frees it; later calls are rejected. */
  close () {
    finalizers.unregister(this)
    addon.close(this.handle)
  }

  async _call (kind, values) { return await invoke(kind, this.handle, values) }
}

class Model extends Handle {
  static async open (model = null, options = null) {
    const source = BUILT_IN.has(model) ? null : model
    if (source !== null && typeof source !== 'string') throw new TypeError('model is a path, a name, or null for the built-in one')
    const opened = new this(secret, await invoke(OPEN, 0n, { text: source && named(source), options }))
    opened.dimensions = opened.info.dimensions
    return opened
  }

  async countTokens (texts, options = null) {
    return Array.from(await this._call(COUNT, { first: checked(texts), options }), Number)
  }

  async fingerprint () { return await this._call(FINGERPRINT, {}) }
}

class Embedder extends Model {
  async embed (texts, options = null) {
    const first = checked(texts)
    const width = options?.dimensions ?? this.dimensions
    if (!Number.isInteger(width) || width < 1 || width > this.dimensions) {
      throw new RangeError(`dimensions is ${width}; expected 1 to ${this.dimensions}`)
    }
    const { vectors, truncated } = await this._call(EMBED, { first, options, width })
    if (truncated && options?.truncation === undefined) {
      process.emitWarning(`${truncated} of ${first.length} texts have more tokens than the model takes and were cut`, 'TruncationWarning')
    }
    return first.map((_, index) => vectors.subarray(index * width, (index + 1) * width))
  }

  async query (text, options = null) { return (await this.embed([text], { role: 'query', ...options }))[0] }

  async document (text, options = null) { return (await this.embed([text], { role: 'document', ...options }))[0] }

  async sparse (texts, options = null) {
    const { offsets, ids, values } = await this._call(SPARSE, { first: checked(texts), options })
    return rows(offsets, (start, end) => ({ indices: Array.from(ids.subarray(start, end), Number), values: values.subarray(start, end) }))
  }

  async tokenVectors (texts, options = null) {
    const { offsets, values, width } = await this._call(MULTI, { first: checked(texts), options })
    return rows(offsets, (start, end) =>
      Array.from({ length: end - start }, (_, i) => values.subarray((start + i) * width, (start + i + 1) * width)))
  }

  async chunk (text, options = null) { return JSON.parse(await this._call(CHUNK, { first: checked([text]), options })) }
}

function rows (offsets, row) {
  return Array.from({ length: offsets.length - 1 }, (_, i) => row(Number(offsets[i]), Number(offsets[i + 1])))
}

class Reranker extends Model {
  async scores (query, documents, options = null) {
    return await this._call(RERANK, { first: checked(documents, 'document'), second: checked([query], 'query'), options, width: 1 })
  }

  async rerank (query, documents, { topN = Infinity, ...options } = {}) {
    const scores = await this.scores(query, documents, options)
    return Array.from(scores, (score, index) => ({ index, score })).sort((a, b) => b.score - a.score || a.index - b.index).slice(0, topN)
  }

  /** The scores of all labels for each pair of texts. */
  async predict (pairs, options = null) {
    const sides = [[], []]
    for (const [index, pair] of Array.from(pairs).entries()) {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw Object.assign(new TypeError(`pair ${index} is ${typeof pair}; expected an array of two strings`), { index })
      }
      sides[0].push(pair[0])
      sides[1].push(pair[1])
    }
    const width = Math.max(1, this.info.labels.length)
    const scores = await this._call(PREDICT, { first: checked(sides[0]), second: checked(sides[1]), options, width })
    return sides[0].map((_, index) => scores.subarray(index * width, (index + 1) * width))
  }
}

class Collection extends Handle {
  static async open (path, embedder, options = { create: true }) {
    if (!(embedder instanceof Embedder)) throw new TypeError('embedder is missing: pass an Embedder')
    const handle = await invoke(COLLECTION, embedder.handle, { text: named(path), options })
    return Object.assign(new this(secret, handle), { embedder })
  }

  async add (texts, ids, fields = null) {
    await this._call(ADD, { first: checked(texts), second: checked(ids, 'id'), text: fields && JSON.stringify(fields) })
  }

  async remove (ids) { return await this._call(REMOVE, { first: checked(ids, 'id') }) }

  async search (query, options = null) {
    const first = checked(typeof query === 'string' ? [query] : query, 'query')
    return JSON.parse(await this._call(SEARCH, { first, options }))
  }

  async query (text, threshold, options = null) {
    return JSON.parse(await this._call(QUERY, { first: checked([text]), options: { threshold, ...options } }))
  }
}

/** What is published of the models that are known by name. */
async function knownModels () { return JSON.parse(await invoke(KNOWN, 0n, {})) }

module.exports = { Embedder, Reranker, Collection, knownModels, version: addon.version }
