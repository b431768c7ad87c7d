// The kernels' one public face: a table of functions per instruction set. martlet_cpu.h chooses from them.
//
// Conventions: row-major; "ld" is the distance between rows; every reduction's order depends on its length alone, never on the
// number of rows, so that a row gives the same bits in any batch. No vector types here: Swift imports this header.
#ifndef MARTLET_KERNELS_H
#define MARTLET_KERNELS_H
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include "martlet_blocks.h"
#include "martlet_index.h"

// What the two operands of a matrix product are held in. Sums are f32 (f32, bf16) or exact int32 (int8).
// int4: inputs as in int8, and weights that are unpacked into int8.
typedef enum { MK_F32 = 0, MK_BF16 = 1, MK_INT8 = 2, MK_INT4 = 3 } mk_precision;

// Elements of k that share a weight's scale in int8. A sum over one group, at most 255 * 127 * 384, is exact as f32.
enum { MK_INT8_GROUP = 384 };

// int4: a weight is scale * (factor * q - zero), with a scale for each row and MK_INT8_GROUP of k, a factor from 1 to MK_INT4_FACTORS and a zero
// from 0 to 128 for each part of it, and q from 0 to 15. factor * q - zero is a weight of int8. A part of a panel is its factors, a byte for
// each row, its zeros likewise, then pairs of units, the first in the low bits of each byte and the second in the high bits.
enum { MK_INT4_PART = 32, MK_INT4_FACTORS = 15 };
#define MK_INT4_PART_BYTES(width) ((width) * (2 + MK_INT4_PART / 2))

typedef enum {
    MK_IDENTITY = 0,
    MK_GELU_ERF,    // x * Phi(x)
    MK_GELU_TANH,   // the tanh approximation: gelu_new, gelu_pytorch_tanh, gelu_fast
    MK_QUICK_GELU,  // x * sigmoid(1.702 x)
    MK_RELU,
    MK_SILU,
    MK_TANH,
} mk_activation;

// Packs w[n,k] (f32 rows) into panels of panel_width rows of w: [n / width][k / unit][width][unit], a unit being 4 bytes of
// k (1, 2 or 4 elements), zero-padded. int8: symmetric per row of w and group of k. int4: [n / width][k / MK_INT4_PART] parts.
typedef struct {
    int64_t n, k;
    const float *w;
    int64_t ldw;    // elements
    const float *w_scale;   // [k], what each column of w is multiplied by, or NULL
    void *b;        // mk_packed_bytes(...) bytes, aligned to 64
    float *b_scale; // [k / MK_INT8_GROUP rounded up, n rounded up to panel_width] int8 and int4 only
    int64_t b_scale_stride; // elements
    float *b_sum;   // [n rounded up to panel_width] int8 and int4 only
} mk_pack;

// softmax(scale * Q K^T) V for every head of one sequence.
typedef struct {
    int64_t tokens, heads, head_size;
    const void *q, *k, *v; // [tokens, heads * head_size] in f32 or bf16; at least 4 readable bytes must follow the last element
    int64_t ld;            // elements
    void *out;             // [tokens, heads * head_size] in the same type
    int64_t ldo;           // elements
    float scale;
    void *scratch;         // mk_attention_scratch(...) bytes, aligned to 64

    // Read by attention_general alone; all zero for plain attention.
    int64_t key_heads;     // heads of k and v, of which `heads` is a multiple: consecutive heads of q share one; 0: as many as q has
    int32_t masked;        // a query sees the keys from its position - before to its position + after; otherwise all
    int64_t before, after;
    const float *bias;     // or NULL: bias[head * bias_stride + query * bias_step + key - query] is added to scale * Q K^T
    int64_t bias_stride, bias_step;
    int64_t skipped;       // the first tokens, which are keys alone: q and out begin with the query after them
    int64_t ld_keys;       // elements between rows of k and of v; 0: ld
} mk_attention;

// Queries or keys of one sequence before attention, in place. With gamma, each head is divided by its root mean square first:
// x / sqrt(mean(x^2) + eps) * gamma. Then pair (i, rotated / 2 + i) of a head's first `rotated` dimensions is turned by its angle.
typedef struct {
    int64_t tokens, heads, head_size;
    void *x;            // [tokens, heads * head_size] in f32 or bf16
    int64_t ld;         // elements
    const float *gamma; // [head_size] or NULL
    float eps;
    int64_t rotated;    // even; 0: nothing is turned
    const float *cosine, *sine; // [tokens, rotated / 2]
} mk_heads;

// y = activation(a) * b for each row, all of f32 or all of bf16.
typedef struct {
    int64_t m, n;
    const void *a, *b;
    int64_t ldx;  // elements, of a and of b
    void *y;      // may be a or b
    int64_t ldy;  // elements
    int32_t bf16;
    mk_activation activation;
} mk_gate;

