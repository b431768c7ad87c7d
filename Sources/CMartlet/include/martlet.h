/* Martlet: text embeddings, reranking and search on the machine you have.
 *
 * A call returns MARTLET_OK or the kind of its failure. Where `error` is not NULL, a failure stores a martlet_error there, which
 * the caller frees; success stores NULL.
 *
 * Texts are UTF-8 in one block with 64-bit offsets: the layout of Arrow's `large_string`. Options are a JSON object, or NULL for
 * none; an option that a call does not know is an error that names it.
 *
 * All functions may be called from any thread, also on one handle at the same time. A handle that was closed, or never opened,
 * is an error. A text's numbers have the same bits alone, in any batch and on any number of threads. After fork() a child may use
 * the handles of its parent, except for a collection that the parent writes to.
 *
 * docs/C.md has examples and every option. */
#ifndef MARTLET_H
#define MARTLET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when a function or structure of this header changes in a way that older programs do not survive. New functions, options
 * and members of JSON do not change it. */
#define MARTLET_ABI_VERSION 1

/* The version of the library's interface: compare it with MARTLET_ABI_VERSION. */
int32_t martlet_abi_version(void);

/* The version of the library, such as "0.1.0". Not to be freed. */
const char *martlet_version(void);

/* ---- Failures ------------------------------------------------------------------------------------------------------------- */

enum {
    MARTLET_OK = 0,
    MARTLET_INVALID_ARGUMENT = 1, /* a pointer, an offset, a size or a handle of this call is wrong */
    MARTLET_INVALID_OPTION = 2,   /* an option has a value, or a name, that is not allowed */
    MARTLET_INVALID_INPUT = 3,    /* a text, a record or a filter cannot be used */
    MARTLET_INVALID_MODEL = 4,    /* the model's files are malformed or use what is not supported */
    MARTLET_NOT_FOUND = 5,        /* no model or collection is there */
    MARTLET_MISMATCH = 6,         /* vectors of different models or widths */
    MARTLET_IO = 7,               /* the system refused to read or write a file, or a file is damaged */
    MARTLET_BUSY = 8,             /* another writer has the collection */
    MARTLET_CANCELLED = 9         /* the progress callback asked to stop */
};

/* What went wrong. Free it with martlet_error_free. */
typedef struct martlet_error {
    int32_t status;      /* what the call returned */
    const char *code;    /* for programs, such as "input_too_long" */
    const char *message; /* one sentence for people: expected, found, what to do */
    const char *remedy;  /* a JSON object, such as {"option":"max_tokens","value":512}; NULL: none is known */
    const char *file;    /* the file at fault; NULL: none */
    int64_t index;       /* the text, offset or record at fault, from 0; -1: none */
} martlet_error;

void martlet_error_free(martlet_error *error);

/* Frees a text that a function of this header stored. NULL is allowed. */
void martlet_string_free(char *string);

/* ---- Input, progress, usage ----------------------------------------------------------------------------------------------- */

/* Text i is bytes[offsets[i]] up to bytes[offsets[i + 1]]. There are count + 1 offsets, which never decrease and are at most
 * `size`; the first may be larger than 0. `bytes` may be NULL if `size` is 0. */
typedef struct martlet_texts {
    const uint8_t *bytes;
    size_t size; /* bytes of the block */
    const int64_t *offsets;
    size_t count; /* texts */
} martlet_texts;

/* `report` is called as work goes on: texts done of all, or steps of loading. Another value than 0 stops the call, which then
 * returns MARTLET_CANCELLED. It is called on the calling thread, and while a model loads also on others, one call at a time. */
typedef struct martlet_progress {
    int32_t (*report)(void *context, int64_t done, int64_t total);
    void *context;
} martlet_progress;

