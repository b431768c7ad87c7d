// Compares every kernel table that this machine runs with the scalar one. Plain C, so that it also runs under an emulator:
// Scripts/test-neon.sh builds it for 64-bit Arm, and with the tiles of AMX in C. Exits 1 and names the case if anything differs.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../Sources/CMartletKernels/include/martlet_cpu.h"

static int failures = 0, checks = 0;
static const mk_kernels *scalar;

#define CHECK(ok, ...) \
    do { \
        checks++; \
        if (!(ok) && failures++ < 20) { \
            printf("FAILED: "); \
            printf(__VA_ARGS__); \
            printf("\n"); \
        } \
    } while (0)

static uint64_t state = 1;
static float uniform(void) {  // [-1, 1)
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (float)(int32_t)(state >> 32) / 2147483648.f;
}
static void *zeroed(size_t bytes) {
    void *p = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!p) abort();
    return memset(p, 0, (bytes + 127) / 64 * 64);
}
static uint16_t to_bf16(float x) {
    uint32_t u;
    memcpy(&u, &x, 4);
    return (uint16_t)((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}
static float from_bf16(uint16_t h) {
    uint32_t u = (uint32_t)h << 16;
    float x;
    memcpy(&x, &u, 4);
    return x;
}
static int close_to(float a, float b, float tolerance) { return fabsf(a - b) <= tolerance; }

// One product by one table into a fresh [m, n + 3] array whose last columns must stay as they were. With `steps`, what is done to whole
// rows afterwards is done in the product and, to a copy of its output, by itself: the bits must be the same.
static void test_steps(const mk_kernels *t, mk_precision precision, mk_gemm g, const void *c);
static float *product(const mk_kernels *t, mk_precision precision, mk_gemm g, const float *w, int bias, int steps) {
    const int64_t width = t->panel_width, padded = (g.n + width - 1) / width * width;
    const int64_t groups = (g.k + MK_INT8_GROUP - 1) / MK_INT8_GROUP;
    float *scale = zeroed((size_t)(groups * padded) * 4), *sum = zeroed((size_t)padded * 4), *offsets = zeroed((size_t)padded * 4);
    void *panels = zeroed((size_t)mk_packed_bytes(t, precision, g.n, g.k));
    const mk_pack pack = {.n = g.n, .k = g.k, .w = w, .ldw = g.k, .b = panels, .b_scale = scale, .b_scale_stride = padded, .b_sum = sum};
    t->pack[precision](&pack);
    for (int64_t j = 0; j < g.n; j++) offsets[j] = 0.01f * (float)(j % 13) - 0.05f;
    g.b = panels;
    g.b_scale = scale;
    g.b_scale_stride = padded;
    g.b_sum = sum;
    g.bias = bias ? offsets : NULL;
    g.ldc = g.n + 3;
    float *out = zeroed((size_t)(g.m * g.ldc) * 4);
    uint16_t *half = g.c_bf16 ? zeroed((size_t)(g.m * g.ldc) * 2) : NULL;
    for (int64_t i = 0; i < g.m * g.ldc; i++) {
        out[i] = 7;
        if (half) half[i] = to_bf16(7);
    }
    g.c = half ? (void *)half : (void *)out;
    t->gemm[precision](&g);
    if (steps) test_steps(t, precision, g, g.c);
    if (half)
        for (int64_t i = 0; i < g.m * g.ldc; i++) out[i] = from_bf16(half[i]);
    free(half);
    free(panels);
    free(offsets);
    free(sum);
    free(scale);
    return out;
}

static void test_steps(const mk_kernels *t, mk_precision precision, mk_gemm g, const void *c) {
    const size_t bytes = (size_t)(g.m * g.ldc) * (g.c_bf16 ? 2 : 4), narrow = (size_t)(g.m * (g.n + 3));
    float *gamma = zeroed((size_t)g.n * 4), *beta = zeroed((size_t)g.n * 4), *scale[2], *shift[2];
    void *copy[2];
    uint8_t *u8[2];
    for (int64_t i = 0; i < g.n; i++) gamma[i] = 1 + 0.1f * uniform(), beta[i] = 0.2f * uniform();
    for (int which = 0; which < 2; which++) {
        copy[which] = zeroed(bytes);
        u8[which] = zeroed(narrow);
        scale[which] = zeroed((size_t)g.m * 4);
        shift[which] = zeroed((size_t)g.m * 4);
        memcpy(copy[which], c, bytes);
        const mk_norm n = {.m = g.m, .n = g.n, .x = copy[which], .ldx = g.ldc, .gamma = gamma, .beta = beta, .eps = 1e-6f, .y = copy[which],
                           .ldy = g.ldc, .y_u8 = u8[which], .ldy_u8 = g.n + 3, .u8_scale = scale[which], .u8_shift = shift[which]};
        const mk_quantise q = {.m = g.m, .n = g.n, .x = copy[which], .x_bf16 = g.c_bf16, .ldx = g.ldc, .y = u8[which], .ldy = g.n + 3,
                               .scale = scale[which], .shift = shift[which]};
        if (which) {
            g.c = copy[which];
            g.norm = g.c_bf16 ? NULL : &n;
            g.quantise = g.c_bf16 ? &q : NULL;
            t->gemm[precision](&g);
        } else if (g.c_bf16) {
            t->quantise(&q);
        } else {
            t->norm(&n);
        }
    }
    CHECK(memcmp(copy[0], copy[1], bytes) == 0 && memcmp(u8[0], u8[1], narrow) == 0 && memcmp(scale[0], scale[1], (size_t)g.m * 4) == 0 &&
              memcmp(shift[0], shift[1], (size_t)g.m * 4) == 0,
          "%s gemm precision %d m %d n %d: %s in the product differs", t->name, precision, (int)g.m, (int)g.n, g.c_bf16 ? "quantise" : "norm");
    for (int which = 0; which < 2; which++) {
        free(copy[which]);
        free(u8[which]);
        free(scale[which]);
        free(shift[which]);
    }
    free(gamma);
    free(beta);
}

static void test_gemm(const mk_kernels *t, int64_t m, int64_t n, int64_t k, mk_activation activation, int bias, int with_residual,
    int c_bf16) {
    const int64_t stride = (k + 3) / 4 * 4;
    float *x = zeroed((size_t)(m * k) * 4), *w = zeroed((size_t)(n * k) * 4), *residual = zeroed((size_t)(m * n) * 4);
    float *a_scale = zeroed((size_t)m * 4), *a_shift = zeroed((size_t)m * 4);
    for (int64_t i = 0; i < m * k; i++) x[i] = uniform() * 2;
    for (int64_t i = 0; i < n * k; i++) w[i] = uniform();
    for (int64_t i = 0; i < m * n; i++) residual[i] = uniform();
    for (int precision = 0; precision <= MK_INT4; precision++) {
        const int size = precision >= MK_INT8 ? 1 : 4 >> precision;
        char *a = zeroed((size_t)(m * stride * size));
        if (precision >= MK_INT8) {
            const mk_quantise q = {.m = m, .n = k, .x = x, .ldx = k, .y = (uint8_t *)a, .ldy = stride, .scale = a_scale,
                .shift = a_shift};
            scalar->quantise(&q);
        } else {
            for (int64_t i = 0; i < m; i++)
                for (int64_t j = 0; j < k; j++) {
                    if (precision) ((uint16_t *)a)[i * stride + j] = to_bf16(x[i * k + j]);
                    else ((float *)a)[i * stride + j] = x[i * k + j];
                }
        }
        mk_gemm g = {.m = m, .n = n, .k = k, .a = a, .lda = stride * size, .residual = with_residual ? residual : NULL, .ldr = n,
                     .c_bf16 = c_bf16, .activation = activation};
        if (precision >= MK_INT8) {
            g.a_scale = a_scale;
            g.a_shift = a_shift;
        }
        float *expected = product(scalar, precision, g, w, bias, 0), *found = product(t, precision, g, w, bias, 1);
        const float tolerance = (precision >= MK_INT8 ? 1e-5f : 2e-6f) * sqrtf((float)k + 16) * 2 +
                                (precision && activation == MK_GELU_ERF ? 1.2e-4f : 0);  // the short form
        for (int64_t i = 0; i < m * (n + 3); i++) {
            const float slack = i % (n + 3) >= n ? 0 : tolerance + (c_bf16 ? fabsf(expected[i]) / 128 : 0);
            CHECK(close_to(found[i], expected[i], slack), "%s gemm precision %d m %d n %d k %d activation %d, row %d column %d: %g, "
                "expected %g",
                  t->name, precision, (int)m, (int)n, (int)k, activation, (int)(i / (n + 3)), (int)(i % (n + 3)), found[i], expected[i]);
        }
        // The last row alone has the same bits.
        mk_gemm one = g;
        one.m = 1;
        one.a = a + (m - 1) * g.lda;
        if (with_residual) one.residual = residual + (m - 1) * n;
        if (precision >= MK_INT8) {
            one.a_scale += m - 1;
            one.a_shift += m - 1;
        }
        float *alone = product(t, precision, one, w, bias, 0);
        CHECK(memcmp(alone, found + (m - 1) * (n + 3), (size_t)n * 4) == 0, "%s gemm precision %d m %d n %d k %d: a row alone differs",
            t->name,
              precision, (int)m, (int)n, (int)k);
        free(alone);
        free(found);
        free(expected);
        free(a);
    }
    free(a_shift);
    free(a_scale);
    free(residual);
    free(w);
    free(x);
}

// Products of which some rows have 16 bits a value. Shifts are those of the table that rounded the rows.
static void test_fine_gemm(const mk_kernels *t, int64_t m, int64_t n, int64_t k) {
    const int64_t stride = (k + 3) / 4 * 4;
    float *x = zeroed((size_t)(m * k) * 4), *w = zeroed((size_t)(n * k) * 4), *factor = zeroed((size_t)m * 4), *c[2];
    uint16_t *h = zeroed((size_t)(m * k) * 2);
    for (int64_t i = 0; i < m * k; i++) h[i] = to_bf16(x[i] = uniform() * 2);
    for (int64_t i = 0; i < n * k; i++) w[i] = uniform();
    for (int64_t i = 0; i < m; i++) factor[i] = i % 3 == 1 ? 0 : 1 / 256.f;
    uint8_t *a[2], *low[2];
    float *scale[2], *shift[2];
    for (int bf16 = 0; bf16 < 2; bf16++) {
        for (int which = 0; which < 2; which++) {
            a[which] = zeroed((size_t)(m * stride));
            low[which] = zeroed((size_t)(m * stride));
            scale[which] = zeroed((size_t)m * 4);
            shift[which] = zeroed((size_t)m * 4);
            const mk_kernels *table = which ? t : scalar;
            const mk_quantise q = {.m = m, .n = k, .x = bf16 ? (void *)h : (void *)x, .x_bf16 = bf16, .ldx = k, .y = a[which], .ldy = stride,
                                   .scale = scale[which], .shift = shift[which], .low = low[which], .ld_low = stride, .low_factor = factor};
            table->quantise(&q);
            const mk_gemm g = {.m = m, .n = n, .k = k, .a = a[which], .lda = stride, .a_scale = scale[which], .a_shift = shift[which],
                               .a_low = low[which], .lda_low = stride, .a_low_factor = factor};
            c[which] = product(table, MK_INT8, g, w, 1, which);
            for (int64_t i = 0; which && i < m; i++) {
                mk_gemm one = g;
                one.m = 1;
                one.a = a[1] + i * stride;
                one.a_scale += i;
                one.a_shift += i;
                one.a_low = factor[i] == 0 ? NULL : low[1] + i * stride;
                one.a_low_factor += i;
                float *alone = product(t, MK_INT8, one, w, 1, 0);
                CHECK(memcmp(alone, c[1] + i * (n + 3), (size_t)n * 4) == 0, "%s fine gemm m %d n %d k %d: row %d alone differs", t->name, (int)m,
                      (int)n, (int)k, (int)i);
                free(alone);
            }
        }
        CHECK(memcmp(a[0], a[1], (size_t)(m * stride)) == 0 && memcmp(low[0], low[1], (size_t)(m * stride)) == 0 &&
                  memcmp(scale[0], scale[1], (size_t)m * 4) == 0,
              "%s fine quantise bf16 %d m %d k %d differs", t->name, bf16, (int)m, (int)k);
        for (int64_t i = 0; i < m * k; i++) {
            const int64_t row = i / k, at = row * stride + i % k;
            if (factor[row] == 0) continue;
            const float zero = rintf((shift[0][row] - 0.5f * scale[0][row]) / scale[0][row]), value = bf16 ? from_bf16(h[i]) : x[i];
            const float found = scale[0][row] * ((float)a[0][at] - zero + ((float)low[0][at] - 128) / 256);
            CHECK(close_to(found, value, scale[0][row] * 0.0045f), "scalar fine quantise k %d at %d: %g, expected %g", (int)k, (int)i, found, value);
        }
        for (int64_t i = 0; i < m * (n + 3); i++)
            CHECK(close_to(c[1][i], c[0][i], i % (n + 3) >= n ? 0 : 1e-5f * sqrtf((float)k + 16) * 2),
                  "%s fine gemm m %d n %d k %d, row %d column %d: %g, expected %g", t->name, (int)m, (int)n, (int)k, (int)(i / (n + 3)),
                  (int)(i % (n + 3)), c[1][i], c[0][i]);
        for (int which = 0; which < 2; which++) {
            free(a[which]);
            free(low[which]);
            free(scale[which]);
            free(shift[which]);
            free(c[which]);
        }
    }
    free(h);
    free(factor);
    free(w);
    free(x);
}

// What a query sees, how many heads of keys there are, and whether distances have a bias; the first one is plain attention.
static const struct {
    int64_t before, after, key_heads;
    int masked, bias, general;
} forms[] = {{0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 1}, {1000, 0, 1, 1, 0, 1}, {5, 5, 0, 1, 1, 1}, {40, 0, 2, 1, 0, 1}, {0, 0, 1, 0, 1, 1},
             {17, 3, 0, 1, 1, 1}, {0, 0, 0, 1, 0, 1}};

static void test_attention(const mk_kernels *t, int64_t tokens, int64_t heads, int64_t size, float magnitude, int form) {
    const int64_t key_heads = forms[form].key_heads ? forms[form].key_heads : heads;
    const int64_t ld = (heads + 2 * key_heads) * size + 1, ldo = heads * size + 2, scored = (heads + key_heads) * size;
    float *bias = zeroed((size_t)(heads * 2 * tokens) * 4);
    for (int64_t i = 0; i < heads * 2 * tokens; i++) bias[i] = 2 * uniform();
    for (int rows = 0; rows < MK_ATTENTION_FORMS; rows++) {
        const int bf16 = rows == MK_ROWS_BF16, of_int8 = rows == MK_ROWS_F32_OF_INT8;
        const size_t element = bf16 ? 2 : 4;
        char *qkv = zeroed((size_t)(tokens * ld) * element);
        for (int64_t i = 0; i < tokens * ld; i++) {
            const float x = uniform() * (i % ld < scored ? magnitude : 1);
            if (bf16) ((uint16_t *)qkv)[i] = to_bf16(x);
            else ((float *)qkv)[i] = x;
        }
        float *out[2];
        for (int which = 0; which < 2; which++) {
            const mk_kernels *k = which ? t : scalar;
            char *c = zeroed((size_t)(tokens * ldo) * element);
            void *scratch = zeroed((size_t)mk_attention_scratch(k, bf16 ? MK_BF16 : MK_F32, tokens, size));
            memset(scratch, 0xff, (size_t)mk_attention_scratch(k, bf16 ? MK_BF16 : MK_F32, tokens, size));
            const mk_attention a = {.tokens = tokens, .heads = heads, .head_size = size, .q = qkv,
                                    .k = qkv + (size_t)(heads * size) * element,
                                    .v = qkv + (size_t)scored * element, .ld = ld, .out = c, .ldo = ldo, .scale = 1 / sqrtf((float)size),
                                    .scratch = scratch, .key_heads = forms[form].key_heads, .masked = forms[form].masked,
                                    .before = forms[form].before, .after = forms[form].after,
                                    .bias = forms[form].bias ? bias + tokens : NULL, .bias_stride = 2 * tokens};
            (forms[form].general ? k->attention_general : k->attention)[rows](&a);
            out[which] = zeroed((size_t)(tokens * ldo) * 4);
            for (int64_t i = 0; i < tokens * ldo; i++) out[which][i] = bf16 ? from_bf16(((uint16_t *)c)[i]) : ((float *)c)[i];
            free(scratch);
            free(c);
        }
        // Scores of size s carry an error of about s / 2^23, which the softmax turns into a relative one.
        const float score = magnitude * magnitude * sqrtf((float)size);
        // In an int8 pass 16-bit integers may stand for f32: 5e-3 for scores of common sizes, and for any a mean of values.
        const float tolerance = of_int8 ? (magnitude > 1 ? 2 : 5e-3f) : (bf16 ? 0.01f : 1e-5f) + 4e-7f * score;
        for (int64_t i = 0; i < tokens * ldo; i++)
            CHECK(close_to(out[1][i], out[0][i], tolerance), "%s attention %s form %d tokens %d heads %d size %d magnitude %g at %d: %g, "
                "expected %g",
                  t->name, bf16 ? "bf16" : of_int8 ? "int8" : "f32", form, (int)tokens, (int)heads, (int)size, magnitude, (int)i, out[1][i], out[0][i]);
        free(out[0]);
        free(out[1]);
        free(qkv);
    }
    free(bias);
}

// Queries from one on, whose keys and values lie in rows of their own, have the bits of the whole sequence's.
static void test_later_queries(const mk_kernels *t, int64_t tokens, int64_t skipped, int64_t size, int form) {
    const int64_t heads = 4, key_heads = forms[form].key_heads ? forms[form].key_heads : heads, scored = (heads + key_heads) * size;
    const int64_t ld = (heads + 2 * key_heads) * size + 1, ldo = heads * size + 2, ld_keys = 2 * key_heads * size + 3;
    float *bias = zeroed((size_t)(heads * 2 * tokens) * 4);
    for (int64_t i = 0; i < heads * 2 * tokens; i++) bias[i] = 2 * uniform();
    for (int rows = 0; rows < MK_ROWS_F32_OF_INT8; rows++) {
        const size_t element = rows == MK_ROWS_BF16 ? 2 : 4;
        char *qkv = zeroed((size_t)(tokens * ld) * element), *kv = zeroed((size_t)(tokens * ld_keys) * element);
        for (int64_t i = 0; i < tokens * ld; i++) {
            const float x = uniform();
            if (rows == MK_ROWS_BF16) ((uint16_t *)qkv)[i] = to_bf16(x);
            else ((float *)qkv)[i] = x;
        }
        for (int64_t i = 0; i < tokens; i++)
            memcpy(kv + (size_t)(i * ld_keys) * element, qkv + (size_t)(i * ld + heads * size) * element, (size_t)(2 * key_heads * size) * element);
        char *whole = zeroed((size_t)(tokens * ldo) * element), *later = zeroed((size_t)(tokens * ldo) * element);
        void *scratch = zeroed((size_t)mk_attention_scratch(t, rows == MK_ROWS_BF16 ? MK_BF16 : MK_F32, tokens, size));
        mk_attention a = {.tokens = tokens, .heads = heads, .head_size = size, .q = qkv, .k = qkv + (size_t)(heads * size) * element,
                          .v = qkv + (size_t)scored * element, .ld = ld, .out = whole, .ldo = ldo, .scale = 1 / sqrtf((float)size),
                          .scratch = scratch, .key_heads = forms[form].key_heads, .masked = forms[form].masked, .before = forms[form].before,
                          .after = forms[form].after, .bias = forms[form].bias ? bias + tokens : NULL, .bias_stride = 2 * tokens};
        t->attention_general[rows](&a);
        a.skipped = skipped;
        a.q = qkv + (size_t)(skipped * ld) * element;
        a.k = kv;
        a.v = kv + (size_t)(key_heads * size) * element;
        a.ld_keys = ld_keys;
        a.out = later;
        t->attention_general[rows](&a);
        for (int64_t i = 0; i < tokens - skipped; i++)
            CHECK(!memcmp(later + (size_t)(i * ldo) * element, whole + (size_t)((i + skipped) * ldo) * element, (size_t)(heads * size) * element),
                  "%s attention form %d of %d later queries of %d, size %d: row %d differs", t->name, form, (int)(tokens - skipped), (int)tokens,
                  (int)size, (int)i);
        free(whole);
        free(later);
        free(scratch);
        free(qkv);
        free(kv);
    }
    free(bias);
}

// Values of f32 or bf16 as floats.
static float value(const void *x, int bf16, int64_t i) { return bf16 ? from_bf16(((const uint16_t *)x)[i]) : ((const float *)x)[i]; }
static void *values(int64_t count, int bf16) {
    void *x = zeroed((size_t)count * (bf16 ? 2 : 4));
    for (int64_t i = 0; i < count; i++) {
        if (bf16) ((uint16_t *)x)[i] = to_bf16(uniform() * 3);
        else ((float *)x)[i] = uniform() * 3;
    }
    return x;
}

static void test_heads(const mk_kernels *t, int64_t tokens, int64_t heads, int64_t size, int64_t rotated, int has_gamma) {
    const int64_t ld = heads * size + 3, half = rotated / 2;
    float *cosine = zeroed((size_t)(tokens * half) * 4 + 4), *sine = zeroed((size_t)(tokens * half) * 4 + 4);
    float *gamma = zeroed((size_t)size * 4);
    for (int64_t i = 0; i < tokens * half; i++) cosine[i] = cosf((float)i), sine[i] = sinf((float)i);
    for (int64_t i = 0; i < size; i++) gamma[i] = 1 + 0.3f * uniform();
    for (int bf16 = 0; bf16 < 2; bf16++) {
        void *x[2] = {values(tokens * ld, bf16), zeroed((size_t)(tokens * ld) * 4)};
        memcpy(x[1], x[0], (size_t)(tokens * ld) * (bf16 ? 2 : 4));
        for (int which = 0; which < 2; which++) {
            const mk_heads p = {.tokens = tokens, .heads = heads, .head_size = size, .x = x[which], .ld = ld,
                                .gamma = has_gamma ? gamma : NULL, .eps = 1e-6f, .rotated = rotated, .cosine = cosine, .sine = sine};
            (which ? t : scalar)->heads[bf16](&p);
        }
        for (int64_t i = 0; i < tokens * ld; i++) {
            const float a = value(x[1], bf16, i), b = value(x[0], bf16, i);
            const float tolerance = i % ld >= heads * size ? 0 : 3e-6f + (bf16 ? fabsf(b) / 128 + 1e-6f : 0);
            CHECK(close_to(a, b, tolerance), "%s heads bf16 %d size %d rotated %d gamma %d at %d: %g, expected %g", t->name, bf16,
                  (int)size, (int)rotated, has_gamma, (int)i, a, b);
        }
        free(x[0]);
        free(x[1]);
    }
    free(cosine);
    free(sine);
    free(gamma);
}

static void test_gate(const mk_kernels *t, int64_t m, int64_t n, mk_activation activation) {
    const int64_t ldx = 2 * n + 1, ldy = n + 2;
    for (int bf16 = 0; bf16 < 2; bf16++) {
        char *x = values(m * ldx, bf16);
        void *y[2];
        for (int which = 0; which < 2; which++) {
            y[which] = zeroed((size_t)(m * ldy) * 4);
            const mk_gate p = {.m = m, .n = n, .a = x, .b = x + n * (bf16 ? 2 : 4), .ldx = ldx, .y = y[which], .ldy = ldy, .bf16 = bf16,
                               .activation = activation};
            (which ? t : scalar)->gate(&p);
        }
        for (int64_t i = 0; i < m * ldy; i++) {
            const float a = value(y[1], bf16, i), b = value(y[0], bf16, i);
            // 1.2e-4 of the short GELU, times at most 3.
            const float error = activation == MK_GELU_ERF ? 3.6e-4f : 1e-5f;
            CHECK(close_to(a, b, 8e-6f + (bf16 ? error + fabsf(b) / 128 : 0)),
                  "%s gate bf16 %d n %d activation %d at %d: %g, expected %g", t->name, bf16, (int)n, activation, (int)i, a, b);
        }
        free(x);
        free(y[0]);
        free(y[1]);
    }
}

static void test_rows(const mk_kernels *t, int64_t m, int64_t n, float offset, int rms) {
    const int64_t stride = (n + 3) / 4 * 4;
    float *x = zeroed((size_t)(m * n) * 4), *gamma = zeroed((size_t)n * 4), *beta = zeroed((size_t)n * 4);
    for (int64_t i = 0; i < m * n; i++) x[i] = uniform() * 3 + offset;
    for (int64_t i = 0; i < n; i++) gamma[i] = 1 + 0.1f * uniform(), beta[i] = 0.2f * uniform();
    // Every other width has factors of columns before the rounding to bytes.
    float *factor = zeroed((size_t)n * 4), *y[2], *scale[2], *shift[2];
    for (int64_t i = 0; i < n; i++) factor[i] = n % 2 ? 1 : 1 + 0.5f * uniform();
    uint16_t *h[2];
    uint8_t *u[2];
    for (int which = 0; which < 2; which++) {
        y[which] = zeroed((size_t)(m * n) * 4);
        h[which] = zeroed((size_t)(m * n) * 2);
        u[which] = zeroed((size_t)(m * stride));
        scale[which] = zeroed((size_t)m * 4);
        shift[which] = zeroed((size_t)m * 4);
        const mk_norm p = {.m = m, .n = n, .rms = rms, .x = x, .ldx = n, .gamma = gamma, .beta = beta, .eps = 1e-6f, .y = y[which], .ldy = n,
                           .y_bf16 = h[which], .ldy_bf16 = n, .y_u8 = u[which], .ldy_u8 = stride, .u8_scale = scale[which],
                           .u8_shift = shift[which], .u8_factor = n % 2 ? NULL : factor};
        (which ? t : scalar)->norm(&p);
    }
    const float tolerance = 1e-5f + 4e-6f * fabsf(offset);
    for (int64_t i = 0; i < m * n; i++) {
        const int64_t row = i / n, b = row * stride + i % n;
        CHECK(close_to(y[1][i], y[0][i], tolerance), "%s norm n %d offset %g at %d: %g, expected %g", t->name, (int)n, offset, (int)i,
            y[1][i], y[0][i]);
        CHECK(h[1][i] == to_bf16(y[1][i]), "%s norm n %d: bf16 is not the rounded f32 at %d", t->name, (int)n, (int)i);
        CHECK(close_to(scale[1][row] * (float)u[1][b] - shift[1][row], y[1][i] * factor[i % n], scale[1][row] * 0.501f + 1e-6f),
              "%s norm n %d: u8 is not the rounded f32 at %d", t->name, (int)n, (int)i);
    }
    for (int bf16 = 0; bf16 < 2; bf16++) {
        for (int64_t i = 0; i < m * n; i++) h[0][i] = to_bf16(x[i]);
        for (int which = 0; which < 2; which++) {
            const mk_quantise q = {.m = m, .n = n, .x = bf16 ? (void *)h[0] : (void *)x, .x_bf16 = bf16, .ldx = n, .y = u[which],
                .ldy = stride,
                                   .scale = scale[which], .shift = shift[which]};
            (which ? t : scalar)->quantise(&q);
        }
        CHECK(memcmp(u[0], u[1], (size_t)(m * stride)) == 0 && memcmp(scale[0], scale[1], (size_t)m * 4) == 0 &&
                  memcmp(shift[0], shift[1], (size_t)m * 4) == 0,
              "%s quantise bf16 %d n %d offset %g differs", t->name, bf16, (int)n, offset);
    }
    CHECK(close_to(t->dot(x, x + (m - 1) * n, n), scalar->dot(x, x + (m - 1) * n, n), 4e-6f * (float)n * (9 + offset * offset)),
        "%s dot n %d",
          t->name, (int)n);
    memcpy(y[0], y[1], (size_t)(m * n) * 4);
    scalar->add_scaled(y[0], x, 0.3f, n);
    t->add_scaled(y[1], x, 0.3f, n);
    for (int64_t i = 0; i < m * n; i++)
        CHECK(close_to(y[1][i], y[0][i], 1e-6f * (1 + fabsf(y[0][i]))), "%s add_scaled n %d at %d", t->name, (int)n, (int)i);
    for (int which = 0; which < 2; which++) {
        free(y[which]);
        free(h[which]);
        free(u[which]);
        free(scale[which]);
        free(shift[which]);
    }
    free(x);
    free(gamma);
    free(beta);
    free(factor);
}

static void test_table(const mk_kernels *t) {
    const int64_t ms[] = {1, 2, 3, 4, 5, 6, 7, 13, 14, 15, 29, 97, 225}, ns[] = {1, 7, 16, 33, 100}, ks[] = {1, 2, 3, 5, 16, 67, 801};
    const int64_t tokens[] = {1, 2, 3, 5, 12, 16, 31, 33, 47, 70, 129}, sizes[] = {1, 8, 10, 12, 32, 33, 64, 80, 256};
    const int64_t widths[] = {1, 7, 16, 36, 384, 1000};
    int variant = 0;
    for (size_t m = 0; m < sizeof ms / 8; m++)
        for (size_t n = 0; n < sizeof ns / 8; n++)
            for (size_t k = 0; k < sizeof ks / 8; k++, variant++)
                test_gemm(t, ms[m], ns[n], ks[k], (mk_activation)(variant % 7), variant % 2, variant % 3 == 0, variant % 5 == 0);
    test_gemm(t, 5, 130, 600, MK_GELU_ERF, 1, 0, 0);
    test_gemm(t, 17, 40, 1030, MK_IDENTITY, 0, 1, 1);
    test_fine_gemm(t, 1, 7, 1536);
    test_fine_gemm(t, 3, 33, 384);
    test_fine_gemm(t, 4, 130, 67);
    test_fine_gemm(t, 6, 200, 1030);
    test_fine_gemm(t, 40, 70, 600);
    for (size_t n = 0; n < sizeof tokens / 8; n++)
        for (size_t s = 0; s < sizeof sizes / 8; s++) {
            test_attention(t, tokens[n], 1, sizes[s], 40, 0);
            for (size_t form = 0; form < sizeof forms / sizeof forms[0]; form++)
                test_attention(t, tokens[n], forms[form].key_heads ? 4 : 2, sizes[s], 1, (int)form);
        }
    for (size_t form = 1; form < sizeof forms / sizeof *forms; form++)
        for (int64_t skipped = 1; skipped < 70; skipped += 17) {
            test_later_queries(t, 71, skipped, 64, (int)form);
            test_later_queries(t, 130, skipped, 20, (int)form);
        }
    test_attention(t, 600, 2, 32, 1, 0);
    // Several chunks of keys.
    for (size_t form = 1; t->chunk_rows && form < sizeof forms / sizeof *forms; form++) {
        test_attention(t, 600, forms[form].key_heads ? 4 : 2, 32, 1, (int)form);
        test_later_queries(t, 600, 273, 32, (int)form);
    }
    if (t->chunk_rows) test_attention(t, 600, 1, 32, 40, 0);
    test_attention(t, 513, 1, 64, 1, 0);
    for (size_t n = 0; n < sizeof widths / 8; n++) {
        test_rows(t, 3, widths[n], 0, 0);
        test_rows(t, 2, widths[n], 100, 0);
        test_rows(t, 2, widths[n], 1, 1);
        for (int activation = 0; activation < 7; activation++) test_gate(t, 3, widths[n], (mk_activation)activation);
    }
    for (size_t s = 0; s < sizeof sizes / 8; s++)
        for (int part = 0; part < 6; part++) test_heads(t, 5, 3, sizes[s], sizes[s] * (part / 2) / 4 * 2, part % 2);
    for (int operation = 0; operation < MK_OPERATION_COUNT; operation++)
        CHECK(mk_agrees_with_scalar(t, (mk_operation)operation), "%s: the check at load rejects its %s", t->name,
              mk_operation_name((mk_operation)operation));
    printf("%s agrees with scalar: %d comparisons, %d failures so far\n", t->name, checks, failures);
}

#ifdef MK_AMX_IN_C
// Tiles in C, with which a CPU without AMX runs the table, if it has what else it needs.
extern const mk_kernels mk_kernels_amx;
static void test_amx(void) {
    if (mk_kernels_amx.needs & ~mk_cpu_features() & ~((mk_features)1 << MK_AMX_INT8 | (mk_features)1 << MK_AMX_BF16))
        printf("amx: skipped: it needs AVX-512 with VNNI and BF16\n");
    else
        test_table(&mk_kernels_amx);
}
#endif

int main(void) {
    const int32_t tables = mk_kernels_count();
    scalar = mk_kernels_at(tables - 1);
    for (int32_t i = 0; i < tables - 1; i++) test_table(mk_kernels_at(i));
#ifdef MK_AMX_IN_C
    test_amx();
#endif
    return failures != 0;
}
