internal import MartletTokenizers

/// What static models do with tokens before their vectors are looked up: there are no special tokens around a
/// text.
package struct StaticTokens: Sendable, Equatable {
    /// The id of unknown text, which has no vector and is left out after a text was cut; nil: it has one like
    /// any other.
    package var unknown: Int32?
    /// Before it is cut into tokens, a text is cut to so many characters (Unicode scalars) for each token
    /// that it may have; nil: it is not.
    package var charactersPerToken: Int?

    /// As model2vec defines them: the median of the lengths of all tokens.
    static func model2vec(_ tokenizer: Tokenizer) -> StaticTokens {
        let lengths = (0..<tokenizer.vocabularySize).compactMap {
            tokenizer.token(id: $0)?.unicodeScalars.count
        }.sorted()
        var median = 1
        if !lengths.isEmpty { median = (lengths[(lengths.count - 1) / 2] + lengths[lengths.count / 2]) / 2 }
        return StaticTokens(unknown: tokenizer.unknownID, charactersPerToken: median)
    }

    /// The most characters of a text that may have so many tokens; nil: any number.
    func characters(_ maxTokens: Int?) -> Int? {
        guard let charactersPerToken, let maxTokens else { return nil }
        let (characters, overflow) = maxTokens.multipliedReportingOverflow(by: charactersPerToken)
        return overflow ? nil : characters
    }
}
