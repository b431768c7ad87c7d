/// What a collection holds: a text, its vector, and typed fields, under an id.
public struct Record: Sendable, Hashable {
    /// 1 to 1000 bytes. A record replaces the one with the same id.
    public var id: String
    /// What words are searched in, and what a hit shows.
    public var text: String
    /// As many numbers as the collection has dimensions.
    public var vector: [Float]
    /// Values to filter by, by name.
    public var fields: [String: FieldValue]

    /// - Parameters:
    ///   - id: Replaces the record that has it.
    ///   - text: What is searched by words and given back.
    ///   - vector: Of the collection's dimensions.
    ///   - fields: Values to filter by.
    public init(id: String, text: String, vector: [Float], fields: [String: FieldValue] = [:]) {
        self.id = id
        self.text = text
        self.vector = vector
        self.fields = fields
    }
}
