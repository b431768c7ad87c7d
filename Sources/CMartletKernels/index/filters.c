// Which rows have a value of a column, by the numbers of the values.
#include "../half.h"
#include "../include/martlet_index.h"

#define MK_RANGE(TYPE)                                                                             \
    MK_CLONES static void range_##TYPE(const TYPE *codes, int64_t count, uint32_t low, uint32_t span, uint64_t *out) { \
        for (int64_t word = 0; word * 64 < count; word++) {                                        \
            uint8_t flags[64] = {0};                                                               \
            const int64_t rest = count - word * 64 < 64 ? count - word * 64 : 64;                  \
            for (int64_t i = 0; i < rest; i++) flags[i] = (uint32_t)codes[word * 64 + i] - low < span; \
            uint64_t bits = 0;                                                                     \
            for (int byte = 0; byte < 8; byte++) {                                                 \
                uint64_t eight;                                                                    \
                memcpy(&eight, flags + byte * 8, 8);                                               \
                bits |= (eight * 0x0102040810204080u >> 56) << (byte * 8);                         \
            }                                                                                      \
            out[word] = bits;                                                                      \
        }                                                                                          \
    }
MK_RANGE(uint8_t)
MK_RANGE(uint16_t)
MK_RANGE(uint32_t)

void mk_codes_in_range(const void *codes, int32_t width, int64_t count, uint32_t low, uint32_t high, uint64_t *out) {
    const uint32_t span = high > low ? high - low : 0;
    if (width == 1) range_uint8_t(codes, count, low, span, out);
    else if (width == 2) range_uint16_t(codes, count, low, span, out);
    else range_uint32_t(codes, count, low, span, out);
}

#define MK_SET_OF(TYPE)                                                                            \
    static void set_##TYPE(const TYPE *codes, int64_t count, const uint64_t *set, uint32_t limit, uint64_t *out) { \
        for (int64_t word = 0; word * 64 < count; word++) {                                        \
            const int64_t rest = count - word * 64 < 64 ? count - word * 64 : 64;                  \
            uint64_t bits = 0;                                                                     \
            for (int64_t i = 0; i < rest; i++) {                                                   \
                const uint32_t code = codes[word * 64 + i];                                        \
                if (code <= limit) bits |= (set[code / 64] >> (code % 64) & 1) << i;               \
            }                                                                                      \
            out[word] = bits;                                                                      \
        }                                                                                          \
    }
MK_SET_OF(uint8_t)
MK_SET_OF(uint16_t)
MK_SET_OF(uint32_t)

void mk_codes_in_set(const void *codes, int32_t width, int64_t count, const uint64_t *set, uint32_t limit, uint64_t *out) {
    if (width == 1) set_uint8_t(codes, count, set, limit, out);
    else if (width == 2) set_uint16_t(codes, count, set, limit, out);
    else set_uint32_t(codes, count, set, limit, out);
}
