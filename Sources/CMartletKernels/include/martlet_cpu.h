// What the CPU and the operating system offer, and which table of kernels each operation is taken from.
#ifndef MARTLET_CPU_H
#define MARTLET_CPU_H
#include "martlet_kernels.h"

// Instructions that some CPUs lack, each with the registers that the operating system must save for it.
typedef enum {
    MK_AVX2,         // with FMA and BMI2
    MK_AVX_VNNI,     // u8 * s8 dot products on 256 bits
    MK_AVX512,       // F, BW, VL and DQ
    MK_AVX512_VNNI,  // u8 * s8 dot products on 512 bits
    MK_AVX512_BF16,  // bf16 dot products on 512 bits
    MK_AMX_INT8,     // u8 * s8 products of tiles
    MK_AMX_BF16,     // bf16 products of tiles
    MK_DOTPROD,      // Arm: s8 * s8 dot products
    MK_I8MM,         // Arm: u8 * s8 dot products and 8-bit matrix products
    MK_ARM_BF16,     // Arm: bf16 dot products and matrix products
    MK_FEATURE_COUNT
} mk_feature;

// The name that the vendor's manual gives a feature, in lower case.
const char *mk_feature_name(mk_feature feature);
// Whether a feature is one of this architecture's.
bool mk_feature_is_native(mk_feature feature);

// What this CPU and operating system offer: bit i is feature i. Found out once.
mk_features mk_cpu_features(void);

// What CPUID and XGETBV say, as words, so that the answers of other CPUs can be tested.
typedef struct {
    uint32_t leaf1_ecx, leaf7_ebx, leaf7_ecx, leaf7_edx, leaf7_1_eax;
    uint64_t xcr0;  // register states that the operating system saves
} mk_x86_words;
mk_features mk_x86_features(const mk_x86_words *words);
// The same for Linux's AT_HWCAP and AT_HWCAP2 on 64-bit Arm.
mk_features mk_arm_features(uint64_t hwcap, uint64_t hwcap2);

// Every table in this binary, best first, those that this CPU cannot run included; the last one is `scalar`.
const mk_kernels *const *mk_all_kernels(int32_t *count);

// What is chosen by itself. Products are in the order of mk_precision, attention in that of mk_attention_form.
typedef enum {
    MK_PRODUCTS_F32,
    MK_PRODUCTS_BF16,
    MK_PRODUCTS_INT8,
    MK_ATTENTION_F32,
    MK_ATTENTION_BF16,
    MK_ATTENTION_INT8,
    MK_ROW_OPERATIONS,  // norms, quantising, heads, gates
    MK_OPERATION_COUNT
} mk_operation;
const char *mk_operation_name(mk_operation operation);

// Whether an operation of a table gives what `scalar` gives, on a few fixed numbers. Takes microseconds.
bool mk_agrees_with_scalar(const mk_kernels *table, mk_operation operation);

// A table put together from others: each operation from the best that the CPU has the instructions for.
typedef struct {
    mk_kernels kernels;                          // its name is that of the one table, or those of several joined by '+'
    const mk_kernels *from[MK_OPERATION_COUNT];
    uint32_t rejected[MK_OPERATION_COUNT];       // bit t: table t of the list did not agree with `scalar`
    char name[80];
} mk_choice;

// Fills `choice` from tables that stand best first and end with one that needs nothing and is not checked. All operations come from tables
// whose packed matrices have one layout. `agrees` is asked about a table before it is taken; NULL: all agree. The choice must stay where it is.
void mk_choose(mk_choice *choice, const mk_kernels *const *tables, int32_t count, mk_features features,
               bool (*agrees)(const mk_kernels *, mk_operation));

// For callers that have no arrays in structures.
static inline const mk_kernels *mk_chosen_kernels(const mk_choice *choice) { return &choice->kernels; }
static inline const mk_kernels *mk_chosen_for(const mk_choice *choice, mk_operation operation) { return choice->from[operation]; }
static inline bool mk_was_rejected(const mk_choice *choice, mk_operation operation, int32_t table) {
    return choice->rejected[operation] >> table & 1;
}

#endif
