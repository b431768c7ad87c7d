/// A transformer on one device: it turns token ids into hidden states, one row a token, and these into rows
/// that a caller keeps.
package protocol Encoder: Sendable {
    var shape: EncoderShape { get }
    /// Bytes that the weights take in memory, beyond the mapped file.
    var weightBytes: Int { get }
    /// What one thread runs batches with. Its memory grows as batches ask for it, up to `sessionBytes`.
    func makeSession(for largest: BatchLimit) -> any EncoderSession
    /// The most bytes of such a session, without making it.
    func sessionBytes(for largest: BatchLimit) -> Int
    /// The bytes that each member of a team but the first adds to it.
    func memberBytes(longest: Int) -> Int
    /// Whether texts of so many tokens may have hidden ones at their end, see `PackedBatch`.
    func hidesTokens(ofTextsUpTo tokens: Int) -> Bool
    /// Whether its sessions keep prefixes of texts, and take them.
    var keepsPrefixes: Bool { get }
    /// The bytes of a prefix of so many tokens.
    func prefixBytes(tokens: Int) -> Int
    /// Whether `Reduction.attentionOfFirstToken` has a meaning.
    var givesAttentionOfFirstToken: Bool { get }
}

extension Encoder {
    package var keepsPrefixes: Bool { false }
    package func prefixBytes(tokens: Int) -> Int { 0 }
}

/// The sizes of an encoder that its users need to know.
package struct EncoderShape: Sendable, Equatable {
    package var architecture: String
    package var layers: Int
    package var hiddenSize: Int
    package var heads: Int
    package var intermediateSize: Int
    package var vocabularySize: Int
    /// Rows of the table of token types; 0: there is none.
    package var typeVocabularySize = 0
    package var maxPositions: Int
    package var parameters: Int
    package var activation: String
}
