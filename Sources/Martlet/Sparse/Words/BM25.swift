/// The parameters of BM25 as sparse vectors (Robertson and Zaragoza 2009; fastembed's `Qdrant/bm25`).
///
/// A document has f · (k + 1) / (f + k · (1 − b + b · length / averageLength)) for each of its words, f being
/// how often the word stands there, and a query has 1. How rare a word is (IDF) is left to the index that is
/// searched.
public struct BM25: Sendable, Hashable {
    /// How soon more of the same word counts little.
    public var k: Float
    /// How much a document's length counts, from 0 to 1.
    public var b: Float
    /// Words of an average document, without stop words.
    public var averageLength: Float
    /// The language of the texts; `english` is the only one.
    public var language: String
    /// Words that are left out, in lower case; nil: those of the language.
    public var stopWords: Set<String>?
    /// Whether words are cut to their stems.
    public var stems: Bool
    /// Longer words are left out.
    public var maxWordLength: Int

    /// Parameters; the defaults are fastembed's.
    public init(
        k: Float = 1.2, b: Float = 0.75, averageLength: Float = 256, language: String = "english",
        stopWords: Set<String>? = nil,
        stems: Bool = true, maxWordLength: Int = 40
    ) {
        self.k = k
        self.b = b
        self.averageLength = averageLength
        self.language = language
        self.stopWords = stopWords
        self.stems = stems
        self.maxWordLength = maxWordLength
    }

    func check() throws(MartletError) {
        guard language == "english" || (!stems && stopWords != nil) else {
            throw MartletError(
                .invalidOption,
                "BM25 in \(language) is not available: stems and stop words are English ones; pass stop words and stems: false for another language"
            )
        }
        guard k.isFinite, k >= 0, b >= 0, b <= 1, averageLength.isFinite, averageLength > 0, maxWordLength > 0
        else {
            throw MartletError(
                .invalidOption,
                "BM25 with k \(k), b \(b), average length \(averageLength): expected k from 0, b from 0 to 1, a positive length"
            )
        }
    }

    /// The stems of the words that count, in the order of the text.
    func stemmed(_ words: [String]) -> [String] {
        let ignored = stopWords ?? EnglishStopWords.all
        return words.compactMap { word in
            guard word != "_", !ignored.contains(word), word.unicodeScalars.count <= maxWordLength else {
                return nil
            }
            let stem = stems ? EnglishStemmer.stem(word) : word
            return stem.isEmpty ? nil : stem
        }
    }

    /// The vector of a text, and how many words it has.
    func vector(_ text: String, isQuery: Bool) -> (vector: SparseEmbedding, words: Int) {
        let words = WordSplitter.words(text)
        var counts: [String: Int] = [:]
        var order: [String] = []
        var length = 0
        for stem in stemmed(words) {
            length += 1
            if counts.updateValue((counts[stem] ?? 0) + 1, forKey: stem) == nil { order.append(stem) }
        }
        var weights: [Int: Float] = [:]
        let (k, b) = (Double(k), Double(b))
        let share = k * (1 - b + b * Double(length) / Double(averageLength))
        // Of two words with the same hash the later one counts, as in fastembed.
        for stem in order {
            let count = Double(counts[stem] ?? 0)
            weights[WordHash.index(stem)] = isQuery ? 1 : Float(count * (k + 1) / (count + share))
        }
        return (SparseEmbedding(weights), words.count)
    }
}
