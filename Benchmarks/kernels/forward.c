// Share of its arithmetic ceiling that a whole forward pass of MiniLM reaches on one core, and where the rest goes. See ./run --help.
//
// The ceiling is the time that the products alone would take at the peak that the same run measures, those of attention at the peak of the
// type it computes in; each pass is held against the peak measured just before and just after it, as the clock changes, and the median
// counts. Random weights: the kernels are called in the order and with the sizes of a group of texts in the library. Every other pass takes the
// norms and the quantising that products take along by themselves, to see how the time is shared; it counts for that alone.
#include "bench.h"

enum { HIDDEN = 384, INNER = 1536, LAYERS = 6, HEADS = 12, HEAD = HIDDEN / HEADS, TOKENS = 512, BLOCK = 224, PASSES = 4096 };
enum { PRODUCTS, ATTENTION, NORM, QUANTISE, PARTS };

typedef struct {
    int64_t n, k;
    void *panels;
    float *scale, *sum, *bias;
} matrix;

static matrix random_matrix(const mk_kernels *t, mk_precision precision, int64_t n, int64_t k) {
    matrix m = {.n = n, .k = k, .panels = allocate(mk_packed_bytes(t, precision, n, k)), .scale = allocate((k / MK_INT8_GROUP + 1) * n * 4),
                .sum = allocate(n * 4), .bias = allocate(n * 4)};
    float *w = allocate(n * k * 4);
    for (int64_t i = 0; i < n * k; i++) w[i] = uniform() / sqrtf((float)k);
    const mk_pack pack = {.n = n, .k = k, .w = w, .ldw = k, .b = m.panels, .b_scale = m.scale, .b_scale_stride = n, .b_sum = m.sum};
    t->pack[precision](&pack);
    free(w);
    return m;
}

typedef struct {
    const mk_kernels *t;
    mk_precision precision;
    int wide;      // 1: bf16 between the products
    int64_t size;  // bytes of an operand
    matrix layers[LAYERS][4];
    float *x, *first, *gamma, *beta, *scale[2], *shift[2];  // scale[0]: the residual stream's; scale[1]: what is quantised in place
    char *operand, *qkv, *context, *inner;
    void *scratch;
    int apart;
    double seconds[PARTS];
} state;

#define TIMED(part, call) \
    do { \
        const double start_ = seconds(); \
        call; \
        s->seconds[part] += seconds() - start_; \
    } while (0)

static void product(state *s, const matrix *m, int64_t rows, const void *a, int64_t lda, const float *scale, const float *shift,
                    const float *residual, void *c, int c_bf16, mk_activation activation, const mk_norm *norm, const mk_quantise *quantise) {
    const int int8 = s->precision == MK_INT8;
    const int64_t element = c_bf16 ? 2 : 4;
    const mk_gemm g = {.m = rows, .n = m->n, .k = m->k, .a = a, .lda = lda, .a_scale = int8 ? scale : NULL,
                       .a_shift = int8 ? shift : NULL, .b = m->panels, .b_scale = m->scale, .b_scale_stride = m->n, .b_sum = m->sum,
                       .bias = m->bias, .residual = residual, .ldr = HIDDEN, .c = c, .ldc = row_bytes(m->n, element) / element,
                       .c_bf16 = c_bf16, .activation = activation, .norm = s->apart ? NULL : norm, .quantise = s->apart ? NULL : quantise};
    TIMED(PRODUCTS, s->t->gemm[s->precision](&g));
    if (s->apart && norm) TIMED(NORM, s->t->norm(norm));
    if (s->apart && quantise) TIMED(QUANTISE, s->t->quantise(quantise));
}

static mk_norm norm_of(const state *s, int64_t first, int64_t rows) {
    mk_norm n = {.m = rows, .n = HIDDEN, .x = s->x + first * HIDDEN, .ldx = HIDDEN, .gamma = s->gamma, .beta = s->beta, .eps = 1e-6f,
                 .y = s->x + first * HIDDEN, .ldy = HIDDEN, .ldy_bf16 = HIDDEN, .ldy_u8 = HIDDEN, .u8_factor = s->gamma,
                 .u8_scale = s->scale[0] + first, .u8_shift = s->shift[0] + first};
    if (s->precision == MK_BF16) n.y_bf16 = (uint16_t *)s->operand + first * HIDDEN;
    if (s->precision == MK_INT8) n.y_u8 = (uint8_t *)s->operand + first * HIDDEN;
    return n;
}

