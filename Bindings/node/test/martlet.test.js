'use strict'
const assert = require('node:assert/strict')
const { cp, mkdtemp, readFile, rm, writeFile } = require('node:fs/promises')
const { tmpdir } = require('node:os')
const path = require('node:path')
const { test, after, before } = require('node:test')
const { Worker } = require('node:worker_threads')
const { Collection, Embedder, Reranker, knownModels, version } = require('..')

const fixtures = path.join(__dirname, '../../../Tests/Fixtures')
const texts = ['How do I cook pasta?', 'a spaghetti recipe', '', 'Füße, 日本語 and 🙂']
let embedder
let root
const folder = async (name) => path.join(await mkdtemp(path.join(root, 'test-')), name)
before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'martlet-'))
  embedder = await Embedder.open(null, { threads: 2 })
})
after(() => rm(root, { recursive: true, force: true }))

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

test('a vector is as wide as its pooling says', async () => {
  const joined = await folder('joined')
  await cp(path.join(fixtures, 'models/bert-mini'), joined, { recursive: true })
  const file = path.join(joined, '1_Pooling/config.json')
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file)), pooling_mode_cls_token: true }))
  const [both, mean] = await Promise.all([joined, path.join(fixtures, 'models/bert-mini')].map((model) => Embedder.open(model)))
  assert.equal(both.dimensions, 64)
  assert.equal((await both.embed(texts))[0].length, 64)
  assert.equal((await both.embed(texts, { pooling: 'native' }))[0].length, 64)
  assert.deepEqual(await both.embed(texts, { pooling: 'mean' }), await mean.embed(texts))
  assert.equal((await both.embed(texts, { pooling: 'mean', dimensions: 8 }))[3].length, 8)
  await assert.rejects(both.embed(texts, { pooling: 'mean', dimensions: 33 }), RangeError)
})

/** Runs code in a worker, which ends in its own time or by `terminate`, and gives the code that it exits with. */
async function inWorker (code, isEnded) {
  const head = `const { Embedder } = require(${JSON.stringify(path.join(__dirname, '..'))}), { parentPort } = require('node:worker_threads');`
  const worker = new Worker(`${head}(async () => { ${code} })()`, { eval: true })
  worker.once('message', () => { if (isEnded) worker.terminate() })
  return await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject))
}

test('a worker may end while its calls compute', async () => {
  // Each of the calls ends in another way: with vectors, with counts, with rows, and with an error.
  for (const call of ['embed(many)', 'countTokens(many)', 'tokenVectors(many)', "embed(many, { truncation: 'error' })"]) {
    for (let round = 0; round < 3; round++) {
      await inWorker(`
        const many = Array(200).fill('hello world '.repeat(${call.includes('error') ? 400 : 20}))
        const embedder = await Embedder.open(null, { threads: 1 })
        embedder.${call}.catch(() => {})
        Embedder.open()
        parentPort.postMessage('computing')`, true)
    }
  }
  assert.equal((await embedder.embed(['still here'])).length, 1)
})

test('a worker frees the models that it leaves open', async () => {
  // Packed for this call alone: each has memory of its own.
  const code = "const e = await Embedder.open(null, { threads: 1, precision: 'f32', weightCache: 'off' }); await e.embed(['x'])"
  for (let round = 0; round < 3; round++) await inWorker(code)
  const before = process.memoryUsage().rss
  for (let round = 0; round < 6; round++) await inWorker(code)
  const grown = (process.memoryUsage().rss - before) / 2 ** 20
  assert.ok(grown < 100, `${grown} MB more`)
})

test('calls before close end, later ones are rejected', async () => {
  const model = await Embedder.open()
  const notes = await Collection.open(await folder('notes'), model)
  const pending = [...Array.from({ length: 12 }, (_, i) => model.embed([`text ${i}`])), ...Array.from({ length: 8 }, (_, i) => notes.add([`text ${i}`], [`${i}`]))]
  model.close()
  notes.close()
  await assert.rejects(model.embed(['x']), { code: 'closed' })
  await assert.rejects(Collection.open(await folder('other'), model), { code: 'closed' })
  assert.deepEqual(new Set((await Promise.allSettled(pending)).map(({ status }) => status)), new Set(['fulfilled']))
})

