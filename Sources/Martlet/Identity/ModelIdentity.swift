/// Which model made a batch of vectors, and how it computed them.
///
/// Only vectors of one ``space`` can be compared, ranked or appended to each other. The ``computation`` is
/// recorded and may differ: devices and precisions of one model share its space. An identity is kept with
/// everything that is stored: files, tables, indexes.
public struct ModelIdentity: Sendable {
    /// A vector of a block shares this with its block: one reference instead of a dozen values.
    private final class Storage: Sendable {
        let space: VectorSpace
        let computation: Computation

        init(_ space: VectorSpace, _ computation: Computation) {
            self.space = space
            self.computation = computation
        }
    }

    private let storage: Storage

    /// An identity, for a model of your own or a remote one.
    public init(space: VectorSpace, computation: Computation) { storage = Storage(space, computation) }

    /// What must be equal for two vectors to be compared.
    public var space: VectorSpace { storage.space }
    /// How the numbers were computed.
    public var computation: Computation { storage.computation }

    /// The same model and computation with another space, as after a cut to fewer dimensions.
    package func with(space: VectorSpace) -> ModelIdentity {
        ModelIdentity(space: space, computation: computation)
    }

    /// - Throws: ``MartletError/Code/differentSpaces`` that names what differs. Vectors without an identity
    ///   are taken on trust.
    package static func requireSameSpace(_ first: ModelIdentity?, _ second: ModelIdentity?)
        throws(MartletError)
    {
        guard let first, let second, first.storage !== second.storage else { return }
        if let difference = first.space.difference(from: second.space) {
            throw MartletError(
                .differentSpaces,
                "the vectors are of different spaces and cannot be compared: \(difference); embed both with the same model and options"
            )
        }
    }
}

extension ModelIdentity: Hashable {
    public static func == (first: ModelIdentity, second: ModelIdentity) -> Bool {
        first.storage === second.storage
            || first.computation == second.computation && first.space == second.space
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(space)
        hasher.combine(computation)
    }
}

extension ModelIdentity: Codable {
    private enum CodingKeys: String, CodingKey { case space, computation }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            space: try container.decode(VectorSpace.self, forKey: .space),
            computation: try container.decode(Computation.self, forKey: .computation))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(space, forKey: .space)
        try container.encode(computation, forKey: .computation)
    }
}