// In place.
static mk_quantise quantise_of(const state *s, char *rows, int64_t count, int64_t width) {
    const int64_t element = s->wide ? 2 : 4, bytes = row_bytes(width, element);
    return (mk_quantise){.m = count, .n = width, .x = rows, .x_bf16 = s->wide, .ldx = bytes / element, .y = (uint8_t *)rows, .ldy = bytes,
                         .scale = s->scale[1], .shift = s->shift[1]};
}

static const void *input(const state *s, int64_t first) {
    return s->precision == MK_F32 ? (const char *)(s->x + first * HIDDEN) : s->operand + first * HIDDEN * s->size;
}

// Adds the product of a matrix and rows to the residual stream, and takes its norm.
static void add(state *s, const matrix *m, const char *rows, int64_t count, int64_t first) {
    float *x = s->x + first * HIDDEN;
    const mk_norm n = norm_of(s, first, count);
    product(s, m, count, rows, row_bytes(m->k, s->wide ? 2 : 4), s->scale[1], s->shift[1], x, x, 0, MK_IDENTITY, &n, NULL);
}

// Tokens of a group of texts of that length.
static int64_t group(int64_t length) { return length < BLOCK ? BLOCK : length; }

static void forward(state *s, int64_t length) {
    const int64_t element = s->wide ? 2 : 4, tokens = group(length), blocks = (tokens + BLOCK - 1) / BLOCK;
    memcpy(s->x, s->first, (size_t)tokens * HIDDEN * 4);
    const mk_norm n = norm_of(s, 0, tokens);
    TIMED(NORM, s->t->norm(&n));
    for (int l = 0; l < LAYERS; l++) {
        const matrix *m = s->layers[l];
        product(s, &m[0], tokens, input(s, 0), HIDDEN * s->size, s->scale[0], s->shift[0], NULL, s->qkv, s->wide, MK_IDENTITY,
                NULL, NULL);
        for (int64_t first = 0; first < tokens; first += length) {
            const char *q = s->qkv + first * 3 * HIDDEN * element;
            const mk_attention a = {.tokens = tokens - first < length ? tokens - first : length, .heads = HEADS, .head_size = HEAD, .q = q,
                                    .k = q + HIDDEN * element, .v = q + 2 * HIDDEN * element, .ld = 3 * HIDDEN,
                                    .out = s->context + first * HIDDEN * element, .ldo = HIDDEN, .scale = 0.1767767f, .scratch = s->scratch};
            TIMED(ATTENTION, s->t->attention[s->wide ? MK_ROWS_BF16 : s->precision == MK_INT8 ? MK_ROWS_F32_OF_INT8 : MK_ROWS_F32](&a));
        }
        for (int64_t block = 0; block < blocks; block++) {
            const int64_t first = tokens * block / blocks, rows = tokens * (block + 1) / blocks - first;
            char *context = s->context + first * HIDDEN * element;
            const mk_quantise q = quantise_of(s, context, rows, HIDDEN), inner = quantise_of(s, s->inner, rows, INNER);
            if (s->precision == MK_INT8) TIMED(QUANTISE, s->t->quantise(&q));
            add(s, &m[1], context, rows, first);
            product(s, &m[2], rows, input(s, first), HIDDEN * s->size, s->scale[0] + first, s->shift[0] + first, NULL, s->inner, s->wide,
                    MK_GELU_ERF, NULL, s->precision == MK_INT8 ? &inner : NULL);
            add(s, &m[3], s->inner, rows, first);
        }
    }
}

static state make_state(const mk_kernels *t, mk_precision precision) {
    state s = {.t = t, .precision = precision, .wide = precision == MK_BF16 || (precision == MK_INT8 && t->has_bf16_dot), .size = 4 >> precision};
    for (int l = 0; l < LAYERS; l++) {
        s.layers[l][0] = random_matrix(t, precision, 3 * HIDDEN, HIDDEN);
        s.layers[l][1] = random_matrix(t, precision, HIDDEN, HIDDEN);
        s.layers[l][2] = random_matrix(t, precision, INNER, HIDDEN);
        s.layers[l][3] = random_matrix(t, precision, HIDDEN, INNER);
    }
    s.x = allocate(TOKENS * HIDDEN * 4);
    s.first = allocate(TOKENS * HIDDEN * 4);
    s.gamma = allocate(HIDDEN * 4);
    s.beta = allocate(HIDDEN * 4);
    for (int i = 0; i < 2; i++) {
        s.scale[i] = allocate(TOKENS * 4);
        s.shift[i] = allocate(TOKENS * 4);
    }
    s.operand = allocate(TOKENS * HIDDEN * 4);
    s.qkv = allocate(TOKENS * 3 * HIDDEN * 4);
    s.context = allocate(TOKENS * HIDDEN * 4);
    s.inner = allocate(BLOCK * row_bytes(INNER, 4));
    s.scratch = allocate(mk_attention_scratch(t, s.wide ? MK_BF16 : MK_F32, TOKENS, HEAD));
    for (int64_t i = 0; i < TOKENS * HIDDEN; i++) s.first[i] = uniform();
    for (int64_t i = 0; i < HIDDEN; i++) s.gamma[i] = 1;
    return s;
}

