// The product of a gated feed-forward network: y = activation(a) * b.

// The arguments are a copy, as in norm_rows.
MK_INLINE void gate_rows(const mk_gate p, const mk_activation activation, const int bf16) {
    const int64_t size = bf16 ? 2 : 4;
    for (int64_t row = 0; row < p.m; row++) {
        const char *a = (const char *)p.a + row * p.ldx * size, *b = (const char *)p.b + row * p.ldx * size;
        char *y = (char *)p.y + row * p.ldy * size;
        for (int64_t i = 0; i < p.n; i += MK_LANES) {
            const vf x = v_activate(activation, bf16, values_load(a, bf16, i, p.n - i));
            values_store(y, bf16, i, p.n - i, x * values_load(b, bf16, i, p.n - i));
        }
    }
}
#define MK_GATE(kind) \
    case kind: p->bf16 ? gate_rows(*p, kind, 1) : gate_rows(*p, kind, 0); return;
static void gate(const mk_gate *p) {
    switch (p->activation) {
        MK_GATE(MK_IDENTITY)
        MK_GATE(MK_GELU_ERF)
        MK_GATE(MK_GELU_TANH)
        MK_GATE(MK_QUICK_GELU)
        MK_GATE(MK_RELU)
        MK_GATE(MK_SILU)
        MK_GATE(MK_TANH)
    }
}
#undef MK_GATE
