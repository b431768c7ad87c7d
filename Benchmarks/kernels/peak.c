// The machine's peak, by chains of the instruction that a table's inner loop uses: enough of them to hide its latency.
#include "bench.h"
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// 20 chains; the empty asm keeps them in registers and the compiler from folding them.
#define LOOP(name, features, vector, zero, keep, step) \
    static features __attribute__((noinline)) void name(int64_t n) { \
        vector c[20]; \
        vector x = zero, y = zero; \
        (void)y; \
        __asm__ volatile("" : keep(x), keep(y)); \
        _Pragma("clang loop unroll(full)") for (int j = 0; j < 20; j++) c[j] = zero; \
        for (int64_t i = 0; i < n; i++) { \
            _Pragma("clang loop unroll(full)") for (int j = 0; j < 20; j++) { \
                c[j] = step(c[j], x, y); \
                __asm__ volatile("" : keep(c[j])); \
            } \
        } \
    }

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,fma")))
#define AVXVNNI __attribute__((target("avx2,fma,avxvnni")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16")))
#define FMA256(c, x, y) _mm256_fmadd_ps(x, y, c)
#define FMA512(c, x, y) _mm512_fmadd_ps(x, y, c)
#define BF512(c, x, y) _mm512_dpbf16_ps(c, (__m512bh)(x), (__m512bh)(y))
#define MADD256(c, x, y) _mm256_madd_epi16(c, x)
#define MADD512(c, x, y) _mm512_madd_epi16(c, x)
#define DP256(c, x, y) _mm256_dpbusd_avx_epi32(c, x, y)
#define DP512(c, x, y) _mm512_dpbusd_epi32(c, x, y)
// 12 chains would do for 16 registers; 20 of them spill, so AVX2 has a loop of its own.
#define LOOP256(name, features, vector, zero, step) \
    static features __attribute__((noinline)) void name(int64_t n) { \
        vector c[10]; \
        vector x = zero, y = zero; \
        (void)y; \
        __asm__ volatile("" : "+x"(x), "+x"(y)); \
        _Pragma("clang loop unroll(full)") for (int j = 0; j < 10; j++) c[j] = zero; \
        for (int64_t i = 0; i < 2 * n; i++) { \
            _Pragma("clang loop unroll(full)") for (int j = 0; j < 10; j++) { \
                c[j] = step(c[j], x, y); \
                __asm__ volatile("" : "+x"(c[j])); \
            } \
        } \
    }
LOOP256(fma256, AVX2, __m256, _mm256_setzero_ps(), FMA256)
LOOP256(madd256, AVX2, __m256i, _mm256_setzero_si256(), MADD256)
LOOP256(dp256, AVXVNNI, __m256i, _mm256_setzero_si256(), DP256)
LOOP(fma512, AVX512, __m512, _mm512_setzero_ps(), "+v", FMA512)
LOOP(bf512, AVX512, __m512, _mm512_setzero_ps(), "+v", BF512)
LOOP(madd512, AVX512, __m512i, _mm512_setzero_si512(), "+v", MADD512)
LOOP(dp512, AVX512, __m512i, _mm512_setzero_si512(), "+v", DP512)
// Four tiles of sums are all that the eight tiles leave room for beside the operands.
#define TILES(name, dot) \
    static __attribute__((target("amx-tile,amx-int8,amx-bf16"), noinline)) void name(int64_t n) { \
        const struct { \
            uint8_t palette, rest[15]; \
            uint16_t bytes[16]; \
            uint8_t rows[16]; \
        } config = {1, {0}, {64, 64, 64, 64, 64, 64, 64, 64}, {16, 16, 16, 16, 16, 16, 16, 16}}; \
        _tile_loadconfig(&config); \
        for (int64_t i = 0; i < n; i++) { \
            dot(0, 4, 6); \
            dot(1, 4, 7); \
            dot(2, 5, 6); \
            dot(3, 5, 7); \
        } \
        _tile_release(); \
    }
TILES(tiles_int8, _tile_dpbusd)
TILES(tiles_bf16, _tile_dpbf16ps)

static double tile_peak(mk_precision precision) {
    void (*loop)(int64_t) = precision == MK_INT8 ? tiles_int8 : tiles_bf16;
    double best;
    BEST(best, 0.01, loop(2000));
    return (precision == MK_INT8 ? 32768. : 16384.) * 4 * 2000 / best;
}
#elif defined(__aarch64__)
#define DOTPROD __attribute__((target("dotprod")))
#define I8MM __attribute__((target("dotprod,i8mm,bf16")))
#define FMA128(c, x, y) vfmaq_f32(c, x, y)
#define SDOT128(c, x, y) vdotq_s32(c, (int8x16_t)(x), (int8x16_t)(y))
#define USDOT128(c, x, y) vusdotq_s32(c, (uint8x16_t)(x), (int8x16_t)(y))
#define BFDOT128(c, x, y) vbfdotq_f32(c, (bfloat16x8_t)(x), (bfloat16x8_t)(y))
LOOP(fma128, , float32x4_t, vdupq_n_f32(0), "+w", FMA128)
LOOP(sdot128, DOTPROD, int32x4_t, vdupq_n_s32(0), "+w", SDOT128)
LOOP(usdot128, I8MM, int32x4_t, vdupq_n_s32(0), "+w", USDOT128)
LOOP(bfdot128, I8MM, float32x4_t, vdupq_n_f32(0), "+w", BFDOT128)
#endif

double peak(const mk_kernels *table, mk_precision precision) {
    void (*loop)(int64_t) = NULL;
    double operations = 0;  // of one instruction
#if defined(__x86_64__)
    const int tiles = strcmp(table->name, "amx") == 0, wide = tiles || strncmp(table->name, "avx512", 6) == 0;
    if (tiles && precision != MK_F32) return tile_peak(precision);
    if (!wide && strcmp(table->name, "avx2") && strcmp(table->name, "avxvnni")) return 0;
    if (precision == MK_F32 || (precision == MK_BF16 && !table->has_bf16_dot)) {
        loop = wide ? fma512 : fma256;
        operations = wide ? 32 : 16;
    } else if (precision == MK_BF16) {
        loop = bf512;
        operations = 64;
    } else if (table->has_int8_dot) {
        loop = wide ? dp512 : dp256;
        operations = wide ? 128 : 64;
    } else {
        loop = wide ? madd512 : madd256;
        operations = wide ? 64 : 32;
    }
#elif defined(__aarch64__)
    if (precision == MK_INT8 && !table->has_int8_dot) return 0;
    if (precision == MK_INT8) {
        loop = strcmp(table->name, "neondot") ? usdot128 : sdot128;
        operations = 32;
    } else if (precision == MK_BF16 && table->has_bf16_dot) {
        loop = bfdot128;
        operations = 16;
    } else {
        loop = fma128;
        operations = 8;
    }
#endif
    if (!loop) return 0;
    double best;
    BEST(best, 0.01, loop(2000));
    return operations * 20 * 2000 / best;
}
