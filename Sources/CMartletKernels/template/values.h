// Up to MK_LANES values of a row of f32 or bf16; lanes past n are zero.
MK_INLINE vf values_load(const void *x, const int bf16, int64_t i, int64_t n) {
    if (n >= MK_LANES) return bf16 ? v_load_bf16((const uint16_t *)x + i) : v_load((const float *)x + i);
    return bf16 ? v_load_bf16_part((const uint16_t *)x + i, n) : v_load_part((const float *)x + i, n);
}
MK_INLINE void values_store(void *x, const int bf16, int64_t i, int64_t n, vf v) {
    const size_t count = (size_t)(n < MK_LANES ? n : MK_LANES);
    if (bf16) {
        vh h = v_round_bf16(v);
        if (n >= MK_LANES) memcpy((uint16_t *)x + i, &h, sizeof h);
        else memcpy((uint16_t *)x + i, &h, count * 2);
    } else if (n >= MK_LANES) {
        v_store((float *)x + i, v);
    } else {
        memcpy((float *)x + i, &v, count * 4);
    }
}
