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

// A model or a collection that JavaScript has opened and that is not closed.
typedef struct held {
    martlet_handle handle;
    size_t pending; // calls that use it
    bool closing;   // with the last of them
    struct held *next;
} held;

// What an environment holds: the main thread is one, and every worker is another.
typedef struct environment {
    held *first;
} environment;

typedef struct job {
    kind kind;
    environment *environment;
    held *held; // what the call uses; NULL: nothing, or what is closed
    napi_async_work work;
    napi_deferred deferred;
    martlet_handle handle, opened;
    block first, second;
    char *text, *options; // a path, or fields; options
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

// MARK: What is open

static bool hold(environment *e, martlet_handle handle) {
    held *h = calloc(1, sizeof *h);
    if (!h) return false;
    *h = (held){.handle = handle, .next = e->first};
    e->first = h;
    return true;
}

static held *find(environment *e, martlet_handle handle) {
    held *h = e->first;
    while (h && h->handle != handle) h = h->next;
    return h;
}

// Closes it, or leaves that to the last call that uses it: a call waits for a thread with the number of a handle alone.
static void close_held(environment *e, held *h) {
    h->closing = true;
    if (h->pending > 0) return;
    held **place = &e->first;
    while (*place != h) place = &(*place)->next;
    *place = h->next;
    martlet_close(h->handle, NULL);
    free(h);
}

// An environment ends when its calls have ended.
static void end(void *data) {
    environment *e = data;
    while (e->first) {
        e->first->pending = 0;
        close_held(e, e->first);
    }
    free(e);
}

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
    // Zeros: memory that the library leaves alone must not show what was there.
    if (j->count > 0 && !(j->floats = calloc(j->count, sizeof(float)))) {
        j->status = MARTLET_IO;
        return;
    }
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

// While an environment ends, every function of N-API may fail: what makes a value returns NULL then.

static napi_value string(napi_env env, const char *text) {
    napi_value value;
    return text && napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value) == napi_ok ? value : NULL;
}

static napi_value number(napi_env env, double number) {
    napi_value value;
    return napi_create_double(env, number, &value) == napi_ok ? value : NULL;
}

static napi_value handle_value(napi_env env, martlet_handle handle) {
    napi_value value;
    return napi_create_bigint_uint64(env, handle, &value) == napi_ok ? value : NULL;
}

static bool set(napi_env env, napi_value object, const char *name, napi_value value) {
    return value && napi_set_named_property(env, object, name, value) == napi_ok;
}

static napi_value error_of(napi_env env, const martlet_error *error) {
    napi_value value, message = string(env, error ? error->message : "no memory");
    const bool is_range = error && error->status <= MARTLET_INVALID_INPUT;
    if (!message || (is_range ? napi_create_range_error : napi_create_error)(env, NULL, message, &value) != napi_ok) return NULL;
    if (!error) return value;
    set(env, value, "code", string(env, error->code));
    set(env, value, "file", string(env, error->file));
    set(env, value, "remedy", string(env, error->remedy));
    if (error->index >= 0) set(env, value, "index", number(env, (double)error->index));
    return value;
}

static napi_value copied(napi_env env, napi_typedarray_type type, size_t count, size_t size, const void *values) {
    napi_value buffer, array;
    void *copy;
    if (napi_create_arraybuffer(env, count * size, &copy, &buffer) != napi_ok) return NULL;
    if (count) memcpy(copy, values, count * size);
    return napi_create_typedarray(env, type, count, buffer, 0, &array) == napi_ok ? array : NULL;
}

static void free_floats(napi_env env, void *data, void *hint) { (void)env, (void)hint, free(data); }

// Node frees memory from outside that is larger than it allows, and fails: it never gets such memory.
static const size_t LARGEST_FROM_OUTSIDE = INT32_MAX;

// Floats that a job has computed, without a copy where the runtime allows memory from outside; the array frees them.
static napi_value floats(napi_env env, job *j) {
    napi_value buffer, array;
    const size_t size = j->count * sizeof(float);
    if (size == 0 || size > LARGEST_FROM_OUTSIDE
        || napi_create_external_arraybuffer(env, j->floats, size, free_floats, NULL, &buffer) != napi_ok) {
        return copied(env, napi_float32_array, j->count, sizeof(float), j->floats);
    }
    j->floats = NULL;
    return napi_create_typedarray(env, napi_float32_array, j->count, buffer, 0, &array) == napi_ok ? array : NULL;
}

