// The C interface for JavaScript. Every call that computes is a job on a thread of libuv, and its result a promise.
// index.js checks the arguments and gives the names; nothing else calls this file.
#define NAPI_VERSION 8
#include <martlet.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef enum {
    OPEN, EMBED, SPARSE, MULTI, RERANK, CHUNK, COLLECTION, ADD, REMOVE, SEARCH, QUERY, COUNT, PREDICT, FINGERPRINT, KNOWN
} kind;

// Texts in memory of their own.
typedef struct block {
    martlet_texts texts;
    uint8_t *bytes;
    int64_t *offsets;
} block;

typedef struct job {
    kind kind;
    napi_async_work work;
    napi_deferred deferred;
    martlet_handle handle, opened;
    block first, second;
    char *text, *options; // a path, or fields; options
    size_t width;
    float *floats;
    size_t count; // of floats
    martlet_rows *rows;
    int64_t *counts; // of tokens
    char *json;
    int64_t removed;
    martlet_usage usage;
    int32_t status;
    martlet_error *error;
} job;

static void release(job *j) {
    free(j->first.bytes), free(j->first.offsets), free(j->second.bytes), free(j->second.offsets);
    free(j->text), free(j->options), free(j->floats), free(j->counts);
    martlet_rows_free(j->rows), martlet_string_free(j->json), martlet_error_free(j->error);
    free(j);
}

// MARK: On a thread of libuv

static void run(napi_env env, void *data) {
    (void)env;
    job *j = data;
    const martlet_texts *a = &j->first.texts, *b = &j->second.texts;
    if (j->floats == NULL && j->count > 0) j->floats = malloc(j->count * sizeof(float));
    switch (j->kind) {
    case OPEN: j->status = martlet_open(j->text, j->options, NULL, &j->opened, &j->error); break;
    case EMBED: j->status = martlet_embed(j->handle, a, j->options, NULL, j->floats, j->count, &j->usage, &j->error); break;
    case SPARSE: j->status = martlet_embed_sparse(j->handle, a, j->options, NULL, &j->rows, &j->usage, &j->error); break;
    case MULTI: j->status = martlet_embed_multi(j->handle, a, j->options, NULL, &j->rows, &j->usage, &j->error); break;
    case RERANK: j->status = martlet_rerank(j->handle, b, a, j->options, NULL, j->floats, j->count, &j->usage, &j->error); break;
    case CHUNK: j->status = martlet_chunk(j->handle, a, j->options, &j->json, &j->error); break;
    case COLLECTION: j->status = martlet_collection_open(j->text, j->handle, j->options, &j->opened, &j->error); break;
    case ADD: j->status = martlet_collection_add(j->handle, b, a, j->text, NULL, &j->usage, &j->error); break;
    case REMOVE: j->status = martlet_collection_remove(j->handle, a, &j->removed, &j->error); break;
    case SEARCH: j->status = martlet_collection_search(j->handle, a, j->options, &j->json, &j->error); break;
    case QUERY: j->status = martlet_collection_query(j->handle, a, j->options, &j->json, &j->error); break;
    case COUNT:
        j->counts = calloc(a->count + 1, sizeof(int64_t));
        j->status = martlet_count_tokens(j->handle, a, j->options, j->counts, j->counts ? a->count : 0, &j->error);
        break;
    case PREDICT:
        // Without second texts each text is classified alone.
        if (!j->second.offsets) b = NULL;
        j->status = martlet_predict(j->handle, a, b, j->options, NULL, j->floats, j->count, &j->usage, &j->error);
        break;
    case FINGERPRINT: j->status = martlet_fingerprint(j->handle, &j->json, &j->error); break;
    case KNOWN: j->status = martlet_known_models(&j->json, &j->error); break;
    }
}

// MARK: On JavaScript's thread

static void set(napi_env env, napi_value object, const char *name, napi_value value) {
    if (value) napi_set_named_property(env, object, name, value);
}

static napi_value string(napi_env env, const char *text) {
    napi_value value = NULL;
    if (text) napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
    return value;
}

static napi_value number(napi_env env, double number) {
    napi_value value = NULL;
    napi_create_double(env, number, &value);
    return value;
}