typedef struct {
    double taken, top, share, parts[PARTS];
} pass;

static int by_share(const void *a, const void *b) {
    const double x = ((const pass *)a)->share, y = ((const pass *)b)->share;
    return (x > y) - (x < y);
}

// One figure: the median of the passes, and how the time is shared in the median of those whose norms and quantising are apart.
static void measure(state *s, const char *name, int64_t length, double budget) {
    const mk_kernels *t = s->t;
    const double tokens = (double)group(length), products = tokens * LAYERS * 2. * (4. * HIDDEN * HIDDEN + 2. * HIDDEN * INNER);
    const double attention = tokens * LAYERS * 4. * (double)length * HIDDEN;
    const mk_precision attends = s->wide ? MK_BF16 : MK_F32;
    pass *passes[2] = {allocate(PASSES * (int64_t)sizeof(pass)), allocate(PASSES * (int64_t)sizeof(pass))};
    int counts[2] = {0, 0};
    double top = peak(t, s->precision), top_attention = peak(t, attends);
    for (const double end = seconds() + budget; counts[1] < PASSES && (seconds() < end || counts[1] == 0);) {
        s->apart = counts[0] > counts[1];
        pass *p = &passes[s->apart][counts[s->apart]++];
        memset(s->seconds, 0, sizeof s->seconds);
        const double start = seconds();
        forward(s, length);
        p->taken = seconds() - start;
        memcpy(p->parts, s->seconds, sizeof p->parts);
        const double next = peak(t, s->precision), next_attention = peak(t, attends);
        p->top = fmax(top, next);
        p->share = (products / p->top + attention / fmax(top_attention, next_attention)) / p->taken;
        top = next;
        top_attention = next_attention;
    }
    for (int i = 0; i < 2; i++) qsort(passes[i], (size_t)counts[i], sizeof(pass), by_share);
    const pass whole = passes[0][counts[0] / 2], p = passes[1][counts[1] / 2];
    printf("%s %-4s texts of %3d tokens: %6.0f tokens/s, %4.1f %% of the ceiling; products %4.1f %% of the time at %4.1f %% of "
           "peak, attention %4.1f %%, norm %3.1f %%, quantise %3.1f %%\n",
           t->name, name, (int)length, tokens / whole.taken, 100 * whole.share, 100 * p.parts[PRODUCTS] / p.taken,
           100 * products / p.top / p.parts[PRODUCTS], 100 * p.parts[ATTENTION] / p.taken, 100 * p.parts[NORM] / p.taken,
           100 * p.parts[QUANTISE] / p.taken);
    fflush(stdout);
    free(passes[0]);
    free(passes[1]);
}

// forward [table [precision [seconds for each figure]]]
int main(int count, char **arguments) {
    const char *table = count > 1 ? arguments[1] : "all", *only = count > 2 ? arguments[2] : "all";
    const double budget = count > 3 ? atof(arguments[3]) : 1;
    static const char *names[] = {"f32", "bf16", "int8"};
    static const int64_t lengths[] = {12, 82, 512};
    for (int32_t i = 0; i < mk_kernels_count(); i++) {
        const mk_kernels *t = mk_kernels_at(i);
        const int wanted = strcmp(table, "all") ? !strcmp(table, t->name) : i == 0 || !strcmp(t->name, "avx2");
        for (int precision = 0; wanted && precision < 3; precision++) {
            if (strcmp(only, "all") && strcmp(only, names[precision])) continue;
            state s = make_state(t, (mk_precision)precision);
            for (int l = 0; l < 3; l++) measure(&s, names[precision], lengths[l], budget);
        }
    }
    return 0;
}
