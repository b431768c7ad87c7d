internal import MartletSystem

/// The parameters of BM25 in a collection (Robertson, Zaragoza: The probabilistic relevance framework, 2009).
///
/// A record's score is the sum, over the words of the question, of ln(1 + (N - n + 0.5) / (n + 0.5)) · f · (k
/// + 1) / (f + k · (1 - b + b · length / average)): N records, n of them with the word, f times in this one.
public struct BM25Settings: Sendable, Hashable {
    /// How soon more of the same word counts little.
    public var k: Float
    /// How much a text's length counts, from 0 to 1.
    public var b: Float

    /// - Parameters:
    ///   - k: From which number of times on a word counts little more.
    ///   - b: How much long texts are held back, from 0 to 1.
    public init(k: Float = 1.2, b: Float = 0.75) {
        self.k = k
        self.b = b
    }

    func part(count: UInt32, length: UInt32, average: Float) -> Float {
        let count = Float(count)
        return count * (k + 1) / (count + k * (1 - b + b * Float(length) / average))
    }

    static func rarity(of count: Int, among all: Int) -> Float {
        let (n, all) = (Double(count), Double(all))
        return Float(log(1 + (all - n + 0.5) / (n + 0.5)))
    }
}
