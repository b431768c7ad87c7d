'use strict'
const { inspect } = require('node:util')
const addon = require('./build/martlet.node')
const { checked, json, listed, named, options: given, records, wrong } = require('./check.js')

// In the order of addon.c.
const [OPEN, EMBED, SPARSE, MULTI, RERANK, CHUNK, COLLECTION, ADD, REMOVE, SEARCH, QUERY, COUNT, PREDICT, FINGERPRINT, KNOWN] =
  Array(15).keys()
const BUILT_IN = new Set(['all-minilm-l6-v2', 'sentence-transformers/all-minilm-l6-v2', 'all-minilm', 'minilm'])
const secret = Symbol('martlet')
const finalizers = new FinalizationRegistry((handle) => addon.close(handle))

/** Handle of a model, or of none. */
async function invoke (kind, handle, { first = null, second = null, text = null, options = null, width = 0 }) {
  return await addon.call(kind, handle, first, second, text, json(options), width)
}

class Handle {
  #handle
  #isClosed = false
  constructor (key, handle) {
    if (key !== secret) throw new TypeError(`use ${new.target.name}.open`)
    this.#handle = handle
    finalizers.register(this, handle, this)
  }

  /** The number that the library knows it by. */
  get handle () {
    if (this.#isClosed) throw Object.assign(new RangeError(`the ${this.constructor.name} is closed`), { code: 'closed' })
    return this.#handle
  }

  /** What it is and how it runs. */
  get info () { return JSON.parse(addon.info(this.handle)) }

  /** Frees it when the calls in progress have ended; later calls are rejected. */
  close () {
    if (this.#isClosed) return
    this.#isClosed = true
    finalizers.unregister(this)
    addon.close(this.#handle)
  }

  async _call (kind, values) { return await invoke(kind, this.handle, values) }

  /** A call over `values.first`, with one warning for the texts that are cut, unless the caller says how to cut. */
  async _counted (kind, values) {
    const found = await this._call(kind, values)
    if (found.truncated && given(values.options).truncation === undefined) {
      process.emitWarning(
        `${found.truncated} of ${values.first.length} texts have more tokens than the model takes and were cut`, 'TruncationWarning')
    }
    return found
  }
}

class Model extends Handle {
  static async open (model = null, options = null) {
    let source = model === null ? null : named(model, 'model')
    if (BUILT_IN.has(source?.toLowerCase())) {
      if (given(options).bm25) throw new RangeError(`bm25 reads no model; leave out ${JSON.stringify(model)}`)
      source = null
    }
    const opened = new this(secret, await invoke(OPEN, 0n, { text: source, options }))
    const { dimensions, most_dimensions: most, pooling, labels } = opened.info
    Object.assign(opened, { dimensions })
    // Several poolings are joined; another choice gives one.
    const kept = { _most: most, _poolings: Math.max(1, pooling.length), _labels: Math.max(1, labels.length) }
    for (const [name, value] of Object.entries(kept)) Object.defineProperty(opened, name, { value })
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
    const { dimensions, pooling = 'native' } = given(options)
    const most = pooling === 'native' ? this._most : Math.floor(this._most / this._poolings)
    // The model's files may ask for fewer than it has.
    const width = dimensions ?? Math.min(this.dimensions, most)
    if (!Number.isInteger(width) || width < 1 || width > most) throw new RangeError(`dimensions is ${inspect(width)}; expected 1 to ${most}`)
    const { values } = await this._counted(EMBED, { first, options, width })
    return split(values, width, first.length)
  }

  async query (text, options = null) { return await this._one(text, 'query', options) }

  async document (text, options = null) { return await this._one(text, 'document', options) }

  async _one (text, role, options) {
    const { role: other, ...rest } = given(options)
    if (other !== undefined) throw new RangeError(`role is ${inspect(other)}, and the call is for the role ${role}; leave it out, or use embed`)
    return (await this.embed([text], { ...rest, role }))[0]
  }

  async sparse (texts, options = null) {
    const { offsets, ids, values } = await this._counted(SPARSE, { first: checked(texts), options })
    return rows(offsets, (start, end) => ({ indices: Array.from(ids.subarray(start, end), Number), values: values.subarray(start, end) }))
  }

  async tokenVectors (texts, options = null) {
    const { offsets, values, width } = await this._counted(MULTI, { first: checked(texts), options })
    return rows(offsets, (start, end) => split(values.subarray(start * width, end * width), width, end - start))
  }

  async chunk (text, options = null) { return JSON.parse(await this._call(CHUNK, { first: checked([text]), options })) }
}

/** Rows of the same width. */
function split (values, width, count) {
  return Array.from({ length: count }, (_, index) => values.subarray(index * width, (index + 1) * width))
}

/** Rows of different lengths. */
function rows (offsets, row) {
  return Array.from({ length: offsets.length - 1 }, (_, i) => row(Number(offsets[i]), Number(offsets[i + 1])))
}

class Reranker extends Model {
  async scores (query, documents, options = null) {
    const second = checked([query], 'query')
    return (await this._counted(RERANK, { first: checked(documents, 'document'), second, options, width: 1 })).values
  }

  async rerank (query, documents, options = null) {
    const { topN = Infinity, ...rest } = given(options)
    if (topN !== Infinity && !(Number.isInteger(topN) && topN >= 0)) throw new RangeError(`topN is ${inspect(topN)}; expected an integer from 0 on`)
    const scores = await this.scores(query, documents, rest)
    return Array.from(scores, (score, index) => ({ index, score })).sort((a, b) => b.score - a.score || a.index - b.index).slice(0, topN)
  }

  /** The scores of all labels for each pair of texts. */
  async predict (pairs, options = null) {
    const sides = [[], []]
    for (const [index, pair] of listed(pairs, 'pair', 'arrays of two strings').entries()) {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw wrong(TypeError, `pair ${index} is ${inspect(pair)}; expected an array of two strings`, index)
      }
      sides[0].push(pair[0])
      sides[1].push(pair[1])
    }
    const [first, second] = sides.map((side) => checked(side))
    const { values } = await this._counted(PREDICT, { first, second, options, width: this._labels })
    return split(values, this._labels, first.length)
  }
}

class Collection extends Handle {
  static async open (path, embedder, options = null) {
    if (!(embedder instanceof Embedder)) throw new TypeError('embedder is missing: pass an Embedder')
    const handle = await invoke(COLLECTION, embedder.handle, { text: named(path, 'path'), options: { create: true, ...given(options) } })
    return Object.assign(new this(secret, handle), { embedder })
  }

  async add (texts, ids, fields = null) {
    await this._counted(ADD, { first: checked(texts), second: checked(ids, 'id'), text: records(fields) })
  }

  async remove (ids) { return await this._call(REMOVE, { first: checked(ids, 'id') }) }

  async search (query, options = null) {
    const first = checked(typeof query === 'string' ? [query] : query, 'query')
    return JSON.parse(await this._call(SEARCH, { first, options }))
  }

  async query (text, threshold, options = null) {
    if (!Number.isFinite(threshold)) throw new RangeError(`threshold is ${inspect(threshold)}; expected a number, the least similarity of a hit`)
    const others = given(options)
    if (others.threshold !== undefined) throw new RangeError('threshold is an argument of its own; leave it out of the options')
    return JSON.parse(await this._call(QUERY, { first: checked([text]), options: { ...others, threshold } }))
  }
}

/** What is published of the models that are known by name. */
async function knownModels () { return JSON.parse(await invoke(KNOWN, 0n, {})) }

module.exports = { Embedder, Reranker, Collection, knownModels, version: addon.version }
