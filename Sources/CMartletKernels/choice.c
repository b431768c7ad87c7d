// Which table each operation is taken from.
#include <string.h>
#include "include/martlet_cpu.h"
#include "tables.h"

const mk_kernels *const *mk_all_kernels(int32_t *count) {
    static const mk_kernels *const best_first[] = {
#if defined(__x86_64__)
        &mk_kernels_amx, &mk_kernels_avx512bf16, &mk_kernels_avx512vnni, &mk_kernels_avx512, &mk_kernels_avxvnni, &mk_kernels_avx2,
#elif defined(__aarch64__)
        &mk_kernels_neoni8mm, &mk_kernels_neondot, &mk_kernels_neon,
#endif
        &mk_kernels_scalar,
    };
    *count = (int32_t)(sizeof best_first / sizeof *best_first);
    return best_first;
}

static bool has_all(mk_features features, const mk_kernels *table) { return (table->needs & ~features) == 0; }

// Table number `index` of those that this CPU runs, or NULL; *count: how many there are.
static const mk_kernels *runnable(int32_t index, int32_t *count) {
    int32_t all;
    const mk_kernels *const *tables = mk_all_kernels(&all), *found = NULL;
    *count = 0;
    for (int32_t t = 0; t < all; t++)
        if (has_all(mk_cpu_features(), tables[t]) && (*count)++ == index) found = tables[t];
    return found;
}
int32_t mk_kernels_count(void) {
    int32_t count;
    runnable(-1, &count);
    return count;
}
const mk_kernels *mk_kernels_at(int32_t index) {
    int32_t count;
    return runnable(index, &count);
}

const char *mk_operation_name(mk_operation operation) {
    static const char *const names[MK_OPERATION_COUNT] = {
        [MK_PRODUCTS_F32] = "f32 products",    [MK_PRODUCTS_BF16] = "bf16 products",   [MK_PRODUCTS_INT8] = "int8 products",
        [MK_ATTENTION_F32] = "f32 attention",  [MK_ATTENTION_BF16] = "bf16 attention", [MK_ATTENTION_INT8] = "int8 attention",
        [MK_ROW_OPERATIONS] = "row operations",
    };
    return names[operation];
}

// Copies an operation of `from` into `to`.
static void take(mk_kernels *to, const mk_kernels *from, mk_operation operation) {
    switch (operation) {
    case MK_PRODUCTS_BF16: to->has_bf16_dot = from->has_bf16_dot; break;
    case MK_PRODUCTS_INT8: to->has_int8_dot = from->has_int8_dot; break;
    default: break;
    }
    switch (operation) {
    case MK_PRODUCTS_F32:
    case MK_PRODUCTS_BF16:
    case MK_PRODUCTS_INT8:
        to->gemm[operation] = from->gemm[operation];
        to->pack[operation] = from->pack[operation];
        if (operation != MK_PRODUCTS_INT8) break;
        to->gemm[MK_INT4] = from->gemm[MK_INT4];
        to->pack[MK_INT4] = from->pack[MK_INT4];
        break;
    case MK_ATTENTION_F32:
    case MK_ATTENTION_BF16:
    case MK_ATTENTION_INT8:
        to->attention[operation - MK_ATTENTION_F32] = from->attention[operation - MK_ATTENTION_F32];
        to->attention_general[operation - MK_ATTENTION_F32] = from->attention_general[operation - MK_ATTENTION_F32];
        break;
    case MK_ROW_OPERATIONS:
        memcpy(to->heads, from->heads, sizeof to->heads);
        to->gate = from->gate;
        to->norm = from->norm;
        to->quantise = from->quantise;
        to->dot = from->dot;
        to->add_scaled = from->add_scaled;
        break;
    case MK_OPERATION_COUNT: break;
    }
}

// The names of the tables, each once, best first.
static void name(mk_choice *choice, const mk_kernels *const *tables, int32_t count) {
    size_t used = 0;
    choice->name[0] = 0;
    for (int32_t t = 0; t < count; t++) {
        int taken = 0;
        for (int o = 0; o < MK_OPERATION_COUNT; o++) taken |= choice->from[o] == tables[t];
        const size_t length = strlen(tables[t]->name);
        if (!taken || used + length + 2 > sizeof choice->name) continue;
        if (used) choice->name[used++] = '+';
        memcpy(choice->name + used, tables[t]->name, length + 1);
        used += length;
    }
    choice->kernels.name = choice->name;
}

void mk_choose(mk_choice *choice, const mk_kernels *const *tables, int32_t count, mk_features features,
               bool (*agrees)(const mk_kernels *, mk_operation)) {
    memset(choice, 0, sizeof *choice);
    // The layout is that of the first table for which all operations are found.
    for (int32_t b = 0; b < count; b++) {
        const mk_kernels *base = tables[b];
        if (!has_all(features, base)) continue;
        int found = 0;
        choice->kernels = *base;
        for (int o = 0; o < MK_OPERATION_COUNT; o++) {
            choice->from[o] = NULL;
            for (int32_t t = b; t < count && !choice->from[o]; t++) {
                const mk_kernels *table = tables[t];
                if (!has_all(features, table) || table->panel_width != base->panel_width || table->tile_rows != base->tile_rows ||
                    choice->rejected[o] >> t & 1)
                    continue;
                if (agrees && t < count - 1 && !agrees(table, (mk_operation)o)) {
                    choice->rejected[o] |= 1u << t;
                    continue;
                }
                choice->from[o] = table;
                take(&choice->kernels, table, (mk_operation)o);
            }
            found += choice->from[o] != NULL;
        }
        if (found == MK_OPERATION_COUNT) break;
    }
    name(choice, tables, count);
}
