/// The members or columns that hold the text and the id.
public struct FieldNames: Sendable, Hashable, Codable {
    /// The member or column that holds the text where none is named.
    public static let defaultText = "text"
    /// The member or column that holds the id where none is named and it exists.
    public static let defaultID = "id"

    /// Where the text is; nil: `text`. A path with dots leads into nested values, `messages.0.content`; a
    /// member or column that has the whole name goes before the path.
    public var text: String?
    /// Where the id is; nil: `id`, which may then be missing.
    public var id: String?

    /// - Parameters:
    ///   - text: The member or column of the text; nil: the default.
    ///   - id: The member or column of the id; nil: the default, if it exists.
    public init(text: String? = nil, id: String? = nil) {
        self.text = text
        self.id = id
    }

    package var textName: String { text ?? Self.defaultText }
    package var idName: String { id ?? Self.defaultID }
}
