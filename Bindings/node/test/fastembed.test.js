'use strict'
const assert = require('node:assert/strict')
const { test } = require('node:test')
const { Embedder } = require('..')
const { EmbeddingModel, ExecutionProvider, FlagEmbedding } = require('../fastembed.js')

const texts = ['This is a test', 'Some text', 'Some more test']

test('batches of vectors of the first token', async () => {
  const model = await FlagEmbedding.init({ model: EmbeddingModel.AllMiniLML6V2 })
  const sizes = []
  const found = []
  for await (const batch of model.embed(texts, 2)) {
    sizes.push(batch.length)
    found.push(...batch)
  }
  assert.deepEqual(sizes, [2, 1])
  assert.ok(Array.isArray(found[0]))
  const expected = await (await Embedder.open(null, { pooling: 'cls' })).embed(texts)
  assert.deepEqual(found, expected.map((vector) => Array.from(vector)))
})

// The first dimensions of "hello world" by fastembed-js, from its own test. The weights of the built-in model are stored in 8 bits.
test('the numbers of fastembed-js', async () => {
  const model = await FlagEmbedding.init({ model: EmbeddingModel.AllMiniLML6V2 })
  const [vector] = (await model.embed(['hello world']).next()).value
  const expected = [0.02591, 0.00573, 0.01147, 0.03796, -0.0232, -0.0549, 0.01404, -0.0107, -0.0244, -0.01822]
  for (const [index, value] of expected.entries()) assert.ok(Math.abs(vector[index] - value) < 0.006, `${index}: ${vector[index]}, ${value}`)
  assert.ok(Math.abs(vector.reduce((sum, value) => sum + value * value, 0) - 1) < 1e-5)
})

test('prompts of queries and passages', async () => {
  const model = await FlagEmbedding.init({ model: EmbeddingModel.AllMiniLML6V2 })
  const [expected] = (await model.embed(['query: pasta']).next()).value
  assert.deepEqual(await model.queryEmbed('pasta'), expected)
  const [passage] = (await model.embed(['passage: pasta']).next()).value
  assert.deepEqual((await model.passageEmbed(['pasta'], 8).next()).value, [passage])
})

test('texts are cut at the smaller limit', async () => {
  const model = await FlagEmbedding.init({ model: EmbeddingModel.AllMiniLML6V2, maxLength: 4 })
  const [[cut], [whole]] = [(await model.embed(['cook the pasta']).next()).value, (await model.embed(['cook the']).next()).value]
  assert.deepEqual(cut, whole)
})

test('texts are any sequence of strings, and nothing else', async () => {
  const model = await FlagEmbedding.init({ model: EmbeddingModel.AllMiniLML6V2 })
  const [expected] = (await model.embed(['pasta']).next()).value
  for (const given of [new Set(['pasta']), (function * () { yield 'pasta' })()]) assert.deepEqual((await model.embed(given).next()).value, [expected])
  assert.deepEqual((await model.passageEmbed(new Set(['pasta'])).next()).value, (await model.embed(['passage: pasta']).next()).value)
  for (const bad of [null, undefined, 'abc', 7, [null], [undefined]]) {
    await assert.rejects(model.embed(bad).next(), TypeError)
    await assert.rejects(async () => { await model.passageEmbed(bad).next() }, TypeError)
  }
  for (const bad of [undefined, null, {}]) await assert.rejects(model.queryEmbed(bad), TypeError)
  await assert.rejects(FlagEmbedding.init({ model: 'toString' }), RangeError)
  await assert.rejects(FlagEmbedding.init({ model: EmbeddingModel.AllMiniLML6V2, maxLength: NaN }), RangeError)
})

test('models and errors', async () => {
  const model = await FlagEmbedding.init({ model: EmbeddingModel.AllMiniLML6V2 })
  assert.equal(model.listSupportedModels().find((row) => row.model === EmbeddingModel.AllMiniLML6V2).dim, 384)
  await assert.rejects(FlagEmbedding.init({ model: 'fast-nothing' }), RangeError)
  await assert.rejects(FlagEmbedding.init({ model: EmbeddingModel.CUSTOM }), TypeError)
  await assert.rejects(FlagEmbedding.init({ executionProviders: [ExecutionProvider.CUDA] }), /CPU/)
  await assert.rejects(FlagEmbedding.init({ colour: 'red' }), /colour/)
  await assert.rejects(model.embed(texts, 0).next(), RangeError)
})