// { values, truncated }
static napi_value counted(napi_env env, napi_value values, const martlet_usage *usage) {
    napi_value object;
    return napi_create_object(env, &object) == napi_ok && set(env, object, "values", values)
            && set(env, object, "truncated", number(env, (double)usage->truncated))
        ? object : NULL;
}

// { offsets, ids, values, width, truncated }: rows of different lengths.
static napi_value rows(napi_env env, const martlet_rows *rows, const martlet_usage *usage) {
    const size_t entries = (size_t)rows->offsets[rows->count];
    napi_value object = counted(env, copied(env, napi_float32_array, entries * rows->width, 4, rows->values), usage);
    return object && set(env, object, "offsets", copied(env, napi_bigint64_array, rows->count + 1, 8, rows->offsets))
            && set(env, object, "ids", copied(env, napi_bigint64_array, entries, 8, rows->ids))
            && set(env, object, "width", number(env, (double)rows->width))
        ? object : NULL;
}

static napi_value result(napi_env env, job *j) {
    napi_value nothing;
    switch (j->kind) {
    case OPEN:
    case COLLECTION: return handle_value(env, j->opened);
    case EMBED:
    case RERANK:
    case PREDICT: return counted(env, floats(env, j), &j->usage);
    case COUNT: return copied(env, napi_bigint64_array, j->first.texts.count, 8, j->counts);
    case SPARSE:
    case MULTI: return rows(env, j->rows, &j->usage);
    case REMOVE: return number(env, (double)j->removed);
    case ADD: return napi_get_undefined(env, &nothing) == napi_ok ? counted(env, nothing, &j->usage) : NULL;
    case CHUNK:
    case SEARCH:
    case QUERY:
    case FINGERPRINT:
    case KNOWN: return string(env, j->json);
    }
    return NULL;
}

static void done(napi_env env, napi_status status, void *data) {
    job *j = data;
    napi_value value = NULL, exception = NULL;
    bool is_pending = false;
    if (j->held && --j->held->pending == 0 && j->held->closing) close_held(j->environment, j->held);
    if (j->opened && !hold(j->environment, j->opened)) {
        martlet_close(j->opened, NULL);
        j->status = MARTLET_IO;
    }
    if (status == napi_ok && j->status == MARTLET_OK) value = result(env, j);
    if (value) {
        napi_resolve_deferred(env, j->deferred, value);
    } else {
        // Where JavaScript has no memory for the result, it has thrown.
        napi_is_exception_pending(env, &is_pending);
        if (!is_pending || napi_get_and_clear_last_exception(env, &exception) != napi_ok) exception = error_of(env, j->error);
        napi_reject_deferred(env, j->deferred, exception);
    }
    napi_delete_async_work(env, j->work);
    release(j);
}

// A copy of a string; NULL for null.
static bool take_string(napi_env env, napi_value value, char **text) {
    napi_valuetype type;
    size_t size;
    if (napi_typeof(env, value, &type) != napi_ok) return false;
    if (type != napi_string) return type == napi_null;
    if (napi_get_value_string_utf8(env, value, NULL, 0, &size) != napi_ok) return false;
    *text = malloc(size + 1);
    return *text && napi_get_value_string_utf8(env, value, *text, size + 1, &size) == napi_ok;
}

// The strings of an array; none for null.
static bool take_texts(napi_env env, napi_value array, block *b) {
    bool is_array = false;
    uint32_t count = 0;
    size_t room = 4096, used = 0;
    if (napi_is_array(env, array, &is_array) != napi_ok) return false;
    if (!is_array) return true;
    if (napi_get_array_length(env, array, &count) != napi_ok) return false;
    b->bytes = malloc(room), b->offsets = calloc((size_t)count + 1, sizeof(int64_t));
    if (!b->bytes || !b->offsets) return false;
    for (uint32_t i = 0; i < count; i++) {
        napi_value text;
        size_t size = 0;
        if (napi_get_element(env, array, i, &text) != napi_ok
            || napi_get_value_string_utf8(env, text, NULL, 0, &size) != napi_ok) return false;
        if (used + size + 1 > room) {
            while (used + size + 1 > room) room *= 2;
            uint8_t *grown = realloc(b->bytes, room);
            if (!grown) return false;
            b->bytes = grown;
        }
        if (napi_get_value_string_utf8(env, text, (char *)b->bytes + used, size + 1, &size) != napi_ok) return false;
        b->offsets[i + 1] = (int64_t)(used += size);
    }
    b->texts = (martlet_texts){b->bytes, used, b->offsets, count};
    return true;
}

