/* The C interface as a C program sees it. Tests/C/run builds it and runs it under AddressSanitizer and valgrind.
 *   test FIXTURES SCRATCH */
#include <martlet.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { width = 384, no_index = -1 };
static int failures;

/* Where a compiled program looks for the members of structures: a change here is a new MARTLET_ABI_VERSION. */
#if UINTPTR_MAX == UINT64_MAX
#define MEMBER(structure, member, place, end) \
    _Static_assert(offsetof(structure, member) == (place) && sizeof(structure) >= (end), #structure "." #member)
#define SIZE(structure, bytes) _Static_assert(sizeof(structure) == (bytes), #structure)
_Static_assert(MARTLET_ABI_VERSION == 1, "the numbers below are those of version 1");
MEMBER(martlet_error, status, 0, 4);
MEMBER(martlet_error, code, 8, 16);
MEMBER(martlet_error, message, 16, 24);
MEMBER(martlet_error, remedy, 24, 32);
MEMBER(martlet_error, file, 32, 40);
MEMBER(martlet_error, index, 40, 48);
MEMBER(martlet_texts, bytes, 0, 8);
MEMBER(martlet_texts, size, 8, 16);
MEMBER(martlet_texts, offsets, 16, 24);
MEMBER(martlet_texts, count, 24, 32);
SIZE(martlet_texts, 32);
MEMBER(martlet_progress, report, 0, 8);
MEMBER(martlet_progress, context, 8, 16);
SIZE(martlet_progress, 16);
MEMBER(martlet_usage, tokens, 0, 8);
MEMBER(martlet_usage, truncated, 8, 16);
MEMBER(martlet_usage, blank, 16, 24);
MEMBER(martlet_usage, truncated_texts, 24, 32);
SIZE(martlet_usage, 32);
MEMBER(martlet_rows, count, 0, 8);
MEMBER(martlet_rows, width, 8, 16);
MEMBER(martlet_rows, offsets, 16, 24);
MEMBER(martlet_rows, ids, 24, 32);
MEMBER(martlet_rows, values, 32, 40);
SIZE(martlet_handle, 8);
#endif

#define CHECK(condition) ((condition) ? (void)0 : (failures++, (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition)))

/* A call that succeeds. */
#define OK(call)                                                                                 \
    do {                                                                                         \
        martlet_error *error = NULL;                                                             \
        if ((call) != MARTLET_OK) {                                                              \
            failures++;                                                                          \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, error ? error->message : "failed"); \
        }                                                                                        \
        martlet_error_free(error);                                                               \
    } while (0)

/* A call that fails with a status, at a place, and says a word. */
#define FAILS(call, wanted, place, word)                                                         \
    do {                                                                                         \
        martlet_error *error = NULL;                                                             \
        CHECK((call) == (wanted));                                                               \
        CHECK(error && error->status == (wanted) && error->index == (place) && strstr(error->message, word)); \
        if (error && !strstr(error->message, word)) fprintf(stderr, "  it says: %s\n", error->message); \
        martlet_error_free(error);                                                               \
    } while (0)

typedef struct block {
    martlet_texts texts;
    int64_t offsets[9];
    char bytes[256];
} block;

/* A block of at most 8 texts; the last is NULL. It refers to itself: do not copy it. */
static const martlet_texts *make(block *b, const char *const *texts) {
    size_t count = 0, size = 0;
    b->offsets[0] = 0;
    for (; texts[count]; count++) {
        const size_t length = strlen(texts[count]);
        memcpy(b->bytes + size, texts[count], length);
        b->offsets[count + 1] = (int64_t)(size += length);
    }
    b->texts = (martlet_texts){(const uint8_t *)b->bytes, size, b->offsets, count};
    return &b->texts;
}
#define TEXTS(b, ...) make(b, (const char *const[]){__VA_ARGS__, NULL})

static martlet_handle open_model(const char *fixtures, const char *name, const char *options) {
    char path[1024];
    martlet_handle model = 0;
    snprintf(path, sizeof path, "%s/%s", fixtures, name);
    OK(martlet_open(name ? path : NULL, options, NULL, &model, &error));
    return model;
}