static napi_value error_of(napi_env env, const martlet_error *error) {
    napi_value value;
    const char *message = error ? error->message : "no memory";
    if (error && error->status <= MARTLET_INVALID_INPUT) napi_create_range_error(env, NULL, string(env, message), &value);
    else napi_create_error(env, NULL, string(env, message), &value);
    if (!error) return value;
    set(env, value, "code", string(env, error->code));
    set(env, value, "file", string(env, error->file));
    set(env, value, "remedy", string(env, error->remedy));
    if (error->index >= 0) set(env, value, "index", number(env, (double)error->index));
    return value;
}

static void free_floats(napi_env env, void *data, void *hint) { (void)env, (void)hint, free(data); }

// Floats that a job has computed, without a copy; the array frees them.
static napi_value floats(napi_env env, job *j) {
    napi_value buffer, array = NULL;
    void *copy;
    if (j->count == 0) {
        napi_create_arraybuffer(env, 0, &copy, &buffer);
    } else if (napi_create_external_arraybuffer(env, j->floats, j->count * sizeof(float), free_floats, NULL, &buffer) == napi_ok) {
        j->floats = NULL;
    } else {
        // A runtime that allows no memory from outside.
        napi_create_arraybuffer(env, j->count * sizeof(float), &copy, &buffer);
        memcpy(copy, j->floats, j->count * sizeof(float));
    }
    napi_create_typedarray(env, napi_float32_array, j->count, buffer, 0, &array);
    return array;
}

static napi_value copied(napi_env env, napi_typedarray_type type, size_t count, size_t size, const void *values) {
    napi_value buffer, array = NULL;
    void *copy;
    napi_create_arraybuffer(env, count * size, &copy, &buffer);
    if (count) memcpy(copy, values, count * size);
    napi_create_typedarray(env, type, count, buffer, 0, &array);
    return array;
}

// { offsets, ids, values, width }: rows of different lengths.
static napi_value rows(napi_env env, const martlet_rows *rows) {
    napi_value object;
    const size_t entries = (size_t)rows->offsets[rows->count];
    napi_create_object(env, &object);
    set(env, object, "offsets", copied(env, napi_bigint64_array, rows->count + 1, 8, rows->offsets));
    set(env, object, "ids", copied(env, napi_bigint64_array, entries, 8, rows->ids));
    set(env, object, "values", copied(env, napi_float32_array, entries * rows->width, 4, rows->values));
    set(env, object, "width", number(env, (double)rows->width));
    return object;
}

static napi_value handle_value(napi_env env, martlet_handle handle) {
    napi_value value = NULL;
    napi_create_bigint_uint64(env, handle, &value);
    return value;
}

static void done(napi_env env, napi_status status, void *data) {
    job *j = data;
    napi_value value = NULL;
    if (status != napi_ok || j->status != MARTLET_OK) {
        napi_reject_deferred(env, j->deferred, error_of(env, j->error));
    } else {
        switch (j->kind) {
        case OPEN:
        case COLLECTION: value = handle_value(env, j->opened); break;
        case EMBED:
            napi_create_object(env, &value);
            set(env, value, "vectors", floats(env, j));
            set(env, value, "tokens", number(env, (double)j->usage.tokens));
            set(env, value, "truncated", number(env, (double)j->usage.truncated));
            break;
        case RERANK:
        case PREDICT: value = floats(env, j); break;
        case COUNT: value = copied(env, napi_bigint64_array, j->first.texts.count, 8, j->counts); break;
        case SPARSE:
        case MULTI: value = rows(env, j->rows); break;
        case REMOVE: value = number(env, (double)j->removed); break;
        case ADD: napi_get_undefined(env, &value); break;
        case CHUNK:
        case SEARCH:
        case QUERY:
        case FINGERPRINT:
        case KNOWN: value = string(env, j->json); break;
        }
        napi_resolve_deferred(env, j->deferred, value);
    }
    napi_delete_async_work(env, j->work);
    release(j);
}

// A copy of a string; NULL for null.
static bool take_string(napi_env env, napi_value value, char **text) {
    napi_valuetype type;
    size_t size;
    napi_typeof(env, value, &type);
    if (type != napi_string) return type == napi_null;
    napi_get_value_string_utf8(env, value, NULL, 0, &size);
    *text = malloc(size + 1);
    return *text && napi_get_value_string_utf8(env, value, *text, size + 1, &size) == napi_ok;
}

