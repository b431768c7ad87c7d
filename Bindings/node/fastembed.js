'use strict'
// fastembed-js's names over Martlet: const { EmbeddingModel, FlagEmbedding } = require('martlet/fastembed')
const fs = require('node:fs')
const path = require('node:path')
const { checked } = require('./check.js')
const { Embedder } = require('./index.js')

const EmbeddingModel = Object.freeze({
  AllMiniLML6V2: 'fast-all-MiniLM-L6-v2',
  BGEBaseEN: 'fast-bge-base-en',
  BGEBaseENV15: 'fast-bge-base-en-v1.5',
  BGESmallEN: 'fast-bge-small-en',
  BGESmallENV15: 'fast-bge-small-en-v1.5',
  BGESmallZH: 'fast-bge-small-zh-v1.5',
  MLE5Large: 'fast-multilingual-e5-large',
  CUSTOM: 'custom'
})
const ExecutionProvider = Object.freeze({ CPU: 'cpu', CUDA: 'cuda', WebGL: 'webgl', WASM: 'wasm', XNNPACK: 'xnnpack' })
// Of each model: its repository, dimensions, and what it is for.
const MODELS = {
  [EmbeddingModel.AllMiniLML6V2]: ['sentence-transformers/all-MiniLM-L6-v2', 384, 'English; inside the library'],
  [EmbeddingModel.BGEBaseEN]: ['BAAI/bge-base-en', 768, 'English'],
  [EmbeddingModel.BGEBaseENV15]: ['BAAI/bge-base-en-v1.5', 768, 'English'],
  [EmbeddingModel.BGESmallEN]: ['BAAI/bge-small-en', 384, 'English'],
  [EmbeddingModel.BGESmallENV15]: ['BAAI/bge-small-en-v1.5', 384, 'English'],
  [EmbeddingModel.BGESmallZH]: ['BAAI/bge-small-zh-v1.5', 512, 'Chinese'],
  [EmbeddingModel.MLE5Large]: ['intfloat/multilingual-e5-large', 1024, '100 languages']
}

class FlagEmbedding {
  #embedder
  constructor (embedder) { this.#embedder = embedder }

  /** Models come from `cacheDir`, where fastembed-js keeps them, or from the cache of Hugging Face's tools; nothing is fetched. */
  static async init ({
    model = EmbeddingModel.BGESmallENV15, executionProviders = [ExecutionProvider.CPU], maxLength, cacheDir = 'local_cache',
    modelAbsoluteDirPath, modelName, showDownloadProgress, ...unknown
  } = {}) {
    const others = Object.keys(unknown)
    if (others.length > 0) throw new RangeError(`${others.join(', ')}: not an option of FlagEmbedding.init`)
    if (executionProviders.some((provider) => provider !== ExecutionProvider.CPU)) {
      throw new RangeError('executionProviders: Martlet computes on the CPU; leave it out')
    }
    const isCustom = model === EmbeddingModel.CUSTOM
    if (!isCustom && !Object.hasOwn(MODELS, model)) throw new RangeError(`model is ${String(model)}; expected one of EmbeddingModel`)
    if (isCustom && !modelAbsoluteDirPath) throw new TypeError('modelAbsoluteDirPath is missing: a custom model is a folder')
    const kept = path.join(String(cacheDir), model)
    const isKept = model !== EmbeddingModel.AllMiniLML6V2 && fs.existsSync(kept)
    const source = isCustom ? String(modelAbsoluteDirPath) : isKept ? kept : MODELS[model][0]
    // fastembed-js takes the first token's vector of every model, and cuts texts at 512 tokens, the limit of all models of its list.
    const maxTokens = isCustom ? maxLength : Math.min(maxLength ?? 512, 512)
    return new FlagEmbedding(await Embedder.open(source, { pooling: 'cls', ...(maxTokens === undefined ? {} : { maxTokens }) }))
  }

  /** Batches of vectors. The size of a batch changes no number. */
  async * embed (texts, batchSize = 256) {
    if (!Number.isInteger(batchSize) || batchSize < 1) throw new RangeError(`batchSize is ${batchSize}; expected 1 or more`)
    const list = checked(texts)
    for (let start = 0; start < list.length; start += batchSize) {
      // As in fastembed-js, no prompt of the model is added.
      const vectors = await this.#embedder.embed(list.slice(start, start + batchSize), { prompt: '', normalize: true, truncation: 'end' })
      yield vectors.map((vector) => Array.from(vector))
    }
  }

  passageEmbed (texts, batchSize = 256) { return this.embed(checked(texts).map((text) => `passage: ${text}`), batchSize) }

  async queryEmbed (query) {
    for await (const [vector] of this.embed(checked([query], 'query').map((text) => `query: ${text}`))) return vector
  }

  listSupportedModels () { return Object.entries(MODELS).map(([model, [, dim, description]]) => ({ model, dim, description })) }
}

module.exports = { EmbeddingModel, ExecutionProvider, FlagEmbedding }
