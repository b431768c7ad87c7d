'use strict'
const assert = require('node:assert/strict')
const { mkdtemp } = require('node:fs/promises')
const { tmpdir } = require('node:os')
const path = require('node:path')
const { test, before } = require('node:test')
const { Collection, Embedder, Reranker, knownModels, version } = require('..')

const fixtures = path.join(__dirname, '../../../Tests/Fixtures')
const texts = ['How do I cook pasta?', 'a spaghetti recipe', '', 'Füße, 日本語 and 🙂']
let embedder
before(async () => { embedder = await Embedder.open(null, { threads: 2 }) })

test('vectors have the same bits alone and in a batch', async () => {
  const vectors = await embedder.embed(texts)
  assert.equal(vectors.length, 4)
  assert.equal(vectors[0].length, 384)
  for (const [index, text] of texts.entries()) assert.deepEqual((await embedder.embed([text]))[0], vectors[index])
  assert.deepEqual(await embedder.query(texts[0]), vectors[0])
  assert.deepEqual(await embedder.embed([]), [])
  assert.deepEqual(await embedder.embed(new Set(texts)), vectors)
  assert.match(version, /^\d+\.\d+/)
})

test('calls at the same time on one model', async () => {
  const [expected] = await embedder.embed(['the same'])
  for (const [vector] of await Promise.all(Array.from({ length: 20 }, () => embedder.embed(['the same'])))) assert.deepEqual(vector, expected)
})

test('the event loop goes on while a model computes', async () => {
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  await embedder.embed(Array(1000).fill('a rather long text about cooking pasta and rice'))
  clearInterval(timer)
  assert.ok(ticks > 2, `${ticks} ticks`)
})

test('what is not text is named by its index', async () => {
  for (const bad of [null, undefined, 7, Buffer.from('x')]) {
    await assert.rejects(embedder.embed(['ok', bad]), (error) => error instanceof TypeError && error.index === 1)
  }
  await assert.rejects(embedder.embed(['ok', 'lone \ud800']), (error) => error instanceof RangeError && error.index === 1)
  await assert.rejects(embedder.embed(['ok', NaN]), (error) => error instanceof TypeError && error.index === 1)
  for (const bad of ['a text', null, undefined, 7, Buffer.from('x').buffer]) await assert.rejects(embedder.embed(bad), TypeError)
  await assert.rejects(embedder.embed(['x'], { dimensions: 385 }), RangeError)
  await assert.rejects(embedder.embed(['x'], { colour: 'red' }), /there is no option \\?"colour/)
  await assert.rejects(embedder.embed(['short', 'word '.repeat(400)], { truncation: 'error' }), { code: 'input_too_long', index: 1 })
  await assert.rejects(Embedder.open('/nowhere'), { code: 'missing_file' })
  await assert.rejects(Embedder.open('a\0b'), /NUL/)
  await assert.rejects(Embedder.open(7), TypeError)
})

test('a text of a million characters is cut with one warning', async () => {
  const warned = new Promise((resolve) => process.once('warning', resolve))
  const [vector] = await embedder.embed(['word '.repeat(200000)])
  assert.equal(vector.length, 384)
  assert.match((await warned).message, /1 of 1 texts/)
})

test('tokens, fingerprints and known models', async () => {
  assert.deepEqual(await embedder.countTokens(['How do I cook pasta?', '', 'word '.repeat(300)]), [8, 2, 302])
  assert.deepEqual(await embedder.countTokens([]), [])
  assert.equal(await embedder.fingerprint(), await (await Embedder.open(null, { precision: 'f32' })).fingerprint())
  assert.equal((await knownModels()).find((model) => model.repository === 'BAAI/bge-small-en-v1.5').dimensions, 384)
})

test('a closed model is rejected', async () => {
  const model = await Embedder.open()
  model.close()
  model.close()
  await assert.rejects(model.embed(['x']), { code: 'closed' })
  assert.throws(() => model.info, { code: 'closed' })
  await assert.rejects(model.countTokens(['x']), { code: 'closed' })
})

test('sparse and token vectors', async () => {
  const bm25 = await Embedder.open(null, { bm25: {} })
  const [sparse, blank] = await bm25.sparse(['how to cook pasta', ''])
  assert.equal(sparse.indices.length, 2)
  assert.equal(blank.values.length, 0)
  const late = await Embedder.open(path.join(fixtures, 'multi/pylate'))
  const [vectors] = await late.tokenVectors(['cook pasta'], { role: 'query' })
  assert.equal(vectors[0].length, late.dimensions)
})

test('rerankers', async () => {
  const reranker = await Reranker.open(path.join(fixtures, 'classifiers/bert-cross'))
  const scores = await reranker.scores('cook', ['pasta', 'rice'])
  const [best] = await reranker.rerank('cook', ['pasta', 'rice'], { topN: 1 })
  assert.equal(best.score, Math.max(...scores))
  assert.deepEqual((await reranker.predict([['cook', 'pasta'], ['cook', 'rice']])).map(([score]) => score), Array.from(scores))
  assert.deepEqual(await reranker.predict([]), [])
  for (const bad of ['ab', ['a'], null]) {
    await assert.rejects(reranker.predict([['a', 'b'], bad]), (error) => error instanceof TypeError && error.index === 1)
  }
  await assert.rejects(reranker.scores('cook', ['ok', null]), (error) => error instanceof TypeError && error.index === 1)
  await assert.rejects(reranker.scores(null, ['ok']), TypeError)
})

test('chunks and collections', async () => {
  const chunks = await embedder.chunk('# Pasta\n\nBoil it.\n', { name: 'notes.md' })
  assert.deepEqual(chunks[0].headings, ['Pasta'])
  const notes = await Collection.open(path.join(await mkdtemp(path.join(tmpdir(), 'martlet-')), 'notes'), embedder)
  await notes.add(['boil the pasta', 'the market fell'], ['a', 'b'], [{ year: 2024 }, null])
  assert.deepEqual((await notes.search('noodles', { count: 1, filter: 'year = 2024' })).map((hit) => hit.id), ['a'])
  const { hits, added } = await notes.query('a new idea', 0.9)
  assert.deepEqual(hits, [])
  assert.equal((await notes.query('a new idea', 0.9)).hits[0].id, added)
  assert.equal(await notes.remove(['a', 'none']), 1)
  assert.equal(notes.info.records, 2)
  await assert.rejects(notes.add(['ok', null], ['1', '2']), (error) => error instanceof TypeError && error.index === 1)
  await assert.rejects(notes.add(['ok'], [7]), (error) => error instanceof TypeError && error.index === 0)
  await assert.rejects(notes.add(['a', 'b'], ['1']), RangeError)
  await assert.rejects(notes.query('x', NaN), RangeError)
  await assert.rejects(Collection.open('notes', null), TypeError)
  notes.close()
  await assert.rejects(notes.search('x'), { code: 'closed' })
})
