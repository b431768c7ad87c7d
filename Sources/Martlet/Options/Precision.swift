/// The arithmetic of matrix products. Sums are always 32-bit, and so is the residual stream between layers.
public enum Precision: String, Sendable, Hashable, CaseIterable {
    /// The fastest on this CPU that stays close to f32.
    case auto
    /// 32-bit floats: the numbers of the reference implementation up to rounding.
    case f32
    /// 16-bit brain floats as operands.
    case bf16
    /// 8-bit integers as operands: weights scaled by output, activations by token.
    case int8
    /// 4-bit integers as weights, 8-bit ones as activations: a half of the memory of `int8` at its speed, and
    /// further from f32. `auto` never chooses it.
    case int4
}
