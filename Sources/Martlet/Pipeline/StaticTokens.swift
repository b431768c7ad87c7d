internal import MartletTokenizers

/// What static models do with tokens before their vectors are looked up: there are no special tokens around a text.
package struct StaticTokens: Sendable, Equatable {
    /// The id of unknown text, which has no vector and is left out after a text was cut; nil: it has one like any other.
    package var unknown: Int32?
    /// A text is cut to so many characters (Unicode scalars) before it is cut into tokens; nil: it is not.
    package var characters: Int?

    /// As model2vec defines them: a text has at most `maxTokens` times as many characters as half of all tokens have at least.
    static func model2vec(_ tokenizer: Tokenizer, maxTokens: Int) -> StaticTokens {
        let lengths = (0..<tokenizer.vocabularySize).compactMap { tokenizer.token(id: $0)?.unicodeScalars.count }.sorted()
        var median = 1
        if !lengths.isEmpty { median = (lengths[(lengths.count - 1) / 2] + lengths[lengths.count / 2]) / 2 }
        let (characters, overflow) = maxTokens.multipliedReportingOverflow(by: median)
        return StaticTokens(unknown: tokenizer.unknownID, characters: overflow ? nil : characters)
    }
}
