// Which kernel tables this CPU and this operating system can run.
#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif
#include "tables.h"
#if defined(__x86_64__)
#include <cpuid.h>

// The register states that the operating system saves: bits 1, 2 for AVX, and 5, 6, 7 for AVX-512.
static uint64_t saved_states(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

static int bit(uint32_t word, int index) { return (word >> index) & 1; }

// 0 none, 1 avx2, 2 avx512, 3 avx512vnni, 4 avx512bf16
static int found_level(void) {
    uint32_t a, b, c, d, a1 = 0, b1, c1, d1;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !bit(c, 27) /* OSXSAVE */ || !bit(c, 28) /* AVX */ || !bit(c, 12) /* FMA */) return 0;
    const uint64_t saved = saved_states();
    if ((saved & 0x6) != 0x6 || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !bit(b, 5) /* AVX2 */ || !bit(b, 8) /* BMI2 */) return 0;
    if ((saved & 0xe6) != 0xe6 || !bit(b, 16) /* F */ || !bit(b, 17) /* DQ */ || !bit(b, 30) /* BW */ || !bit(b, 31) /* VL */) return 1;
    if (!bit(c, 11) /* VNNI */) return 2;
    if (!__get_cpuid_count(7, 1, &a1, &b1, &c1, &d1) || !bit(a1, 5) /* BF16 */) return 3;
    return 4;
}

// The questions are asked once: a virtual machine answers each by leaving to its host.
static int level(void) {
    static _Atomic int known = -1;
    if (known < 0) known = found_level();
    return known;
}
#endif

int32_t mk_kernels_count(void) {
#if defined(__x86_64__)
    return 1 + level();
#elif defined(__aarch64__)
    return 2;
#else
    return 1;
#endif
}

const mk_kernels *mk_kernels_at(int32_t index) {
    const int32_t count = mk_kernels_count();
    if (index < 0 || index >= count) return NULL;
    const mk_kernels *const worst_first[] = {
        &mk_kernels_scalar,
#if defined(__x86_64__)
        &mk_kernels_avx2,
        &mk_kernels_avx512,
        &mk_kernels_avx512vnni,
        &mk_kernels_avx512bf16,
#elif defined(__aarch64__)
        &mk_kernels_neon,
#endif
    };
    return worst_first[count - 1 - index];
}

int64_t mk_packed_bytes(const mk_kernels *kernels, mk_precision precision, int64_t n, int64_t k) {
    const int64_t width = kernels->panel_width, unit = 1 << precision;
    return (n + width - 1) / width * width * ((k + unit - 1) / unit) * 4;
}

int64_t mk_attention_scratch(const mk_kernels *kernels, mk_precision precision, int64_t tokens, int64_t head_size) {
    const int64_t width = kernels->panel_width, unit = 1 << precision, element = 4 / unit;
    const int64_t padded = (tokens + width - 1) / width * width;
    const int64_t keys = padded * ((head_size + unit - 1) / unit) * 4;
    const int64_t values = (head_size + width - 1) / width * width * ((tokens + 31 + unit) & ~(int64_t)31) * element;
    const int64_t queries = head_size % unit ? kernels->tile_rows * (head_size + unit) * element : 0;
    return keys + values + kernels->tile_rows * padded * (4 + element) + queries + 256;
}

int32_t mk_usable_cores(void) {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
    return 0;
}

bool mk_stay_on_core(int32_t number) {
#if defined(__linux__)
    cpu_set_t set, one;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return false;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &set) || number-- != 0) continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        return sched_setaffinity(0, sizeof one, &one) == 0;
    }
#else
    (void)number;
#endif
    return false;
}
