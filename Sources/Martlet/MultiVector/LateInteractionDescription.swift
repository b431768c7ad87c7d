/// What a model folder says of how texts become one vector for each token.
struct LateInteractionDescription {
    /// Tokens that a query is filled up with.
    struct Expansion: Equatable {
        /// Tokens of a filled query.
        var length: Int
        /// Longer queries are cut to `length`.
        var isFixed = true
        /// Whether the query's tokens attend to those it is filled up with; otherwise these see the query,
        /// and nothing sees them.
        var attends = false
        /// The vocabulary's spelling; nil: the mask token.
        var token: String?
    }

    /// Where the projection's weights lie.
    enum Projection {
        /// Folders of `Dense` modules.
        case modules([String])
        /// `linear.weight` beside the encoder's weights, without a bias.
        case inline
        /// bge-m3's file: every token but the first has a vector.
        case beside(String)
    }

    var encoderFolder = ""
    var projection: Projection
    var normalizes = true
    /// Put before texts of a role: its first word, or all of it, is a token that is put in after the first,
    /// or else it is text.
    var queryPrefix: String?
    var documentPrefix: String?
    /// The most tokens of a query and of a document, where there is a limit of their own.
    var queryLength: Int?
    var documentLength: Int?
    var expansion: Expansion?
    /// Tokens without a vector in documents, and in queries.
    var skipped: [String] = []
    var skipsInDocuments = true
    var skipsInQueries = false
    /// The first token has no vector.
    var dropsFirst = false

    /// The punctuation of ASCII, which ColBERT leaves out of documents.
    static let punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".map { String($0) }
}
