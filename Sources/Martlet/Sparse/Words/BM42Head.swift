internal import MartletCompute
internal import MartletModels
internal import MartletSystem
internal import MartletTokenizers

/// Words put together from the pieces of WordPiece, each with the attention that its pieces get.
struct BM42Head: SparseHead {
    private let hiddenSize: Int
    private let tokenizer: Tokenizer
    private let stopWords: Set<String>
    private let alpha: Float

    init(_ engine: Engine, stopWords: Set<String>, alpha: Float) {
        hiddenSize = engine.encoder.shape.hiddenSize
        tokenizer = engine.tokenizer
        self.stopWords = stopWords
        self.alpha = alpha
    }

    /// The words of `stopwords.txt`, one a line; nil: there is no such file.
    static func stopWords(_ folder: ModelFolder) throws(MartletError) -> Set<String>? {
        guard let file = try folder.map("stopwords.txt") else { return nil }
        let text = file.region.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        return Set(text.split(whereSeparator: \.isNewline).map(String.init))
    }

    var description: String {
        "attention of the first token → words → stop words left out → English stems → ln(1 + x)^\(alpha) → hash"
    }
    var dimensions: Int { 1 << 31 }
    var parameters: Int { 0 }
    func scratchBytes(tokens: Int) -> Int { 2 * tokens * hiddenSize * 4 }
    var reduction: Reduction { .attentionOfFirstToken }

    func vectors(of unit: EncodedUnit) -> [SparseEmbedding?] {
        (0..<unit.offsets.count - 1).map { text in
            let attention = unit.rows.range(of: text).map { unit.rows.row($0)[0] }
            guard attention.allSatisfy(\.isFinite) else { return nil }
            var best: [String: Float] = [:]
            var order: [String] = []
            for word in pieces(unit.ids[unit.offsets[text]..<unit.offsets[text + 1]]) {
                let weight = word.pieces.reduce(0) { $0 + attention[$1] }
                if best[word.stem] == nil { order.append(word.stem) }
                best[word.stem] = max(best[word.stem] ?? 0, weight)
            }
            var weights: [Int: Float] = [:]
            for stem in order { weights[WordHash.index(stem)] = powf(log1pf(best[stem] ?? 0), alpha) }
            return SparseEmbedding(weights)
        }
    }

    func vector(ofQuery ids: ArraySlice<Int32>) -> SparseEmbedding? {
        var weights: [Int: Float] = [:]
        for word in pieces(ids) { weights[WordHash.index(word.stem)] = 1 }
        return SparseEmbedding(weights)
    }

    func words(of ids: ArraySlice<Int32>) -> [String] { pieces(ids).map(\.stem) }

    /// The words of a text's pieces, and the places of these: special tokens, stop words and single
    /// punctuation left out.
    private func pieces(_ ids: ArraySlice<Int32>) -> [(stem: String, pieces: [Int])] {
        var found: [(word: String, pieces: [Int])] = []
        for (place, id) in ids.enumerated() {
            guard let token = tokenizer.token(id: Int(id)), !isSpecial(id, token) else { continue }
            if token.hasPrefix("##"), !found.isEmpty {
                found[found.count - 1].word += token.dropFirst(2)
                found[found.count - 1].pieces.append(place)
            } else {
                found.append((token.hasPrefix("##") ? String(token.dropFirst(2)) : token, [place]))
            }
        }
        return found.filter {
            !stopWords.contains($0.word) && !LateInteractionDescription.punctuation.contains($0.word)
        }
        .map { (EnglishStemmer.stem($0.word), $0.pieces) }
    }

    private func isSpecial(_ id: Int32, _ token: String) -> Bool {
        tokenizer.isSpecial(id: Int(id)) || ["[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]"].contains(token)
    }
}
