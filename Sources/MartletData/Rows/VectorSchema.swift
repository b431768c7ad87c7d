public import Martlet

/// What is known of the rows before the first one.
public struct VectorSchema: Sendable, Equatable {
    public var kind: VectorKind
    /// Elements of a vector as it is stored; 0 for sparse vectors whose space has no known size.
    public var width: Int
    public var elementType: VectorElementType
    /// The model that made the vectors; nil: not known. It is stored with them.
    public var identity: ModelIdentity?
    /// Further facts that are stored with the vectors, such as the role of the texts: a name, and a JSON
    /// text.
    public var facts: [Fact]

    /// A named JSON value.
    public struct Fact: Sendable, Equatable {
        public var name: String
        /// Well-formed JSON.
        public var json: String

        public init(name: String, json: String) {
            self.name = name
            self.json = json
        }
    }

    public init(
        kind: VectorKind = .dense, width: Int, elementType: VectorElementType = .float32,
        identity: ModelIdentity? = nil,
        facts: [Fact] = []
    ) {
        self.kind = kind
        self.width = width
        self.elementType = elementType
        self.identity = identity
        self.facts = facts
    }

    /// All facts in the order in which they are stored. The first call may read the model's files.
    var allFacts: [Fact] { (identity.map { [Fact(name: "identity", json: $0.json)] } ?? []) + facts }
}