static void dense(martlet_handle model) {
    block b, one;
    float all[3 * width], alone[width];
    uint8_t cut[3] = {9, 9, 9};
    martlet_usage usage = {.truncated_texts = cut};
    const martlet_texts *texts = TEXTS(&b, "How do I cook pasta?", "a spaghetti recipe", "");
    OK(martlet_embed(model, texts, NULL, NULL, all, 3 * width, &usage, &error));
    CHECK(usage.tokens == 8 + 5 + 2 && usage.blank == 1 && usage.truncated == 0 && !cut[0] && !cut[1] && !cut[2]);
    OK(martlet_embed(model, TEXTS(&one, "a spaghetti recipe"), NULL, NULL, alone, width, NULL, &error));
    CHECK(!memcmp(alone, all + width, sizeof alone));

    float matrix[4];
    OK(martlet_similarity(all, 2, all, 2, width, NULL, matrix, 4, &error));
    CHECK(matrix[0] > 0.9999f && matrix[1] == matrix[2] && matrix[1] > 0.6f && matrix[1] < 0.7f);

    OK(martlet_embed(model, TEXTS(&one, "cut"), "{\"dimensions\": 8, \"role\": \"query\"}", NULL, alone, 8, NULL, &error));
    int64_t counts[3];
    OK(martlet_count_tokens(model, texts, NULL, counts, 3, &error));
    CHECK(counts[0] == 8 && counts[1] == 5 && counts[2] == 2);
    const martlet_texts none = {NULL, 0, NULL, 0};
    OK(martlet_embed(model, &none, NULL, NULL, NULL, 0, NULL, &error));
}

static void bad_input(martlet_handle model) {
    float vectors[2 * width];
    block b;
    martlet_texts texts = *TEXTS(&b, "ab", "cd");
    b.bytes[2] = (char)0xFF;
    FAILS(martlet_embed(model, &texts, NULL, NULL, vectors, 2 * width, NULL, &error), MARTLET_INVALID_INPUT, 1, "byte 0, 0xFF");
    TEXTS(&b, "ab", "cd");
    b.offsets[1] = 4, b.offsets[2] = 3;
    FAILS(martlet_embed(model, &texts, NULL, NULL, vectors, 2 * width, NULL, &error), MARTLET_INVALID_ARGUMENT, 2, "never decrease");
    b.offsets[1] = -1;
    FAILS(martlet_embed(model, &texts, NULL, NULL, vectors, 2 * width, NULL, &error), MARTLET_INVALID_ARGUMENT, 1, "offset 1 is -1");
    b.offsets[1] = 2, b.offsets[2] = 5;
    FAILS(martlet_embed(model, &texts, NULL, NULL, vectors, 2 * width, NULL, &error), MARTLET_INVALID_ARGUMENT, 2, "4 bytes");
    TEXTS(&b, "ab", "cd");
    FAILS(martlet_embed(model, &texts, NULL, NULL, vectors, 2 * width - 1, NULL, &error), MARTLET_INVALID_ARGUMENT, no_index, "room for 767");
    FAILS(martlet_embed(model, &texts, NULL, NULL, NULL, 2 * width, NULL, &error), MARTLET_INVALID_ARGUMENT, no_index, "NULL");
    FAILS(martlet_embed(model, NULL, NULL, NULL, vectors, 0, NULL, &error), MARTLET_INVALID_ARGUMENT, no_index, "texts is NULL");
    texts.count = SIZE_MAX;
    FAILS(martlet_embed(model, &texts, NULL, NULL, vectors, 2 * width, NULL, &error), MARTLET_INVALID_ARGUMENT, no_index, "texts in");
    TEXTS(&b, "ab");
    texts = b.texts;
    FAILS(martlet_embed(model, &texts, "{\"rôle\": 1}", NULL, vectors, width, NULL, &error), MARTLET_INVALID_OPTION, no_index, "rôle");
    FAILS(martlet_embed(model, &texts, "{", NULL, vectors, width, NULL, &error), MARTLET_INVALID_OPTION, no_index, "not JSON");
    FAILS(martlet_embed(model, &texts, "{\"dimensions\": 0}", NULL, vectors, width, NULL, &error), MARTLET_INVALID_OPTION, no_index, "1 to 384");
    FAILS(martlet_embed(4711, &texts, NULL, NULL, vectors, width, NULL, &error), MARTLET_INVALID_ARGUMENT, no_index, "closed");
    martlet_rows *rows = NULL;
    FAILS(martlet_embed_sparse(model, &texts, NULL, NULL, &rows, NULL, &error), MARTLET_INVALID_MODEL, no_index, "sparse vectors");
    CHECK(martlet_embed(4711, &texts, NULL, NULL, vectors, width, NULL, NULL) == MARTLET_INVALID_ARGUMENT);
    martlet_handle other;
    FAILS(martlet_open("/nowhere", NULL, NULL, &other, &error), MARTLET_NOT_FOUND, no_index, "/nowhere");
    FAILS(martlet_open(NULL, "{\"threads\": -1}", NULL, &other, &error), MARTLET_INVALID_OPTION, no_index, "-1");
    FAILS(martlet_open(NULL, NULL, NULL, NULL, &error), MARTLET_INVALID_ARGUMENT, no_index, "model is NULL");
}

