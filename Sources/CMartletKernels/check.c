// Holds a table's operations against `scalar` on a few fixed numbers, before a table is used on a CPU, a hypervisor or an emulator that
// nobody has run it on. Tests/Kernels is the test; this finds an instruction that computes something else.
#include <math.h>
#include <string.h>
#include "include/martlet_cpu.h"
#include "tables.h"

// Products of these numbers are exact in every order of sums, so they must be equal. int8 and int4: 255 * 127 or 255 * 120
// beside each other, where sums of 16 bits would saturate; the scale of these weights of int4 is 1. bf16 and f32: eighths. The rows are more than the half of the largest tile.
enum { ROWS = 17, COLUMNS = 33, DEPTH = 70, WIDEST = 32, PADDED = COLUMNS + WIDEST };

static void product(const mk_kernels *table, mk_precision precision, float *c) {
    static const float int8[7] = {127, -127, 127, 1, -64, 90, -3}, int4[7] = {-120, 105, -120, 15, -60, 90, -45};
    const float *pattern = precision == MK_INT4 ? int4 : int8;
    const int64_t k = DEPTH;
    _Alignas(64) char panels[PADDED * (DEPTH + 4) * 4], a[ROWS * (DEPTH + 6) * 4];
    _Alignas(64) float w[COLUMNS * DEPTH], b_scale[PADDED] = {0}, b_sum[PADDED] = {0}, a_scale[ROWS], a_shift[ROWS];
    const int bytes = precision >= MK_INT8;
    const int64_t element = bytes ? 1 : 4 >> precision, lda = (k + 3) / 4 * 4 * element;
    memset(panels, 0, sizeof panels);
    memset(a, 0, sizeof a);
    for (int64_t i = 0; i < COLUMNS * k; i++) w[i] = bytes ? pattern[i % k < 2 ? 0 : i % 7] : (float)(i * 5 % 31 - 15) / 8;
    for (int64_t i = 0; i < ROWS; i++) {
        a_scale[i] = 1;
        a_shift[i] = (float)(2 * i);
        for (int64_t j = 0; j < k; j++) {
            const float x = (float)((i + j * 3) % 29 - 14) / 8;
            uint32_t bits;
            memcpy(&bits, &x, 4);
            const uint16_t half = (uint16_t)(bits >> 16);
            char *to = a + i * lda + j * element;
            if (precision == MK_F32) memcpy(to, &x, 4);
            if (precision == MK_BF16) memcpy(to, &half, 2);
            if (bytes) *(uint8_t *)to = (uint8_t)(j < 40 ? 255 : (i * 7 + j * 13) % 256);
        }
    }
    const mk_pack pack = {.n = COLUMNS, .k = k, .w = w, .ldw = k, .b = panels, .b_scale = b_scale, .b_scale_stride = PADDED, .b_sum = b_sum};
    table->pack[precision](&pack);
    const mk_gemm g = {.m = ROWS, .n = COLUMNS, .k = k, .a = a, .lda = lda, .a_scale = bytes ? a_scale : NULL,
                       .a_shift = bytes ? a_shift : NULL, .b = panels, .b_scale = b_scale, .b_scale_stride = PADDED,
                       .b_sum = b_sum, .c = c, .ldc = COLUMNS};
    table->gemm[precision](&g);
}