/* What a call took. Set `truncated_texts` to NULL, or to one byte for each text. */
typedef struct martlet_usage {
    int64_t tokens;           /* through the model: special tokens and prompts counted, what was cut off not */
    int64_t truncated;        /* texts that were cut because they have more tokens than the model takes */
    int64_t blank;            /* texts that are empty or only white space */
    uint8_t *truncated_texts; /* out: 1 for each text that was cut, else 0 */
} martlet_usage;

/* A model or a collection; 0 is none. */
typedef uint64_t martlet_handle;

/* ---- Models --------------------------------------------------------------------------------------------------------------- */

/* Loads a model: a folder as sentence-transformers and transformers save it, a GGUF file, or a name such as "org/name", which is
 * looked up in the cache of Hugging Face's tools. Nothing is fetched. NULL is the built-in model, all-MiniLM-L6-v2.
 *
 * Options: kind, precision, threads, instruction_set, max_batch_tokens, pooling, max_tokens, task, weight_cache, bm25, bm42. */
int32_t martlet_open(
    const char *source, const char *options, const martlet_progress *progress, martlet_handle *model, martlet_error **error);

/* What a model or collection is, as a JSON object. Free it with martlet_string_free. */
int32_t martlet_info(martlet_handle handle, char **json, martlet_error **error);

/* "sha256:…", equal for models and collections whose vectors may be compared: store it with the vectors. The first call may read all of
 * the model's files. Free it with martlet_string_free. */
int32_t martlet_fingerprint(martlet_handle handle, char **text, martlet_error **error);

/* The models that are known by name, as a JSON array of objects: name, repository, aliases, kind ("dense", "static", "sparse", "multi",
 * "reranker"), family, dimensions, max_tokens, query_prompt, document_prompt, millions (of weights), license. Free it with
 * martlet_string_free. */
int32_t martlet_known_models(char **json, martlet_error **error);

/* Closes a model or collection. Calls on other threads that use it end first; its memory goes with the last of them. */
int32_t martlet_close(martlet_handle handle, martlet_error **error);

/* ---- Embedding ------------------------------------------------------------------------------------------------------------ */

/* One vector for each text, row-major, into `vectors`, which has room for `capacity` numbers: count × dimensions, where dimensions
 * is that of martlet_info unless an option cuts it. `progress` and `usage` may be NULL, here and below. After a failure the
 * contents of `vectors` are not defined.
 *
 * Options: role ("query", "document"), prompt_name, prompt, pooling, dimensions, normalize, truncation. */
int32_t martlet_embed(
    martlet_handle model, const martlet_texts *texts, const char *options, const martlet_progress *progress, float *vectors,
    size_t capacity, martlet_usage *usage, martlet_error **error);

/* Rows of different lengths: row i has the entries offsets[i] up to offsets[i + 1], each of which has an id and `width` values. */
typedef struct martlet_rows {
    size_t count;
    size_t width;
    const int64_t *offsets; /* count + 1 */
    const int64_t *ids;     /* offsets[count] */
    const float *values;    /* offsets[count] × width, row-major */
} martlet_rows;

void martlet_rows_free(martlet_rows *rows);

/* A sparse vector for each text: an id is a dimension, ascending within a row, and `width` is 1.
 * Options: role, prompt_name, prompt, max_active_dimensions, truncation. */
int32_t martlet_embed_sparse(
    martlet_handle model, const martlet_texts *texts, const char *options, const martlet_progress *progress, martlet_rows **rows,
    martlet_usage *usage, martlet_error **error);

/* A vector for each token of each text: an id is a token's, and `width` is the number of dimensions. A model that makes one vector of a
 * text gives the vectors that it pools, special tokens included, and `width` is its hidden_size.
 * Options: role, prompt_name, prompt, truncation. */
int32_t martlet_embed_multi(
    martlet_handle model, const martlet_texts *texts, const char *options, const martlet_progress *progress, martlet_rows **rows,
    martlet_usage *usage, martlet_error **error);

