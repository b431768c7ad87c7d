/// Byte-pair encoding by scores, as SentencePiece and llama.cpp do it where a file has no list of merges: of
/// all neighbours that are a piece together, those with the highest score become one first, and of equals the
/// leftmost. A character that is no piece falls back to bytes.
struct ScoredBPE: TokenModel {
    let vocabulary: Vocabulary
    private let trie: PieceTrie
    private let scores: [Float]
    private let byteIDs: [Int32]
    let unknown: Int32
    private let identity = ModelIdentity()

    var name: String { "BPE" }

    init(_ pieces: ScoredPieces, unknown: Int32) {
        trie = PieceTrie(bytes: pieces.bytes, starts: pieces.starts)
        vocabulary = Vocabulary(bytes: pieces.bytes, starts: pieces.starts, trie: trie)
        scores = pieces.scores.map { Float($0) }
        byteIDs = vocabulary.byteIDs
        self.unknown = unknown
    }

    var keptBytes: Int { 1 << 22 }

    func tokenize(
        _ text: AlignedText, _ words: [Range<Int>], into sink: inout IDSink, _ scratch: TokenizerScratch
    ) {
        let memory = scratch.memory(of: identity) { SymbolMemory() }
        trie.withReader { trie in
            for word in words {
                split(text.bytes, word, memory)
                merge(text.bytes, trie, memory)
                emit(text.bytes, trie, memory, &sink)
            }
        }
    }

    private func split(_ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ memory: SymbolMemory) {
        memory.symbols.removeAll(keepingCapacity: true)
        var position = word.lowerBound
        while position < word.upperBound {
            let end = min(word.upperBound, position + UTF8Scalars.length(lead: text[position]))
            let index = memory.symbols.count
            memory.symbols.append(
                .init(
                    start: position, end: end, previous: index - 1,
                    next: end < word.upperBound ? index + 1 : -1))
            position = end
        }
    }

    private func merge(_ text: UnsafeBufferPointer<UInt8>, _ trie: PieceTrie.Reader, _ memory: SymbolMemory) {
        for index in memory.symbols.indices.dropFirst() { offer(index - 1, index, text, trie, memory) }
        while let pair = memory.pairs.popHighest() {
            let (left, right) = (memory.symbols[pair.left], memory.symbols[pair.right])
            // One of them has become part of another piece since.
            guard left.start < left.end, right.start < right.end, right.end - left.start == pair.length else {
                continue
            }
            memory.symbols[pair.left].end = right.end
            memory.symbols[pair.left].next = right.next
            memory.symbols[pair.right].end = right.start
            if right.next >= 0 { memory.symbols[right.next].previous = pair.left }
            offer(left.previous, pair.left, text, trie, memory)
            offer(pair.left, right.next, text, trie, memory)
        }
    }

    private func offer(
        _ left: Int, _ right: Int, _ text: UnsafeBufferPointer<UInt8>, _ trie: PieceTrie.Reader,
        _ memory: SymbolMemory
    ) {
        guard left >= 0, right >= 0 else { return }
        let range = memory.symbols[left].start..<memory.symbols[right].end
        guard let entry = trie.entry(of: text, range) else { return }
        memory.pairs.insert(.init(score: scores[entry], left: left, right: right, length: range.count))
    }

    private func emit(
        _ text: UnsafeBufferPointer<UInt8>, _ trie: PieceTrie.Reader, _ memory: SymbolMemory,
        _ sink: inout IDSink
    ) {
        var index = memory.symbols.isEmpty ? -1 : 0
        // Characters that are neither a piece nor bytes become one unknown token together.
        var unknownStart = -1
        var position = memory.symbols.first?.start ?? 0
        func flush() {
            if unknownStart >= 0 { sink.append(unknown, unknownStart, position) }
            unknownStart = -1
        }
        while index >= 0 {
            let symbol = memory.symbols[index]
            if let entry = trie.entry(of: text, symbol.start..<symbol.end) {
                flush()
                sink.append(Int32(truncatingIfNeeded: entry), symbol.start, symbol.end)
            } else if text[symbol.start..<symbol.end].allSatisfy({ byteIDs[Int($0)] >= 0 }) {
                flush()
                for place in symbol.start..<symbol.end {
                    sink.append(byteIDs[Int(text[place])], place, place + 1)
                }
            } else if unknownStart < 0 {
                unknownStart = symbol.start
            }
            position = symbol.end
            index = symbol.next
        }
        flush()
    }
}

/// The symbols of a word, and the pairs of them that are a piece.
final class SymbolMemory: ModelScratch {
    struct Symbol {
        var start: Int
        /// `start` once the symbol is part of the one before it.
        var end: Int
        var previous: Int
        var next: Int
    }

    var symbols: [Symbol] = []
    var pairs = PairHeap()

    override var bytes: Int { symbols.capacity * MemoryLayout<Symbol>.stride + pairs.bytes }
}

/// A binary heap of pairs with the best on top.
struct PairHeap {
    struct Pair {
        let score: Float
        let left: Int
        let right: Int
        /// Of both together, in bytes.
        let length: Int

        func isBefore(_ other: Pair) -> Bool {
            score > other.score || score == other.score && left < other.left
        }
    }

    private var pairs: [Pair] = []
    var bytes: Int { pairs.capacity * MemoryLayout<Pair>.stride }

    mutating func insert(_ pair: Pair) {
        pairs.append(pair)
        var index = pairs.count - 1
        while index > 0, pairs[index].isBefore(pairs[(index - 1) / 2]) {
            pairs.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    mutating func popHighest() -> Pair? {
        guard let best = pairs.first else { return nil }
        pairs.swapAt(0, pairs.count - 1)
        pairs.removeLast()
        var index = 0
        while true {
            var child = index * 2 + 1
            guard child < pairs.count else { return best }
            if child + 1 < pairs.count, pairs[child + 1].isBefore(pairs[child]) { child += 1 }
            guard pairs[child].isBefore(pairs[index]) else { return best }
            pairs.swapAt(child, index)
            index = child
        }
    }
}
