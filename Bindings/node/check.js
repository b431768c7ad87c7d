'use strict'
// What the calls of index.js and fastembed.js are given, as the library takes it.

/** What is wrong with a value, by the text or record at fault. */
function wrong (Kind, message, index) { return Object.assign(new Kind(message), index === undefined ? {} : { index }) }

/** What a value is, for a message. */
function kind (value) {
  if (value == null) return String(value)
  return typeof value === 'object' ? `of class ${value.constructor?.name ?? 'null'}` : `a ${typeof value}`
}

/** What can be iterated, and is not a string, as an array. */
function listed (values, name, expected) {
  if (typeof values === 'string' || typeof values?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`${name === 'query' ? 'queries' : name + 's'} are ${kind(values)}; pass an array of ${expected}`)
  }
  return Array.isArray(values) ? values : Array.from(values)
}

/** Texts as an array. */
function checked (texts, name = 'text') {
  const list = listed(texts, name, 'strings')
  for (let index = 0; index < list.length; index++) {
    const text = list[index]
    if (typeof text !== 'string') throw wrong(TypeError, `${name} ${index} is ${kind(text)}; expected a string`, index)
    if (!text.isWellFormed()) throw wrong(RangeError, `${name} ${index} has a lone surrogate; it is not Unicode text`, index)
  }
  return list
}

/** A path or a name for the library, which reads up to a NUL. */
function named (path, name) {
  if (typeof path !== 'string') throw new TypeError(`${name} is ${kind(path)}; expected a string`)
  if (!path.isWellFormed()) throw new RangeError(`${name} has a lone surrogate; it is not Unicode text`)
  if (path.includes('\0')) throw new RangeError(`${JSON.stringify(path)} has a NUL character`)
  return path
}

/** Made by braces, also in another realm. */
function isPlain (value) {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** A value that JSON can hold. JSON.stringify would write NaN as null and leave out a function. */
function plain (value, name, index) {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw wrong(RangeError, `${name} has a lone surrogate; it is not Unicode text`, index)
    return value
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw wrong(RangeError, `${name} is ${value}; expected a finite number`, index)
    return value
  }
  if (Array.isArray(value)) return Array.from(value, (item, place) => plain(item, `${name}[${place}]`, index))
  if (!isPlain(value)) {
    throw wrong(TypeError, `${name} is ${kind(value)}; expected a string, a number, a boolean, an array or a plain object`, index)
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, `${name}.${key}`, index)]))
}

/** Options as an object of their own, without those that are undefined or null, which stand for the default. */
function options (given) {
  if (given == null) return {}
  if (!isPlain(given)) throw new TypeError(`options are ${kind(given)}; expected an object`)
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value != null))
}

/** Options as the library reads them: maxTokens becomes max_tokens. */
function json (given) {
  const found = {}
  for (const [name, value] of Object.entries(options(given))) {
    const known = name.replace(/[A-Z]/g, (letter) => '_' + letter.toLowerCase())
    if (Object.hasOwn(found, known)) throw new RangeError(`option ${known} comes twice`)
    found[known] = plain(value, `option ${name}`)
  }
  return JSON.stringify(found)
}

/** Fields of records as JSON, or null for none. */
function records (fields) {
  if (fields == null) return null
  if (!Array.isArray(fields)) throw new TypeError(`fields are ${kind(fields)}; expected an array with an object or null for each text`)
  return JSON.stringify(Array.from(fields, (row, index) => plain(row, `fields of text ${index}`, index)))
}

module.exports = { checked, json, listed, named, options, records, wrong }
