/// The vectors of a batch of texts, in the order of the texts.
public protocol EmbeddingBatch: RandomAccessCollection, Codable, Sendable
where Index == Int, Element: Sendable {
    /// Which model made them; nil for vectors from elsewhere.
    var identity: ModelIdentity? { get }
    /// What it took to compute them.
    var usage: Usage { get }

    /// Adds the vectors of the next texts; ``Usage/truncatedInputs`` then counts over both.
    /// - Throws: ``MartletError/Code/differentSpaces`` if they are of another space,
    ///   ``MartletError/Code/dimensionMismatch`` if they have another number of dimensions. Nothing is added
    ///   then.
    mutating func append(contentsOf other: Self) throws(MartletError)
}