test('options that cannot be used', async () => {
  for (const bad of [5, true, [], 'abc', new Map([['role', 'query']])]) {
    await assert.rejects(embedder.embed(['x'], bad), TypeError)
    await assert.rejects(embedder.query('x', bad), TypeError)
    await assert.rejects(Embedder.open(null, bad), TypeError)
  }
  for (const bad of [{ prompt: () => 'x' }, { role: Symbol('query') }, { normalize: new Map() }, { prompt: 10n }]) {
    await assert.rejects(embedder.embed(['x'], bad), TypeError)
  }
  for (const bad of [{ truncation: NaN }, { dimensions: NaN }, { dimensions: Infinity }, { promptName: 'a', prompt_name: 'b' }, { prompt: '\ud800' }]) {
    await assert.rejects(embedder.embed(['x'], bad), RangeError)
  }
  await assert.rejects(Embedder.open(null, { maxTokens: Number('abc') }), /maxTokens is NaN/)
  await assert.rejects(Embedder.open(null, { bm25: { k: NaN } }), /bm25\.k is NaN/)
  await assert.rejects(Embedder.open('minilm', { bm25: {} }), RangeError)
  await assert.rejects(embedder.query('x', { role: 'document' }), RangeError)
  const [vector] = await embedder.embed(['x'], { role: undefined, dimensions: null, truncation: undefined })
  assert.equal(vector.length, 384)
  assert.deepEqual(await embedder.query('x', { role: undefined }), vector)
})

test('fields that cannot be stored', async () => {
  const notes = await Collection.open(await folder('notes'), embedder)
  for (const [bad, Kind] of [[NaN, RangeError], [Infinity, RangeError], [undefined, TypeError], [() => 1, TypeError], [new Map(), TypeError],
    [new Date(0), TypeError], [10n, TypeError], ['\ud800', RangeError]]) {
    await assert.rejects(
      notes.add(['a', 'b'], ['1', '2'], [null, { price: bad }]),
      (error) => error instanceof Kind && error.index === 1 && error.message.includes('fields of text 1.price'))
    await assert.rejects(notes.query('new', 0.9, { fields: { price: bad } }), Kind)
  }
  for (const bad of ['abc', 0, { a: 1 }, [undefined], [new Map()]]) await assert.rejects(notes.add(['x'], ['s'], bad), TypeError)
  assert.equal(notes.info.records, 0)
  await assert.rejects(notes.query('x', NaN), /threshold is NaN/)
  await assert.rejects(notes.query('x'), /threshold is undefined/)
  await assert.rejects(notes.query('x', 0.9, { threshold: 0.1 }), /threshold/)
})

test('paths and names', async () => {
  for (const bad of [undefined, {}, 7, new URL('file:///tmp')]) await assert.rejects(Collection.open(bad, embedder), TypeError)
  const path = await folder('notizen')
  const notes = await Collection.open(path, embedder, { language: 'german' })
  assert.equal(notes.info.records, 0)
  await assert.rejects(Collection.open(await folder('none'), embedder, { create: false }), { code: 'not_found' })
  assert.equal((await Embedder.open('ALL-MiniLM-L6-V2')).info.name, embedder.info.name)
})

test('every call that counts cut texts tells of them', async () => {
  const long = 'word '.repeat(400)
  const reranker = await Reranker.open(path.join(fixtures, 'classifiers/bert-cross'))
  const sparse = await Embedder.open(path.join(fixtures, 'sparse/splade-bert'))
  const notes = await Collection.open(await folder('notes'), embedder)
  for (const call of [
    () => embedder.tokenVectors([long, 'x']), () => sparse.sparse([long, 'x']), () => reranker.scores('q', [long, 'x']),
    () => reranker.rerank('q', [long, 'x']), () => reranker.predict([['q', long], ['q', 'x']]), () => notes.add([long, 'x'], ['1', '2'])
  ]) {
    const warned = []
    const keep = (warning) => warned.push(warning.message)
    process.on('warning', keep)
    await call()
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', keep)
    assert.equal(warned.length, 1, String(call))
    assert.match(warned[0], /^1 of 2 texts/)
  }
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
  for (const all of [null, undefined, {}, { topN: null }, { topN: undefined }]) {
    assert.equal((await reranker.rerank('cook', ['pasta', 'rice'], all)).length, 2)
  }
  for (const bad of [-1, NaN, 'x', 1.5, true]) await assert.rejects(reranker.rerank('cook', ['pasta', 'rice'], { topN: bad }), RangeError)
})

test('chunks and collections', async () => {
  const chunks = await embedder.chunk('# Pasta\n\nBoil it.\n', { name: 'notes.md' })
  assert.deepEqual(chunks[0].headings, ['Pasta'])
  const notes = await Collection.open(await folder('notes'), embedder)
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
