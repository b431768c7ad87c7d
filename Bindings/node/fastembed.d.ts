export enum EmbeddingModel {
  AllMiniLML6V2 = 'fast-all-MiniLM-L6-v2',
  BGEBaseEN = 'fast-bge-base-en',
  BGEBaseENV15 = 'fast-bge-base-en-v1.5',
  BGESmallEN = 'fast-bge-small-en',
  BGESmallENV15 = 'fast-bge-small-en-v1.5',
  BGESmallZH = 'fast-bge-small-zh-v1.5',
  MLE5Large = 'fast-multilingual-e5-large',
  CUSTOM = 'custom'
}

export enum ExecutionProvider { CPU = 'cpu', CUDA = 'cuda', WebGL = 'webgl', WASM = 'wasm', XNNPACK = 'xnnpack' }

export interface InitOptions {
  model?: EmbeddingModel
  executionProviders?: ExecutionProvider[]
  maxLength?: number
  cacheDir?: string
  showDownloadProgress?: boolean
  modelAbsoluteDirPath?: string
  modelName?: string
}

export class FlagEmbedding {
  private constructor ()
  static init (options?: InitOptions): Promise<FlagEmbedding>
  embed (texts: Iterable<string>, batchSize?: number): AsyncGenerator<number[][], void, unknown>
  passageEmbed (texts: Iterable<string>, batchSize?: number): AsyncGenerator<number[][], void, unknown>
  queryEmbed (query: string): Promise<number[]>
  listSupportedModels (): { model: EmbeddingModel, dim: number, description: string }[]
}
