public import Martlet

/// What is known of the rows before the first one.
public struct VectorSchema: Sendable, Equatable {
    /// The shape of the rows.
    public var kind: VectorKind
    /// Elements of a vector as it is stored; 0 for sparse vectors whose space has no known size.
    public var width: Int
    /// The format of their numbers.
    public var elementType: VectorElementType
    /// The model that made the vectors; nil: not known. It is stored with them.
    public var identity: ModelIdentity?
    /// Further facts that are stored with the vectors, such as the role of the texts: a name, and a JSON
    /// text.
    public var facts: [Fact]
    /// What a model whose weights are out of reach gave for a fixed text; nil: its identity says all.
    package var probe: ModelProbe?

    /// A named JSON value.
    public struct Fact: Sendable, Equatable {
        /// The member under which it is stored.
        public var name: String
        /// Well-formed JSON.
        public var json: String

        /// - Parameters:
        ///   - name: The member under which it is stored.
        ///   - json: Well-formed JSON.
        public init(name: String, json: String) {
            self.name = name
            self.json = json
        }
    }

    /// - Parameters:
    ///   - kind: The shape of the rows.
    ///   - width: Elements of a vector; 0 for sparse vectors whose space has no known size.
    ///   - elementType: The format of the numbers.
    ///   - identity: The model that makes the vectors.
    ///   - facts: Further facts to store with them.
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
