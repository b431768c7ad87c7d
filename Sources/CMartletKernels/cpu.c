// What this CPU and this operating system offer.
#if defined(__linux__)
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>
#endif
#include "include/martlet_cpu.h"
#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>
#endif

static int bit(uint64_t word, int index) { return (word >> index) & 1; }
static mk_features feature(mk_feature which, int present) { return (mk_features)(present != 0) << which; }

const char *mk_feature_name(mk_feature which) {
    static const char *const names[MK_FEATURE_COUNT] = {
        [MK_AVX2] = "avx2",           [MK_AVX_VNNI] = "avx_vnni", [MK_AVX512] = "avx512",     [MK_AVX512_VNNI] = "avx512_vnni",
        [MK_AVX512_BF16] = "avx512_bf16", [MK_AMX_INT8] = "amx_int8", [MK_AMX_BF16] = "amx_bf16", [MK_DOTPROD] = "dotprod",
        [MK_I8MM] = "i8mm",           [MK_ARM_BF16] = "bf16",
    };
    return names[which];
}

bool mk_feature_is_native(mk_feature which) {
#if defined(__x86_64__)
    return which < MK_DOTPROD;
#elif defined(__aarch64__)
    return which >= MK_DOTPROD;
#else
    (void)which;
    return false;
#endif
}

// Bits as in Intel's manual, volume 2, CPUID, and volume 1, 13.3 (XCR0).
mk_features mk_x86_features(const mk_x86_words *w) {
    enum { AVX_STATES = 0x6, AVX512_STATES = 0xe6 };
    const uint64_t tile_states = 3 << 17;
    mk_features found = 0;
    if (!bit(w->leaf1_ecx, 27) /* OSXSAVE */ || !bit(w->leaf1_ecx, 28) /* AVX */ || !bit(w->leaf1_ecx, 12) /* FMA */ ||
        (w->xcr0 & AVX_STATES) != AVX_STATES || !bit(w->leaf7_ebx, 5) /* AVX2 */ || !bit(w->leaf7_ebx, 8) /* BMI2 */)
        return 0;
    found |= feature(MK_AVX2, 1) | feature(MK_AVX_VNNI, bit(w->leaf7_1_eax, 4));
    if ((w->xcr0 & AVX512_STATES) == AVX512_STATES && bit(w->leaf7_ebx, 16) /* F */ && bit(w->leaf7_ebx, 17) /* DQ */ &&
        bit(w->leaf7_ebx, 30) /* BW */ && bit(w->leaf7_ebx, 31) /* VL */)
        found |= feature(MK_AVX512, 1) | feature(MK_AVX512_VNNI, bit(w->leaf7_ecx, 11)) | feature(MK_AVX512_BF16, bit(w->leaf7_1_eax, 5));
    if ((w->xcr0 & tile_states) == tile_states && bit(w->leaf7_edx, 24) /* AMX-TILE */)
        found |= feature(MK_AMX_BF16, bit(w->leaf7_edx, 22)) | feature(MK_AMX_INT8, bit(w->leaf7_edx, 25));
    return found;
}

// Bits as in arch/arm64/include/uapi/asm/hwcap.h: ASIMDDP; I8MM and BF16.
mk_features mk_arm_features(uint64_t hwcap, uint64_t hwcap2) {
    return feature(MK_DOTPROD, bit(hwcap, 20)) | feature(MK_I8MM, bit(hwcap2, 13)) | feature(MK_ARM_BF16, bit(hwcap2, 14));
}

#if defined(__x86_64__)
// The operating system enlarges what it saves of a thread by 8 KiB for tiles, and wants to be asked (Linux, arch/x86/xstate.rst).
static bool may_use_tiles(void) {
#if defined(__linux__) && defined(SYS_arch_prctl)
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, XTILEDATA = 18 };
    return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XTILEDATA) == 0;
#else
    return false;
#endif
}

static mk_features found_features(void) {
    uint32_t a, b, c, d, leaf7_eax;
    mk_x86_words w = {0};
    if (!__get_cpuid(1, &a, &b, &w.leaf1_ecx, &d)) return 0;
    if (bit(w.leaf1_ecx, 27)) {
        uint32_t low, high;
        __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
        w.xcr0 = (uint64_t)high << 32 | low;
    }
    if (!__get_cpuid_count(7, 0, &leaf7_eax, &w.leaf7_ebx, &w.leaf7_ecx, &w.leaf7_edx)) return 0;
    if (leaf7_eax >= 1) __get_cpuid_count(7, 1, &w.leaf7_1_eax, &b, &c, &d);
    const mk_features found = mk_x86_features(&w), tiles = feature(MK_AMX_INT8, 1) | feature(MK_AMX_BF16, 1);
    return (found & tiles) && !may_use_tiles() ? found & ~tiles : found;
}
#elif defined(__aarch64__) && defined(__linux__)
static mk_features found_features(void) { return mk_arm_features(getauxval(AT_HWCAP), getauxval(AT_HWCAP2)); }
#elif defined(__aarch64__) && defined(__APPLE__)
static int has(const char *name) {
    int value = 0;
    size_t size = sizeof value;
    return sysctlbyname(name, &value, &size, NULL, 0) == 0 && value != 0;
}
static mk_features found_features(void) {
    return feature(MK_DOTPROD, has("hw.optional.arm.FEAT_DotProd")) | feature(MK_I8MM, has("hw.optional.arm.FEAT_I8MM")) |
           feature(MK_ARM_BF16, has("hw.optional.arm.FEAT_BF16"));
}
#else
static mk_features found_features(void) { return 0; }
#endif

// The questions are asked once: a virtual machine answers each of them by a switch to its host.
mk_features mk_cpu_features(void) {
    enum { KNOWN = 63 };
    static _Atomic mk_features known = 0;
    if (!bit(known, KNOWN)) known = found_features() | (mk_features)1 << KNOWN;
    return known & ~((mk_features)1 << KNOWN);
}