static float widened(uint16_t half) {
    const uint32_t bits = (uint32_t)half << 16;
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

enum { TOKENS = 27, HEAD = 16 };
static void attention(const mk_kernels *table, mk_attention_form form, int general, float *out) {
    const int bf16 = form == MK_ROWS_BF16;
    _Alignas(64) char qkv[(TOKENS * 3 * HEAD + 16) * 4] = {0}, context[TOKENS * HEAD * 4] = {0}, scratch[64 << 10];
    for (int64_t i = 0; i < TOKENS * 3 * HEAD; i++) {
        const float x = (float)((i * 11) % 61 - 30) / 16;
        uint32_t bits;
        memcpy(&bits, &x, 4);
        const uint16_t half = (uint16_t)(bits >> 16);
        if (bf16) memcpy(qkv + i * 2, &half, 2);
        else memcpy(qkv + i * 4, &x, 4);
    }
    if (mk_attention_scratch(table, bf16 ? MK_BF16 : MK_F32, TOKENS, HEAD) > (int64_t)sizeof scratch) return;
    const int64_t element = bf16 ? 2 : 4;
    const mk_attention p = {.tokens = TOKENS, .heads = 1, .head_size = HEAD, .q = qkv, .k = qkv + HEAD * element, .v = qkv + 2 * HEAD * element,
                            .ld = 3 * HEAD, .out = context, .ldo = HEAD, .scale = 0.25f, .scratch = scratch};
    (general ? table->attention_general : table->attention)[form](&p);
    for (int64_t i = 0; i < TOKENS * HEAD; i++) {
        uint16_t half;
        memcpy(&half, context + i * 2, 2);
        if (bf16) out[i] = widened(half);
        else memcpy(out + i, context + i * 4, 4);
    }
}

enum { NORM_ROWS = 5, NORM_WIDTH = 71 };
typedef struct {
    float y[NORM_ROWS * NORM_WIDTH], gate[NORM_WIDTH], head[2 * HEAD], scale[2 * NORM_ROWS], shift[2 * NORM_ROWS], dot;
    uint16_t half[NORM_ROWS * NORM_WIDTH];
    uint8_t bytes[NORM_ROWS * (NORM_WIDTH + 1)];  // quantised from x, which is the same for all tables
} row_results;
static void row_operations(const mk_kernels *table, row_results *r) {
    float x[NORM_ROWS * NORM_WIDTH], gamma[NORM_WIDTH], beta[NORM_WIDTH], cosine[HEAD], sine[HEAD];
    memset(r, 0, sizeof *r);
    for (int i = 0; i < NORM_ROWS * NORM_WIDTH; i++) x[i] = (float)(i * 37 % 101 - 50) / 16;
    for (int i = 0; i < NORM_WIDTH; i++) gamma[i] = 1 + (float)(i % 5) / 8, beta[i] = (float)(i % 3) / 4;
    for (int i = 0; i < HEAD; i++) cosine[i] = 0.8f, sine[i] = 0.6f;
    const mk_norm n = {.m = NORM_ROWS, .n = NORM_WIDTH, .x = x, .ldx = NORM_WIDTH, .gamma = gamma, .beta = beta, .eps = 1e-6f, .y = r->y,
                       .ldy = NORM_WIDTH, .y_bf16 = r->half, .ldy_bf16 = NORM_WIDTH};
    table->norm(&n);
    const mk_quantise q = {.m = NORM_ROWS, .n = NORM_WIDTH, .x = x, .ldx = NORM_WIDTH, .y = r->bytes, .ldy = NORM_WIDTH + 1,
                           .scale = r->scale, .shift = r->shift};
    table->quantise(&q);
    const mk_gate g = {.m = 1, .n = NORM_WIDTH, .a = x, .b = x + NORM_WIDTH, .y = r->gate, .activation = MK_SILU};
    table->gate(&g);
    memcpy(r->head, x, sizeof r->head);
    const mk_heads h = {.tokens = 2, .heads = 1, .head_size = HEAD, .x = r->head, .ld = HEAD, .gamma = gamma, .eps = 1e-6f,
                        .rotated = HEAD / 2, .cosine = cosine, .sine = sine};
    table->heads[0](&h);
    r->dot = table->dot(x, gamma, NORM_WIDTH);
    table->add_scaled(r->gate, x, 0.5f, NORM_WIDTH);
}

// NaN is never close.
static bool close_to(const float *a, const float *b, int64_t count, float tolerance) {
    for (int64_t i = 0; i < count; i++)
        if (!(fabsf(a[i] - b[i]) <= tolerance)) return false;
    return true;
}

static bool attentions_agree(const mk_kernels *table, mk_attention_form form, float tolerance) {
    float found[TOKENS * HEAD] = {NAN}, expected[TOKENS * HEAD];
    for (int general = 0; general < 2; general++) {
        attention(table, form, general, found);
        attention(&mk_kernels_scalar, form, general, expected);
        if (!close_to(found, expected, TOKENS * HEAD, tolerance)) return false;
    }
    return true;
}

static bool products_agree(const mk_kernels *table, mk_precision precision) {
    float found[ROWS * COLUMNS], expected[ROWS * COLUMNS];
    product(table, precision, found);
    product(&mk_kernels_scalar, precision, expected);
    return close_to(found, expected, ROWS * COLUMNS, 0);
}

bool mk_agrees_with_scalar(const mk_kernels *table, mk_operation operation) {
    switch (operation) {
    case MK_PRODUCTS_F32:
    case MK_PRODUCTS_BF16:
        return products_agree(table, (mk_precision)operation);
    case MK_PRODUCTS_INT8: return products_agree(table, MK_INT8) && products_agree(table, MK_INT4);
    case MK_ATTENTION_F32: return attentions_agree(table, MK_ROWS_F32, 1e-5f);
    case MK_ATTENTION_BF16: return attentions_agree(table, MK_ROWS_BF16, 0.02f);
    case MK_ATTENTION_INT8: return attentions_agree(table, MK_ROWS_F32_OF_INT8, 0.01f);
    case MK_ROW_OPERATIONS: {
        row_results found, expected;
        row_operations(table, &found);
        row_operations(&mk_kernels_scalar, &expected);
        for (int i = 0; i < NORM_ROWS * NORM_WIDTH; i++)
            if (!(fabsf(widened(found.half[i]) - found.y[i]) <= fabsf(found.y[i]) / 256)) return false;
        return close_to(found.y, expected.y, NORM_ROWS * NORM_WIDTH, 1e-5f) && close_to(found.gate, expected.gate, NORM_WIDTH, 2e-5f) &&
               close_to(found.head, expected.head, 2 * HEAD, 1e-5f) && close_to(&found.dot, &expected.dot, 1, 1e-4f) &&
               close_to(found.scale, expected.scale, NORM_ROWS, 0) && close_to(found.shift, expected.shift, NORM_ROWS, 0) &&
               memcmp(found.bytes, expected.bytes, sizeof found.bytes) == 0;
    }
    case MK_OPERATION_COUNT: break;
    }
    return true;
}