// Arguments of a function of this file, and what its environment holds.
static environment *take(napi_env env, napi_callback_info info, size_t expected, napi_value *arguments) {
    size_t count = expected;
    void *data = NULL;
    return napi_get_cb_info(env, info, &count, arguments, NULL, &data) == napi_ok && count == expected ? data : NULL;
}

static bool take_handle(napi_env env, napi_value value, martlet_handle *handle) {
    bool lossless;
    return napi_get_value_bigint_uint64(env, value, handle, &lossless) == napi_ok && lossless;
}

// call(kind, handle, first, second, text, options, width): a promise.
static napi_value call(napi_env env, napi_callback_info info) {
    napi_value arguments[7], promise, name;
    uint32_t which = 0, width = 0;
    environment *e = take(env, info, 7, arguments);
    job *j = calloc(1, sizeof *j);
    if (!e || !j || napi_get_value_uint32(env, arguments[0], &which) != napi_ok || which > KNOWN
        || !take_handle(env, arguments[1], &j->handle) || !take_texts(env, arguments[2], &j->first)
        || !take_texts(env, arguments[3], &j->second) || !take_string(env, arguments[4], &j->text)
        || !take_string(env, arguments[5], &j->options) || napi_get_value_uint32(env, arguments[6], &width) != napi_ok) {
        if (j) release(j);
        napi_throw_type_error(env, NULL, "arguments that the library cannot read");
        return NULL;
    }
    j->kind = (kind)which;
    j->count = j->first.texts.count * width;
    j->environment = e;
    name = string(env, "martlet");
    if (!name || napi_create_async_work(env, NULL, name, run, done, j, &j->work) != napi_ok) {
        release(j);
        return NULL;
    }
    if (napi_create_promise(env, &j->deferred, &promise) != napi_ok || napi_queue_async_work(env, j->work) != napi_ok) {
        napi_delete_async_work(env, j->work);
        release(j);
        return NULL;
    }
    j->held = find(e, j->handle);
    if (j->held) j->held->pending++;
    return promise;
}

static napi_value describe(napi_env env, napi_callback_info info) {
    napi_value argument, value = NULL;
    martlet_handle handle = 0;
    martlet_error *error = NULL;
    char *json = NULL;
    if (!take(env, info, 1, &argument) || !take_handle(env, argument, &handle)) return NULL;
    if (martlet_info(handle, &json, &error) == MARTLET_OK) value = string(env, json);
    else if ((value = error_of(env, error))) napi_throw(env, value);
    martlet_string_free(json), martlet_error_free(error);
    return value;
}

static napi_value close_handle(napi_env env, napi_callback_info info) {
    napi_value argument;
    martlet_handle handle = 0;
    environment *e = take(env, info, 1, &argument);
    held *h = e && take_handle(env, argument, &handle) ? find(e, handle) : NULL;
    if (h) close_held(e, h);
    return NULL;
}

static bool export(napi_env env, napi_value exports, const char *name, napi_callback function, environment *e) {
    napi_value value;
    return napi_create_function(env, name, NAPI_AUTO_LENGTH, function, e, &value) == napi_ok && set(env, exports, name, value);
}

NAPI_MODULE_INIT() {
    if (martlet_abi_version() != MARTLET_ABI_VERSION) {
        napi_throw_error(env, NULL, "the library has another interface than this addon was built for");
        return NULL;
    }
    environment *e = calloc(1, sizeof *e);
    if (!e || napi_add_env_cleanup_hook(env, end, e) != napi_ok) {
        free(e);
        napi_throw_error(env, NULL, "no memory");
        return NULL;
    }
    export(env, exports, "call", call, e), export(env, exports, "info", describe, e), export(env, exports, "close", close_handle, e);
    set(env, exports, "version", string(env, martlet_version()));
    return exports;
}