static int32_t stop(void *context, int64_t done, int64_t total) {
    (void)done, (void)total;
    return ++*(int *)context >= 1;
}

static void cancel(martlet_handle model) {
    block b;
    int calls = 0;
    float vector[width];
    const martlet_progress progress = {stop, &calls};
    FAILS(martlet_embed(model, TEXTS(&b, "x"), NULL, &progress, vector, width, NULL, &error), MARTLET_CANCELLED, no_index, "stop");
    CHECK(calls == 1);
    martlet_handle other;
    FAILS(martlet_open(NULL, NULL, &progress, &other, &error), MARTLET_CANCELLED, no_index, "stop");
}

static void rows(const char *fixtures) {
    block b;
    martlet_rows *rows;
    const martlet_texts *texts = TEXTS(&b, "how to cook pasta", "");
    martlet_handle model = 0;
    OK(martlet_open(NULL, "{\"bm25\": {}}", NULL, &model, &error));
    OK(martlet_embed_sparse(model, texts, NULL, NULL, &rows, NULL, &error));
    CHECK(rows->count == 2 && rows->width == 1 && rows->offsets[1] == 2 && rows->offsets[2] == 2 && rows->ids[0] < rows->ids[1]);
    martlet_rows_free(rows);
    OK(martlet_close(model, &error));

    model = open_model(fixtures, "models/bert-mini", NULL);
    OK(martlet_embed_multi(model, texts, NULL, NULL, &rows, NULL, &error));
    CHECK(rows->count == 2 && rows->offsets[2] - rows->offsets[1] == 2 && rows->width > 1);
    martlet_rows_free(rows);
    OK(martlet_close(model, &error));

    model = open_model(fixtures, "multi/pylate", NULL);
    OK(martlet_embed_multi(model, texts, "{\"role\": \"query\"}", NULL, &rows, NULL, &error));
    CHECK(rows->count == 2 && rows->width > 1 && rows->offsets[1] > 0 && rows->ids[0] >= 0);
    martlet_rows_free(rows);
    float scores[2];
    block q;
    OK(martlet_rerank(model, TEXTS(&q, "pasta"), texts, NULL, NULL, scores, 2, NULL, &error));
    OK(martlet_close(model, &error));
}

static void scores(const char *fixtures, martlet_handle dense) {
    block b, q;
    float scores[2], again[2];
    martlet_handle model = open_model(fixtures, "classifiers/bert-cross", NULL);
    const martlet_texts *query = TEXTS(&q, "cook pasta"), *documents = TEXTS(&b, "boil water", "stocks fell");
    OK(martlet_rerank(model, query, documents, NULL, NULL, scores, 2, NULL, &error));
    block pairs;
    OK(martlet_predict(model, TEXTS(&pairs, "cook pasta", "cook pasta"), documents, NULL, NULL, again, 2, NULL, &error));
    CHECK(!memcmp(scores, again, sizeof scores));
    FAILS(martlet_predict(model, query, documents, NULL, NULL, again, 2, NULL, &error), MARTLET_INVALID_ARGUMENT, no_index, "as many");
    FAILS(martlet_rerank(model, documents, documents, NULL, NULL, again, 2, NULL, &error), MARTLET_INVALID_ARGUMENT, no_index, "one");
    OK(martlet_close(model, &error));
    OK(martlet_rerank(dense, query, documents, NULL, NULL, scores, 2, NULL, &error));
    CHECK(scores[0] > scores[1]);
    FAILS(martlet_similarity(scores, 1, scores, 1, 0, NULL, again, 2, &error), MARTLET_INVALID_ARGUMENT, no_index, "dimensions");
    FAILS(martlet_similarity(scores, 1, scores, 1, 2, "angle", again, 2, &error), MARTLET_INVALID_OPTION, no_index, "angle");
    FAILS(martlet_similarity(NULL, 1, scores, 1, 2, NULL, again, 2, &error), MARTLET_INVALID_ARGUMENT, no_index, "a is NULL");
}

