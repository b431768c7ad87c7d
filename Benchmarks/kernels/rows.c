// Time of attention, layer norm and quantising at MiniLM's and BERT-base's sizes. See ./run --help.
#include "bench.h"

static void attention(const mk_kernels *t, int bf16, int64_t tokens, int64_t heads, int64_t size, double budget) {
    const int64_t ld = 3 * heads * size, element = bf16 ? 2 : 4;
    char *qkv = allocate(tokens * ld * element), *out = allocate(tokens * heads * size * element);
    void *scratch = allocate(mk_attention_scratch(t, bf16 ? MK_BF16 : MK_F32, tokens, size));
    for (int64_t i = 0; i < tokens * ld; i++) {
        const float x = uniform();
        if (bf16) memcpy(qkv + i * 2, (const char *)&x + 2, 2);
        else ((float *)qkv)[i] = x;
    }
    const mk_attention a = {.tokens = tokens, .heads = heads, .head_size = size, .q = qkv, .k = qkv + heads * size * element,
                            .v = qkv + 2 * heads * size * element, .ld = ld, .out = out, .ldo = heads * size,
                                .scale = 1 / sqrtf((float)size),
                            .scratch = scratch};
    double best;
    BEST(best, budget, t->attention[bf16](&a));
    printf("  attention %-4s %4d tokens, %2d heads of %2d: %8.2f us, %6.1f ns a token, %5.1f %% of peak\n", bf16 ? "bf16" : "f32",
        (int)tokens,
           (int)heads, (int)size, best * 1e6, best * 1e9 / (double)tokens,
           400. * (double)(tokens * tokens * heads * size) / best / peak(t, bf16 ? MK_BF16 : MK_F32));
    free(scratch);
    free(out);
    free(qkv);
}

static void rows(const mk_kernels *t, int64_t m, int64_t n, double budget) {
    float *x = allocate(m * n * 4), *y = allocate(m * n * 4), *gamma = allocate(n * 4), *beta = allocate(n * 4);
    float *scale = allocate(m * 4), *shift = allocate(m * 4);
    uint16_t *half = allocate(m * n * 2);
    uint8_t *bytes = allocate(m * n);
    for (int64_t i = 0; i < m * n; i++) x[i] = uniform();
    for (int64_t i = 0; i < n; i++) gamma[i] = 1;
    mk_norm norm = {.m = m, .n = n, .x = x, .ldx = n, .gamma = gamma, .beta = beta, .eps = 1e-6f, .y = y, .ldy = n};
    const mk_quantise quantise = {.m = m, .n = n, .x = x, .ldx = n, .y = bytes, .ldy = n, .scale = scale, .shift = shift};
    double plain, u8, bf16, quantised;
    BEST(plain, budget, t->norm(&norm));
    norm.y_bf16 = half;
    norm.ldy_bf16 = n;
    BEST(bf16, budget, t->norm(&norm));
    norm.y_bf16 = NULL;
    norm.y_u8 = bytes;
    norm.ldy_u8 = n;
    norm.u8_scale = scale;
    norm.u8_shift = shift;
    BEST(u8, budget, t->norm(&norm));
    BEST(quantised, budget, t->quantise(&quantise));
    printf("  a row of %4d: norm %6.1f ns, with bf16 %6.1f, with u8 %6.1f; quantise %6.1f\n", (int)n, plain * 1e9 / (double)m,
           bf16 * 1e9 / (double)m, u8 * 1e9 / (double)m, quantised * 1e9 / (double)m);
    free(bytes);
    free(half);
    free(shift);
    free(scale);
    free(beta);
    free(gamma);
    free(y);
    free(x);
}

// rows [table [seconds for each figure]]
int main(int count, char **arguments) {
    const char *table = count > 1 ? arguments[1] : "all";
    const double budget = count > 2 ? atof(arguments[2]) : 0.02;
    static const int64_t tokens[] = {4, 12, 82, 512};
    for (int32_t i = 0; i < mk_kernels_count(); i++) {
        const mk_kernels *t = mk_kernels_at(i);
        const int wanted = strcmp(table, "all") ? !strcmp(table, t->name) : i == 0 || !strcmp(t->name, "avx2");
        if (!wanted) continue;
        printf("%s\n", t->name);
        for (int bf16 = 0; bf16 < 2; bf16++)
            for (size_t n = 0; n < sizeof tokens / 8; n++) {
                attention(t, bf16, tokens[n], 12, 32, budget);
                attention(t, bf16, tokens[n], 12, 64, budget);
            }
        rows(t, 128, 384, budget);
        rows(t, 128, 1536, budget);
    }
    return 0;
}