// y = (x - mean(x)) / sqrt(var(x) + eps) * gamma + beta for each row, written in up to three forms. With `rms` the mean is
// not taken away (RMSNorm), and mean(x^2) stands for the variance.
typedef struct {
    int64_t m, n;
    int32_t rms;
    const float *x;
    int64_t ldx; // elements
    const float *gamma, *beta;
    float eps;
    float *y; // f32, may be x
    int64_t ldy;
    uint16_t *y_bf16; // or NULL
    int64_t ldy_bf16;
    uint8_t *y_u8; // or NULL: asymmetric per row, zero-padded to a multiple of 4 bytes
    int64_t ldy_u8;
    const float *u8_factor;     // [n] multiplies y before it is quantised, or NULL
    float *u8_scale, *u8_shift; // [m]
    uint8_t *low;               // or NULL: see mk_quantise
    int64_t ld_low;
    const float *low_factor; // [m]
} mk_norm;

// Rows of f32 or bf16 to u8, asymmetric per row: value = scale * u8 - shift.
//
// Rows whose low_factor is 1/256 get 8 bits more: what rounding leaves, in 256ths of a unit and 128 above: value =
// scale * (u8 + low / 256) - shift. The products of the others ignore their low, and their low_factor is 0.
typedef struct {
    int64_t m, n;
    const void *x;
    int32_t x_bf16;
    int64_t ldx; // elements
    uint8_t *y;  // may be x, if its rows are as many bytes apart
    int64_t ldy; // bytes; zero-padded to a multiple of 4
    float *scale, *shift;
    uint8_t *low; // or NULL; zero-padded like y, and apart from x and y
    int64_t ld_low;
    const float *low_factor; // [m]
} mk_quantise;

// C[m,n] = activation(A[m,k] * B[n,k]^T + bias) + residual. Arrays of [n] are readable up to the next multiple of panel_width.
// Each block of rows that is whole is normalised or quantised while it is still near.
typedef struct {
    int64_t m, n, k;
    const void *a;         // f32, bf16 or u8 rows, zero-padded to a multiple of 4 bytes
    int64_t lda;           // bytes
    const float *a_scale;  // [m] int8: value = a_scale * u8 - a_shift. Otherwise NULL, or a factor for each row of the product
    const float *a_shift;  // [m] int8: a_scale * zero point
    const uint8_t *a_low;  // [m, k] int8: see mk_quantise, or NULL
    int64_t lda_low;
    const float *a_low_factor; // [m]
    const void *b;         // panels, see mk_pack
    const float *b_scale;  // [k / MK_INT8_GROUP, n] int8: value = b_scale * s8, a scale for each group of k
    int64_t b_scale_stride; // elements between the groups' rows
    const float *b_sum;    // [n] int8: sum over k of b_scale * s8
    const float *bias;     // [n] or NULL
    const float *residual; // [m, n] f32, which may be c, or NULL
    int64_t ldr;           // elements
    void *c;               // f32, or bf16 if c_bf16
    int64_t ldc;           // elements
    int32_t c_bf16;
    mk_activation activation;
    const mk_norm *norm;         // or NULL: its m rows of x are C
    const mk_quantise *quantise; // or NULL: its m rows of x are C
} mk_gemm;

// The rows of a norm or of quantising from `first` on.
static inline mk_norm mk_norm_rows(mk_norm p, int64_t first, int64_t rows) {
    p.m = rows;
    p.x += first * p.ldx;
    p.y += first * p.ldy;
    if (p.y_bf16) p.y_bf16 += first * p.ldy_bf16;
    if (!p.y_u8) return p;
    p.y_u8 += first * p.ldy_u8;
    p.u8_scale += first;
    p.u8_shift += first;
    if (!p.low) return p;
    p.low += first * p.ld_low;
    p.low_factor += first;
    return p;
}
static inline mk_quantise mk_quantise_rows(mk_quantise p, int64_t first, int64_t rows) {
    p.m = rows;
    p.x = (const char *)p.x + first * p.ldx * (p.x_bf16 ? 2 : 4);
    p.y += first * p.ldy;
    p.scale += first;
    p.shift += first;
    if (!p.low) return p;
    p.low += first * p.ld_low;
    p.low_factor += first;
    return p;
}

// The rows that attention reads and writes.
typedef enum {
    MK_ROWS_F32,
    MK_ROWS_BF16,
    MK_ROWS_F32_OF_INT8, // f32 in a pass whose products are int8: it may be less exact, as bf16 is
    MK_ATTENTION_FORMS
} mk_attention_form;

// Instructions that some CPUs lack, by bits: see martlet_cpu.h.
typedef uint64_t mk_features;

