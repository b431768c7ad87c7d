/// How vectors were computed. Two computations of one model give vectors of the same space whose numbers
/// differ by rounding.
public struct Computation: Sendable, Hashable, Codable {
    /// The arithmetic of matrix products: "f32", "bf16", "int8" or "int4"; "remote" for a provider that does not say.
    public var precision: String
    /// Where it ran, such as "cpu" or "remote".
    public var device: String

    /// A computation.
    public init(precision: String, device: String) {
        self.precision = precision
        self.device = device
    }
}