/* Tokens of each text as the model reads it, prompt and special tokens included, before any cut, into `counts`.
 * Markers and fillers of late interaction are not counted. Options: role, prompt_name, prompt. */
int32_t martlet_count_tokens(
    martlet_handle model, const martlet_texts *texts, const char *options, int64_t *counts, size_t capacity,
    martlet_error **error);

/* ---- Scores --------------------------------------------------------------------------------------------------------------- */

/* How well each document answers the query, in the order of the documents; `query` holds one text.
 * A reranker scores a pair; a model with a vector for each token scores by MaxSim; one with a vector for each text by its similarity.
 * Options: activation ("native", "sigmoid", "raw"), truncation, instruction; those of a reranker alone. */
int32_t martlet_rerank(
    martlet_handle model, const martlet_texts *query, const martlet_texts *documents, const char *options,
    const martlet_progress *progress, float *scores, size_t capacity, martlet_usage *usage, martlet_error **error);

/* For each text, or for each pair of texts where `seconds` is not NULL, the scores of all labels that martlet_info lists:
 * count × labels numbers, row-major. Options as martlet_rerank. */
int32_t martlet_predict(
    martlet_handle model, const martlet_texts *firsts, const martlet_texts *seconds, const char *options,
    const martlet_progress *progress, float *scores, size_t capacity, martlet_usage *usage, martlet_error **error);

/* The similarity of each row of `a` to each row of `b`: rows_a × rows_b numbers, row-major.
 * `function` is "cosine", "dot", "euclidean" or "manhattan"; NULL is "cosine". */
int32_t martlet_similarity(
    const float *a, size_t rows_a, const float *b, size_t rows_b, size_t dimensions, const char *function, float *matrix,
    size_t capacity, martlet_error **error);

/* ---- Chunks --------------------------------------------------------------------------------------------------------------- */

/* Cuts one text into chunks that the model takes, as a JSON array of objects with index, start, end, overlap, line, headings, text
 * and tokens; start and end count bytes. Options: chunker, max_tokens, overlap, name, role, prompt. */
int32_t martlet_chunk(
    martlet_handle model, const martlet_texts *text, const char *options, char **json, martlet_error **error);

/* ---- Collections ---------------------------------------------------------------------------------------------------------- */

/* Opens a collection of records in a folder, to be searched with the model that made it, which must make one vector of a text.
 * Options: create (true: make it if the folder is missing or empty), and for a new one similarity, store, language. */
int32_t martlet_collection_open(
    const char *path, martlet_handle model, const char *options, martlet_handle *collection, martlet_error **error);

/* Embeds texts and adds them under their ids, one for each text; a record with the id of another replaces it. When it returns, the
 * records are durable. `fields` is NULL, or a JSON array with an object for each text.
 * The first call makes this process the writer of the collection until it is closed. */
int32_t martlet_collection_add(
    martlet_handle collection, const martlet_texts *ids, const martlet_texts *texts, const char *fields,
    const martlet_progress *progress, martlet_usage *usage, martlet_error **error);

/* Removes records by their ids and stores how many there were in `removed`, which may be NULL. */
int32_t martlet_collection_remove(
    martlet_handle collection, const martlet_texts *ids, int64_t *removed, martlet_error **error);

/* The records that answer a query best, as a JSON array of hits, best first. Several texts in `query` are fused.
 * Options: count, mode ("hybrid", "vectors", "words"), fusion, filter, exact, candidates, group, diversity. */
int32_t martlet_collection_search(
    martlet_handle collection, const martlet_texts *query, const char *options, char **json, martlet_error **error);

/* Looks one text up, and adds it if nothing is near enough: a JSON object with "hits" and "added", an id or null.
 * Options: threshold (required: the least similarity of a hit), id, fields, count. */
int32_t martlet_collection_query(
    martlet_handle collection, const martlet_texts *text, const char *options, char **json, martlet_error **error);

#ifdef __cplusplus
}
#endif

#endif