// The strings of an array.
static bool take_texts(napi_env env, napi_value array, block *b) {
    bool is_array = false;
    uint32_t count = 0;
    size_t room = 4096, used = 0;
    napi_is_array(env, array, &is_array);
    if (!is_array) return true;
    napi_get_array_length(env, array, &count);
    b->bytes = malloc(room), b->offsets = calloc((size_t)count + 1, sizeof(int64_t));
    if (!b->bytes || !b->offsets) return false;
    for (uint32_t i = 0; i < count; i++) {
        napi_value text;
        size_t size = 0;
        napi_get_element(env, array, i, &text);
        if (napi_get_value_string_utf8(env, text, NULL, 0, &size) != napi_ok) return false;
        if (used + size + 1 > room) {
            while (used + size + 1 > room) room *= 2;
            uint8_t *grown = realloc(b->bytes, room);
            if (!grown) return false;
            b->bytes = grown;
        }
        napi_get_value_string_utf8(env, text, (char *)b->bytes + used, size + 1, &size);
        b->offsets[i + 1] = (int64_t)(used += size);
    }
    b->texts = (martlet_texts){b->bytes, used, b->offsets, count};
    return true;
}

// call(kind, handle, first, second, text, options, width): a promise.
static napi_value call(napi_env env, napi_callback_info info) {
    size_t count = 7;
    napi_value arguments[7], promise, name;
    uint32_t which = 0, width = 0;
    bool lossless;
    napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
    job *j = calloc(1, sizeof *j);
    if (!j) return NULL;
    napi_get_value_uint32(env, arguments[0], &which);
    napi_get_value_bigint_uint64(env, arguments[1], &j->handle, &lossless);
    napi_get_value_uint32(env, arguments[6], &width);
    if (count != 7 || which > KNOWN || !take_texts(env, arguments[2], &j->first) || !take_texts(env, arguments[3], &j->second)
        || !take_string(env, arguments[4], &j->text) || !take_string(env, arguments[5], &j->options)) {
        release(j);
        napi_throw_type_error(env, NULL, "arguments that the library cannot read");
        return NULL;
    }
    j->kind = (kind)which;
    j->count = j->first.texts.count * width;
    napi_create_promise(env, &j->deferred, &promise);
    name = string(env, "martlet");
    napi_create_async_work(env, NULL, name, run, done, j, &j->work);
    napi_queue_async_work(env, j->work);
    return promise;
}

static bool take_handle(napi_env env, napi_callback_info info, martlet_handle *handle) {
    size_t count = 1;
    napi_value argument;
    bool lossless;
    napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
    return count == 1 && napi_get_value_bigint_uint64(env, argument, handle, &lossless) == napi_ok;
}

static napi_value describe(napi_env env, napi_callback_info info) {
    martlet_handle handle = 0;
    martlet_error *error = NULL;
    char *json = NULL;
    napi_value value = NULL;
    if (take_handle(env, info, &handle) && martlet_info(handle, &json, &error) == MARTLET_OK) value = string(env, json);
    else napi_throw(env, error_of(env, error));
    martlet_string_free(json), martlet_error_free(error);
    return value;
}

static napi_value close_handle(napi_env env, napi_callback_info info) {
    martlet_handle handle = 0;
    if (take_handle(env, info, &handle)) martlet_close(handle, NULL);
    return NULL;
}

NAPI_MODULE_INIT() {
    napi_value function;
    if (martlet_abi_version() != MARTLET_ABI_VERSION) {
        napi_throw_error(env, NULL, "the library has another interface than this addon was built for");
        return exports;
    }
    napi_create_function(env, "call", NAPI_AUTO_LENGTH, call, NULL, &function), set(env, exports, "call", function);
    napi_create_function(env, "info", NAPI_AUTO_LENGTH, describe, NULL, &function), set(env, exports, "info", function);
    napi_create_function(env, "close", NAPI_AUTO_LENGTH, close_handle, NULL, &function), set(env, exports, "close", function);
    set(env, exports, "version", string(env, martlet_version()));
    return exports;
}
