/// The segmentation of a word into pieces whose scores have the largest sum (Kudo 2018), found by dynamic
/// programming from left to right. Among equals the piece that begins first wins. What no piece covers is
/// unknown, character by character; neighbours become one token.
struct Unigram: TokenModel {
    let vocabulary: Vocabulary
    private let trie: PieceTrie
    /// By entry of the trie, which is the id.
    let scores: [Double]
    let unknown: Int32
    private let unknownScore: Double
    /// Of the pieces `<0x00>` to `<0xFF>`, -1 where there is none; nil without byte fallback.
    private let byteIDs: [Int32]?
    var hasByteFallback: Bool { byteIDs != nil }
    private let identity = ModelIdentity()

    var name: String { "Unigram" }

    private static let unknownPenalty = 10.0

    init(_ pieces: ScoredPieces, unknown: Int32, hasByteFallback: Bool) {
        let lowest = pieces.scores.min() ?? 0
        self.init(
            pieces, scores: pieces.scores, unknown: unknown, unknownScore: lowest - Self.unknownPenalty,
            hasByteFallback: hasByteFallback)
    }

    /// Only pieces that `isIncluded` holds for are found in a text.
    init(
        _ pieces: ScoredPieces, scores: [Double], unknown: Int32, unknownScore: Double, hasByteFallback: Bool,
        where isIncluded: (Int) -> Bool = { _ in true }
    ) {
        trie = PieceTrie(bytes: pieces.bytes, starts: pieces.starts, where: isIncluded)
        // Pieces that are not found in a text have their names all the same.
        let isWhole = pieces.scores.indices.allSatisfy(isIncluded)
        let names = isWhole ? trie : PieceTrie(bytes: pieces.bytes, starts: pieces.starts)
        vocabulary = Vocabulary(bytes: pieces.bytes, starts: pieces.starts, trie: names)
        self.scores = scores
        self.unknown = unknown
        self.unknownScore = unknownScore
        byteIDs = hasByteFallback ? vocabulary.byteIDs : nil
    }

    var keptBytes: Int { 1 << 21 }

    func tokenize(
        _ text: AlignedText, _ words: [Range<Int>], into sink: inout IDSink, _ scratch: TokenizerScratch
    ) {
        let lattice = scratch.memory(of: identity) { Lattice() }
        trie.withReader { trie in
            scores.withUnsafeBufferPointer { scores in
                for word in words {
                    lattice.reserve(word.count + 1)
                    search(text.bytes, word, trie, scores, lattice.nodes)
                    emit(text.bytes, word, trie, lattice.nodes, &sink)
                }
            }
        }
    }

    /// Fills `nodes`, one for each end of a piece, relative to the word's start.
    @inline(__always)
    private func search(
        _ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ trie: PieceTrie.Reader,
        _ scores: UnsafeBufferPointer<Double>,
        _ nodes: UnsafeMutablePointer<Lattice.Node>
    ) {
        let origin = word.lowerBound
        for index in 1...max(1, word.count) { nodes[index].start = -1 }
        nodes[0].score = 0
        var position = origin
        while position < word.upperBound {
            let start = position &- origin
            let here = nodes[start].score
            let characterEnd = min(word.upperBound, position &+ UTF8Scalars.length(lead: text[position]))
            var hasCharacter = false
            trie.forEachPrefix(of: text, from: position, to: word.upperBound) { entry, end in
                let score = scores[entry] + here
                let node = nodes + (end &- origin)
                if node.pointee.start < 0 || score > node.pointee.score {
                    node.pointee = Lattice.Node(
                        score: score, start: Int32(truncatingIfNeeded: start),
                        id: Int32(truncatingIfNeeded: entry))
                }
                hasCharacter = hasCharacter || end == characterEnd
            }
            if !hasCharacter {
                let score = unknownScore + here
                let node = nodes + (characterEnd &- origin)
                if node.pointee.start < 0 || score > node.pointee.score {
                    node.pointee = Lattice.Node(
                        score: score, start: Int32(truncatingIfNeeded: start), id: unknown)
                }
            }
            position = characterEnd
        }
    }

    @inline(__always)
    private func emit(
        _ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ trie: PieceTrie.Reader,
        _ nodes: UnsafeMutablePointer<Lattice.Node>,
        _ sink: inout IDSink
    ) {
        // The links go from an end to a start; turned around, each end leads to the next one.
        var end = word.count
        var following = -1
        while end > 0 {
            let start = Int(nodes[end].start)
            nodes[end].start = Int32(truncatingIfNeeded: following)
            following = end
            end = start
        }
        var start = word.lowerBound
        while following >= 0 {
            let id = nodes[following].id
            var next = Int(nodes[following].start)
            if id == unknown {
                while next >= 0, nodes[next].id == unknown {
                    following = next
                    next = Int(nodes[next].start)
                }
                let end = word.lowerBound &+ following
                emitUnknown(text, start..<end, trie, &sink)
                start = end
            } else {
                let end = word.lowerBound &+ following
                sink.append(id, start, end)
                start = end
            }
            following = next
        }
    }

    @inline(never)
    private func emitUnknown(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ trie: PieceTrie.Reader,
        _ sink: inout IDSink
    ) {
        if let entry = trie.entry(of: text, range) {
            return sink.append(Int32(truncatingIfNeeded: entry), range.lowerBound, range.upperBound)
        }
        if let byteIDs, text[range].allSatisfy({ byteIDs[Int($0)] >= 0 }) {
            for byte in text[range] { sink.append(byteIDs[Int(byte)], range.lowerBound, range.upperBound) }
            return
        }
        sink.append(unknown, range.lowerBound, range.upperBound)
    }
}
