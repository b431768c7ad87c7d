public import Martlet

/// Chunks that end where the subject changes: where the sentences before and after differ most, by a model's
/// vectors.
///
/// At each gap between sentences the mean vector of the sentences before is compared with that of those
/// after, as TextTiling does with words (Hearst 1997). A chunk ends at each gap whose similarity is among
/// the lowest and lower than that of its neighbours, and where its size would be exceeded. It costs one
/// vector for each sentence.
public struct SemanticChunker: Chunker {
    /// Gives the vector of each text.
    public typealias Embed = @Sendable (_ texts: [String]) async throws -> [[Float]]

    /// How large chunks are at most.
    public var size: ChunkSize
    /// The share of gaps between sentences, from 0 to 1, at which a chunk may end before it is full. Default:
    /// 0.2.
    public var share: Double
    /// Sentences on each side that are compared. Default: 3.
    public var window: Int
    private let embed: Embed

    /// - Parameter embed: Gives the vector of each sentence; sentences may be longer than the model takes.
    public init(size: ChunkSize = .init(), share: Double = 0.2, window: Int = 3, embed: @escaping Embed) {
        self.size = size
        self.share = share
        self.window = window
        self.embed = embed
    }

    /// - Parameter embedder: Makes the vectors of sentences.
    public init(size: ChunkSize = .init(), share: Double = 0.2, window: Int = 3, embedder: Embedder) {
        self.init(size: size, share: share, window: window) { texts in
            try await embedder.embed(texts).map { Array($0) }
        }
    }

    public func chunks(of document: Document, measuring counter: some TokenCounter) async throws -> [Chunk] {
        guard (0...1).contains(share), window > 0 else {
            throw ChunkingError(
                .invalidOption,
                "a share of \(share) and a window of \(window): expected 0 to 1, and 1 or more sentences")
        }
        _ = try size.budget(counter)
        let source = SourceText(document.text)
        var layout = Layout()
        SentenceCuts.add(to: &layout, of: source, 0..<source.count)
        let gaps = layout.cuts.indices.filter { layout.cuts[$0].strength.keepsWhole }
        if !gaps.isEmpty {
            let offsets = gaps.map { layout.cuts[$0].offset }
            let sentences = zip([0] + offsets, offsets + [source.count]).map { source.text(in: $0..<$1) }
            let vectors = try await embed(sentences)
            guard vectors.count == sentences.count, Set(vectors.map(\.count)).count == 1 else {
                throw ChunkingError(
                    .invalidOption,
                    "\(sentences.count) sentences have \(vectors.count) vectors, or of unequal lengths")
            }
            for gap in breaks(vectors) {
                layout.cuts[gaps[gap]] = Cut(offset: layout.cuts[gaps[gap]].offset, strength: .section)
            }
        }
        return try ChunkBuilder.chunks(of: document.text, size, measuring: counter) { _ in layout }
    }

    /// The gaps at which the subject changes. Gap i is before sentence i + 1.
    private func breaks(_ vectors: [[Float]]) -> [Int] {
        let similarities = (1..<vectors.count).map { sentence in
            cosine(
                sum(vectors[max(0, sentence - window)..<sentence]),
                sum(vectors[sentence..<min(vectors.count, sentence + window)]))
        }
        let count = Int((Double(similarities.count) * share).rounded())
        guard count > 0 else { return [] }
        let highest = similarities.sorted()[count - 1]
        return similarities.indices.filter { gap in
            let value = similarities[gap]
            let before = gap > 0 ? similarities[gap - 1] : .infinity
            let following = gap + 1 < similarities.count ? similarities[gap + 1] : .infinity
            return value <= highest && value <= before && value < following
        }
    }

    private func sum(_ vectors: ArraySlice<[Float]>) -> [Float] {
        var sum = [Float](repeating: 0, count: vectors.first?.count ?? 0)
        for vector in vectors { for index in sum.indices { sum[index] += vector[index] } }
        return sum
    }

    private func cosine(_ a: [Float], _ b: [Float]) -> Float {
        var (product, lengthA, lengthB): (Float, Float, Float) = (0, 0, 0)
        for (x, y) in zip(a, b) {
            product += x * y
            lengthA += x * x
            lengthB += y * y
        }
        let length = (lengthA * lengthB).squareRoot()
        return length > 0 ? product / length : 0
    }
}