typedef struct mk_kernels {
    const char *name;
    mk_features needs;
    int32_t panel_width;
    int32_t tile_rows; // rows of A that one register tile holds
    int32_t block_rows; // rows of A that a product takes at most with each reading of B
    int32_t chunk_floats, chunk_rows; // attention that takes the keys in chunks: scores of a chunk, and their queries; otherwise 0
    int32_t has_bf16_dot; // bf16 products run faster than f32's
    int32_t has_int8_dot; // int8 products run faster than f32's
    void (*gemm[4])(const mk_gemm *);
    void (*pack[4])(const mk_pack *);
    // By mk_attention_form.
    void (*attention[3])(const mk_attention *);
    void (*attention_general[3])(const mk_attention *);
    void (*heads[2])(const mk_heads *);
    void (*gate)(const mk_gate *);
    void (*norm)(const mk_norm *);
    void (*quantise)(const mk_quantise *);
    // sum of a[i] * b[i]
    float (*dot)(const float *a, const float *b, int64_t n);
    // y[i] += x[i] * s
    void (*add_scaled)(float *y, const float *x, float s, int64_t n);
} mk_kernels;

// The tables that this CPU and operating system can run, best first.
int32_t mk_kernels_count(void);
const mk_kernels *mk_kernels_at(int32_t index);

// Calls through the table, for callers that have no arrays of function pointers.
static inline void mk_run_gemm(const mk_kernels *k, mk_precision p, const mk_gemm *arguments) { k->gemm[p](arguments); }
static inline void mk_run_pack(const mk_kernels *k, mk_precision p, const mk_pack *arguments) { k->pack[p](arguments); }
static inline void mk_run_attention(const mk_kernels *k, mk_attention_form form, const mk_attention *arguments) { k->attention[form](arguments); }
// Whether attention in an int8 pass rounds all rows of a head by one scale, so that a row depends on all others.
static inline int mk_int8_attention_mixes_rows(const mk_kernels *k) {
    return k->attention_general[MK_ROWS_F32_OF_INT8] != k->attention_general[MK_ROWS_F32];
}
static inline void mk_run_attention_general(const mk_kernels *k, mk_attention_form form, const mk_attention *arguments) {
    k->attention_general[form](arguments);
}
static inline void mk_run_heads(const mk_kernels *k, int bf16, const mk_heads *arguments) { k->heads[bf16 != 0](arguments); }
static inline void mk_run_gate(const mk_kernels *k, const mk_gate *arguments) { k->gate(arguments); }
static inline void mk_run_norm(const mk_kernels *k, const mk_norm *arguments) { k->norm(arguments); }
static inline void mk_run_quantise(const mk_kernels *k, const mk_quantise *arguments) { k->quantise(arguments); }
static inline float mk_run_dot(const mk_kernels *k, const float *a, const float *b, int64_t n) { return k->dot(a, b, n); }
static inline void mk_run_add_scaled(const mk_kernels *k, float *y, const float *x, float s, int64_t n) { k->add_scaled(y, x, s, n); }

// Where `count` threads that work on one text wait for each other. They spin, since a step takes microseconds.
typedef struct mk_barrier mk_barrier;
// NULL if there is no memory.
mk_barrier *mk_barrier_make(int32_t count);
void mk_barrier_free(mk_barrier *barrier);
// Returns when all members, from 0 to count - 1, have called it as often as this one. What any wrote before, all can read after.
//
// Members that wait long let threads run that have no core of their own. Where member 0 can do the work again alone, it says so by
// mk_barrier_begin before the first wait: it then abandons the work when another keeps it waiting for longer than the work took so
// far. From then on no call waits, and what the members write is not to be used.
void mk_barrier_wait(mk_barrier *barrier, int32_t member, int32_t count);
void mk_barrier_begin(mk_barrier *barrier);
int32_t mk_barrier_is_abandoned(const mk_barrier *barrier);
// What a thread does between two looks at what another one writes.
void mk_pause(void);
// Lets another thread run.
void mk_yield(void);

// The processors of the process's affinity mask, of which the first `capacity` are written; 0 where the system does not say.
int32_t mk_usable_processors(int32_t *numbers, int32_t capacity);

// Keeps the calling thread on these processors. False where the system does not do it.
bool mk_stay_on(const int32_t *numbers, int32_t count);

// pack[MK_INT4] for panels of so many rows.
void mk_pack_int4(const mk_pack *pack, int64_t width);

// Bytes of a packed matrix.
int64_t mk_packed_bytes(const mk_kernels *kernels, mk_precision precision, int64_t n, int64_t k);
// Bytes of scratch that attention needs for a sequence.
int64_t mk_attention_scratch(const mk_kernels *kernels, mk_precision precision, int64_t tokens, int64_t head_size);

#endif
