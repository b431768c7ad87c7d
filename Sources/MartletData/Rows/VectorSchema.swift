/// What is known of the rows before the first one.
public struct VectorSchema: Sendable, Equatable {
    public var kind: VectorKind
    /// Elements of a vector as it is stored; 0 for sparse vectors whose space has no known size.
    public var width: Int
    public var elementType: VectorElementType
    /// Facts that are stored with the vectors, such as the identity of the model that made them: a name, and a JSON text.
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

    public init(kind: VectorKind = .dense, width: Int, elementType: VectorElementType = .float32, facts: [Fact] = []) {
        self.kind = kind
        self.width = width
        self.elementType = elementType
        self.facts = facts
    }
}
