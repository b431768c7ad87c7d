/** Options of a model; names of docs/C.md in camel case. In all options, undefined and null stand for the default. */
export interface ModelOptions {
  kind?: 'embedder' | 'sparse' | 'late_interaction' | 'reranker' | 'classifier'
  precision?: 'auto' | 'f32' | 'bf16' | 'int8' | 'int4'
  threads?: number
  pooling?: Pooling
  maxTokens?: number
  task?: string
  instructionSet?: string
  maxBatchTokens?: number
  weightCache?: string
  bm25?: { k?: number, b?: number, average_length?: number, language?: string, stems?: boolean, stop_words?: string[], max_word_length?: number }
  bm42?: { alpha?: number, stop_words?: string[] }
}

export type Pooling = 'native' | 'mean' | 'cls' | 'last' | 'max' | 'mean_sqrt_len' | 'weighted_mean'

export interface TextOptions {
  role?: 'query' | 'document'
  prompt?: string
  promptName?: string
  truncation?: 'native' | 'end' | 'start' | 'error'
}

export interface EmbedOptions extends TextOptions { pooling?: Pooling, dimensions?: number, normalize?: boolean }
/** Without what the call itself says. */
export type RoleOptions = Omit<EmbedOptions, 'role' | 'promptName'>
export interface SparseOptions extends TextOptions { maxActiveDimensions?: number }
export interface ScoreOptions { activation?: 'native' | 'sigmoid' | 'raw', truncation?: TextOptions['truncation'], instruction?: string }
export interface SparseVector { indices: number[], values: Float32Array }

export interface Chunk {
  index: number, start: number, end: number, overlap: number, line: number, headings: string[], text: string, tokens: number
}

export interface Hit {
  id: string, text: string, score: number, similarity: number | null, vector_rank: number | null, word_score: number | null,
  word_rank: number | null, terms: Record<string, number>, fields: Record<string, Field>
}

export type Field = string | number | boolean | string[]

declare class Handle {
  readonly info: Record<string, unknown>
  /** Calls in progress end first; later ones are rejected. */
  close (): void
}

declare class Model extends Handle {
  readonly dimensions: number
  /** Tokens of each text as the model reads it, before any cut. */
  countTokens (texts: Iterable<string>, options?: Pick<TextOptions, 'role' | 'prompt' | 'promptName'>): Promise<number[]>
  /** Equal for models whose vectors may be compared. */
  fingerprint (): Promise<string>
}

/** A folder, a GGUF file, a name in the cache of Hugging Face's tools, or null for the built-in all-MiniLM-L6-v2. */
export class Embedder extends Model {
  static open (model?: string | null, options?: ModelOptions): Promise<Embedder>
  embed (texts: Iterable<string>, options?: EmbedOptions): Promise<Float32Array[]>
  query (text: string, options?: RoleOptions): Promise<Float32Array>
  document (text: string, options?: RoleOptions): Promise<Float32Array>
  sparse (texts: Iterable<string>, options?: SparseOptions): Promise<SparseVector[]>
  tokenVectors (texts: Iterable<string>, options?: TextOptions): Promise<Float32Array[][]>
  chunk (text: string, options?: {
    chunker?: string, maxTokens?: number, overlap?: number, name?: string, role?: TextOptions['role'], promptName?: string, prompt?: string
  }): Promise<Chunk[]>
}

export class Reranker extends Model {
  static open (model?: string | null, options?: ModelOptions): Promise<Reranker>
  scores (query: string, documents: Iterable<string>, options?: ScoreOptions): Promise<Float32Array>
  rerank (query: string, documents: Iterable<string>, options?: ScoreOptions & { topN?: number | null }): Promise<{ index: number, score: number }[]>
  predict (pairs: Iterable<[string, string]>, options?: ScoreOptions): Promise<Float32Array[]>
}

export class Collection extends Handle {
  static open (
    path: string, embedder: Embedder, options?: { create?: boolean, similarity?: 'cosine' | 'dot', store?: 'f32' | 'f16' | 'int8', language?: string }
  ): Promise<Collection>
  add (texts: Iterable<string>, ids: Iterable<string>, fields?: (Record<string, Field> | null)[]): Promise<void>
  remove (ids: Iterable<string>): Promise<number>
  search (query: string | string[], options?: {
    count?: number, mode?: 'hybrid' | 'vectors' | 'words', fusion?: 'scores' | 'ranks', filter?: string, exact?: boolean, candidates?: number,
    group?: string, diversity?: number
  }): Promise<Hit[]>
  query (text: string, threshold: number, options?: { id?: string, fields?: Record<string, Field>, count?: number }):
    Promise<{ hits: Hit[], added: string | null }>
}

export interface KnownModel {
  name: string, repository: string, aliases: string[], kind: 'dense' | 'static' | 'sparse' | 'multi' | 'reranker', family: string,
  dimensions: number | null, max_tokens: number, query_prompt: string | null, document_prompt: string | null, millions: number, license: string
}

export function knownModels (): Promise<KnownModel[]>
export const version: string
