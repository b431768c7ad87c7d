public import Martlet

/// The model whose vectors a collection holds. Vectors of another identity are refused.
public struct CollectionIdentity: Sendable, Hashable, Codable {
    /// The model's name, for people.
    public var model: String
    /// What tells models and their configurations apart: equal for vectors that may be compared.
    public var fingerprint: String

    /// The identity of a model's vectors. The first call may read the model's files for their digest.
    public init(_ identity: ModelIdentity) {
        self.init(model: identity.space.model, fingerprint: identity.space.fingerprint)
    }

    /// An identity by its parts.
    public init(model: String, fingerprint: String) {
        self.model = model
        self.fingerprint = fingerprint
    }
}
