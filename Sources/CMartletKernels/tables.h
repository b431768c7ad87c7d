// Every kernel table that some build of this library has.
#ifndef MARTLET_TABLES_H
#define MARTLET_TABLES_H
#include "include/martlet_cpu.h"
#define MK_BIT(feature) ((mk_features)1 << (feature))
#define MK_AVX512_BITS (MK_BIT(MK_AVX2) | MK_BIT(MK_AVX512))
extern const mk_kernels mk_kernels_scalar;
#if defined(__x86_64__)
extern const mk_kernels mk_kernels_avx2, mk_kernels_avxvnni, mk_kernels_avx512, mk_kernels_avx512vnni, mk_kernels_avx512bf16, mk_kernels_amx;
#elif defined(__aarch64__)
extern const mk_kernels mk_kernels_neon, mk_kernels_neondot, mk_kernels_neoni8mm;
#endif
#endif
