// CRC-32C. x86-64 and Arm have an instruction for it; elsewhere it is computed bit by bit.
#include "../include/martlet_index.h"
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const uint8_t *p, int64_t count) {
    uint64_t sum = crc;
    for (; count >= 8; p += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        sum = _mm_crc32_u64(sum, word);
    }
    for (; count > 0; p++, count--) sum = _mm_crc32_u8((uint32_t)sum, *p);
    return (uint32_t)sum;
}
static int has_instruction(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2");
}
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
static uint32_t by_instruction(uint32_t crc, const uint8_t *p, int64_t count) {
    for (; count >= 8; p += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        crc = __crc32cd(crc, word);
    }
    for (; count > 0; p++, count--) crc = __crc32cb(crc, *p);
    return crc;
}
static int has_instruction(void) { return 1; }
#else
static uint32_t by_instruction(uint32_t crc, const uint8_t *p, int64_t count) {
    (void)p;
    (void)count;
    return crc;
}
static int has_instruction(void) { return 0; }
#endif

// Bit by bit: only CPUs without the instruction come here.
static uint32_t by_bits(uint32_t crc, const uint8_t *p, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    }
    return crc;
}

uint32_t mk_crc32c(uint32_t crc, const void *bytes, int64_t count) {
    crc = ~crc;
    return ~(has_instruction() ? by_instruction(crc, bytes, count) : by_bits(crc, bytes, count));
}
