/// The model whose vectors a collection holds. Vectors of another identity are refused.
public struct CollectionIdentity: Sendable, Hashable, Codable {
    /// The model's name, for people.
    public var model: String
    /// What tells models and their configurations apart: equal for vectors that may be compared.
    public var fingerprint: String

    public init(model: String, fingerprint: String) {
        self.model = model
        self.fingerprint = fingerprint
    }
}
