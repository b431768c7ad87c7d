// Share of the machine's peak that the matrix products reach, by shape: the median of several slices, each the least time held against
// the peak measured just before and just after it, as the clock changes. Rows lie as in the library. See ./run --help.
#include "bench.h"

enum { SLICES = 7 };

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const mk_kernels *t, mk_precision precision, mk_activation activation, double budget) {
    static const int64_t shapes[][2] = {{1152, 384}, {384, 384}, {1536, 384}, {384, 1536}}, ms[] = {1, 2, 4, 8, 32, 128, 512, 2048};
    const mk_precision products = precision == MK_INT4 ? MK_INT8 : precision; // an int4 product is one of int8
    static const char *names[] = {"f32", "bf16", "int8", "int4"};
    printf("%s %s%s, peak %.0f G/s\n      N     K |", t->name, names[precision], activation == MK_GELU_ERF ? " with bias and GELU" : "",
        peak(t, products) * 1e-9);
    for (size_t m = 0; m < sizeof ms / 8; m++) printf(" M=%-5d", (int)ms[m]);
    printf("\n");
    for (size_t s = 0; s < 4; s++) {
        const int64_t n = shapes[s][0], k = shapes[s][1], most = 2048, size = 4 >> products;
        float *w = allocate(n * k * 4), *scale = allocate((k / MK_INT8_GROUP + 1) * n * 4), *sum = allocate(n * 4), *bias = allocate(n * 4);
        // What is wider than the residual stream stays in bf16 between the products, but for those of f32.
        const int64_t lda = row_bytes(k, size), c_bf16 = precision != MK_F32 && n > 384, element = c_bf16 ? 2 : 4, ldc = row_bytes(n, element);
        float *a_scale = allocate(most * 4), *a_shift = allocate(most * 4);
        char *a = allocate(most * lda), *c = allocate(most * ldc);
        void *panels = allocate(mk_packed_bytes(t, precision, n, k));
        for (int64_t i = 0; i < n * k; i++) w[i] = uniform() / sqrtf((float)k);
        for (int64_t i = 0; i < most * lda / size; i++) {
            const float x = uniform();
            if (precision == MK_F32) ((float *)a)[i] = x;
            else if (products == MK_INT8) ((uint8_t *)a)[i] = (uint8_t)(x * 127 + 128);
            else memcpy(a + i * 2, (const char *)&x + 2, 2);
        }
        for (int64_t i = 0; i < most; i++) {
            a_scale[i] = 1 / 127.f;
            a_shift[i] = 128 / 127.f;
        }
        const mk_pack pack = {.n = n, .k = k, .w = w, .ldw = k, .b = panels, .b_scale = scale, .b_scale_stride = n, .b_sum = sum};
        t->pack[precision](&pack);
        printf("  %5d %5d |", (int)n, (int)k);
        for (size_t m = 0; m < sizeof ms / 8; m++) {
            const mk_gemm g = {.m = ms[m], .n = n, .k = k, .a = a, .lda = lda, .b = panels, .b_scale = scale, .b_scale_stride = n,
                               .b_sum = sum,
                               .a_scale = products == MK_INT8 ? a_scale : NULL, .a_shift = products == MK_INT8 ? a_shift : NULL,
                               .bias = activation || products == MK_INT8 ? bias : NULL, .c = c, .ldc = ldc / element, .c_bf16 = (int32_t)c_bf16, .activation = activation};
            double shares[SLICES], before = peak(t, products);
            for (int slice = 0; slice < SLICES; slice++) {
                double best;
                BEST(best, budget / SLICES, t->gemm[precision](&g));
                const double after = peak(t, products), top = fmax(before, after);
                // A table without a peak of its own: shares of 1 G/s are G/s * 100.
                shares[slice] = 200. * (double)ms[m] * (double)n * (double)k / best / (top > 0 ? top : 1e9);
                before = after;
            }
            qsort(shares, SLICES, sizeof *shares, by_value);
            printf(" %5.1f %%", shares[SLICES / 2]);
        }
        printf("\n");
        fflush(stdout);
        free(panels);
        free(a);
        free(c);
        free(a_shift);
        free(a_scale);
        free(bias);
        free(sum);
        free(scale);
        free(w);
    }
}

// gemm [table [precision [seconds for each figure]]]
int main(int count, char **arguments) {
    const char *table = count > 1 ? arguments[1] : "all", *only = count > 2 ? arguments[2] : "all";
    const double budget = count > 3 ? atof(arguments[3]) : 0.02;
    static const char *names[] = {"f32", "bf16", "int8", "int4"};
    for (int32_t i = 0; i < mk_kernels_count(); i++) {
        const mk_kernels *t = mk_kernels_at(i);
        const int wanted = strcmp(table, "all") ? !strcmp(table, t->name) : i == 0 || !strcmp(t->name, "avx2");
        if (!wanted) continue;
        for (int precision = 0; precision <= MK_INT4; precision++) {
            if (strcmp(only, "all") && strcmp(only, names[precision])) continue;
            measure(t, (mk_precision)precision, MK_IDENTITY, budget);
            measure(t, (mk_precision)precision, MK_GELU_ERF, budget);
        }
    }
    return 0;
}
