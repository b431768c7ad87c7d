public import Martlet

/// What a collection holds: a text, its vector, and typed fields, under an id.
public struct Record: Sendable, Hashable {
    /// 1 to 1000 bytes. A record replaces the one with the same id.
    public var id: String
    /// What words are searched in, and what a hit shows.
    public var text: String
    /// As many numbers as the collection has dimensions.
    public var vector: [Float]
    /// Values to filter by, by name; at most 65,535.
    public var fields: [String: FieldValue]
    /// The weights of the text's words, where the collection has a model for them; nil: they are counted.
    public var sparse: SparseEmbedding?

    /// - Parameters:
    ///   - id: Replaces the record that has it.
    ///   - text: What is searched by words and given back.
    ///   - vector: Of the collection's dimensions.
    ///   - fields: Values to filter by.
    ///   - sparse: The weights of the text's words, where the collection has a model for them.
    public init(
        id: String, text: String, vector: [Float], fields: [String: FieldValue] = [:],
        sparse: SparseEmbedding? = nil
    ) {
        self.id = id
        self.text = text
        self.vector = vector
        self.fields = fields
        self.sparse = sparse
    }
}