static void collection(martlet_handle model, const char *scratch) {
    block ids, texts, q;
    char path[1024], *json = NULL;
    martlet_handle collection = 0;
    snprintf(path, sizeof path, "%s/notes.martlet", scratch);
    FAILS(martlet_collection_open(path, model, NULL, &collection, &error), MARTLET_NOT_FOUND, no_index, path);
    OK(martlet_collection_open(path, model, "{\"create\": true}", &collection, &error));
    TEXTS(&ids, "a", "b"), TEXTS(&texts, "boil the pasta", "the stock market fell");
    FAILS(
        martlet_collection_add(collection, &ids.texts, &texts.texts, "[{\"year\": {}}, null]", NULL, NULL, &error), MARTLET_INVALID_INPUT, 0,
        "year");
    OK(martlet_collection_add(collection, &ids.texts, &texts.texts, "[{\"year\": 2024}, null]", NULL, NULL, &error));
    OK(martlet_collection_search(collection, TEXTS(&q, "noodles"), "{\"count\": 1, \"filter\": \"year = 2024\"}", &json, &error));
    CHECK(json && strstr(json, "boil the pasta") && !strstr(json, "stock"));
    martlet_string_free(json);
    OK(martlet_collection_query(collection, TEXTS(&q, "a new idea"), "{\"threshold\": 0.9, \"id\": \"c\"}", &json, &error));
    CHECK(json && strstr(json, "\"added\":\"c\""));
    martlet_string_free(json);
    FAILS(martlet_collection_query(collection, &q.texts, NULL, &json, &error), MARTLET_INVALID_OPTION, no_index, "threshold");
    int64_t removed = 0;
    OK(martlet_collection_remove(collection, TEXTS(&ids, "a", "z"), &removed, &error));
    CHECK(removed == 1);
    OK(martlet_info(collection, &json, &error));
    CHECK(json && strstr(json, "\"records\":2"));
    martlet_string_free(json);
    float vector[width];
    FAILS(martlet_embed(collection, &q.texts, NULL, NULL, vector, width, NULL, &error), MARTLET_INVALID_ARGUMENT, no_index, "expected a model");
    OK(martlet_close(collection, &error));
    FAILS(martlet_close(collection, &error), MARTLET_INVALID_ARGUMENT, no_index, "closed");
}

static void chunk(martlet_handle model) {
    block b;
    char *json = NULL;
    OK(martlet_chunk(model, TEXTS(&b, "# Pasta\n\nBoil it.\n"), "{\"name\": \"notes.md\"}", &json, &error));
    CHECK(json && strstr(json, "\"headings\":[\"Pasta\"]"));
    martlet_string_free(json);
    OK(martlet_chunk(model, &b.texts, "{\"chunker\": \"semantic\"}", &json, &error));
    martlet_string_free(json);
    FAILS(martlet_chunk(model, &b.texts, "{\"chunker\": \"knife\"}", &json, &error), MARTLET_INVALID_OPTION, no_index, "knife");
}

typedef struct work {
    martlet_handle model;
    int wrong;
} work;

static void *embed_often(void *argument) {
    work *w = argument;
    float first[width], again[width];
    block b;
    const martlet_texts *texts = TEXTS(&b, "the same text on every thread");
    if (martlet_embed(w->model, texts, NULL, NULL, first, width, NULL, NULL)) w->wrong++;
    for (int i = 0; i < 10; i++)
        if (martlet_embed(w->model, texts, NULL, NULL, again, width, NULL, NULL) || memcmp(first, again, sizeof first)) w->wrong++;
    return NULL;
}

static void threads(martlet_handle model) {
    pthread_t thread[8];
    work works[8];
    for (int i = 0; i < 8; i++) works[i] = (work){model, 0}, pthread_create(&thread[i], NULL, embed_often, &works[i]);
    for (int i = 0; i < 8; i++) pthread_join(thread[i], NULL), CHECK(works[i].wrong == 0);
}

int main(int count, char **arguments) {
    if (count != 3) return fprintf(stderr, "test FIXTURES SCRATCH\n"), 2;
    CHECK(martlet_abi_version() == MARTLET_ABI_VERSION && strchr(martlet_version(), '.'));
    martlet_handle model = 0;
    OK(martlet_open(NULL, "{\"threads\": 2}", NULL, &model, &error));
    char *json = NULL;
    OK(martlet_info(model, &json, &error));
    CHECK(json && strstr(json, "\"dimensions\":384") && strstr(json, "\"threads\":2"));
    martlet_string_free(json);
    martlet_error_free(NULL), martlet_string_free(NULL), martlet_rows_free(NULL);
    dense(model), bad_input(model), cancel(model), rows(arguments[1]), scores(arguments[1], model);
    collection(model, arguments[2]), chunk(model), threads(model);
    OK(martlet_close(model, &error));
    float vector[width];
    block b;
    FAILS(martlet_embed(model, TEXTS(&b, "x"), NULL, NULL, vector, width, NULL, &error), MARTLET_INVALID_ARGUMENT, no_index, "closed");
    if (!failures) puts("C interface: all checks passed");
    return failures ? 1 : 0;
}
