/// What a text is to the search, for models that were trained with a prompt for each role.
///
/// The prompt that belongs to a role is read from the model's `config_sentence_transformers.json` and put
/// before each text.
public struct TextRole: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case query, document
        case named(String)
    }
    let kind: Kind

    /// A question or search term: the prompt "query", or none if the model has no such prompt.
    public static let query = TextRole(kind: .query)
    /// A text to be found: the first of the prompts "document", "passage" and "corpus" that the model has, or
    /// none.
    public static let document = TextRole(kind: .document)

    init(kind: Kind) { self.kind = kind }

    /// The prompt of that name.
    /// - Parameter promptName: A key of the model's prompts, see ``ModelInfo/prompts``. An unknown name is an
    ///   error when embedding.
    public init(promptName: String) { self.init(kind: .named(promptName)) }
}
