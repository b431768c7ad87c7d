/// Byte-pair encoding: the characters of a word, or its bytes, merge pair by pair in the order that training
/// found.
struct BPE: TokenModel {
    let vocabulary: Vocabulary
    let merges: MergeTable
    let options: BPEOptions
    let unknown: Int32?
    /// Whether words are bytes as they are, which the vocabulary spells with `ByteAlphabet`.
    private(set) var readsBytes = false
    /// The token of each byte or ASCII character, or -1: four tables of 256, plus 256 after the first one of
    /// a word, plus 512 for the last.
    private var single: [Int32]
    /// `<0x00>` to `<0xFF>` if all are there.
    private let fallback: [Int32]
    /// Whether a text may be taken apart at its spaces.
    private let spacesLead: Bool
    /// Stands for this model in the memory of a thread.
    private let identity = Identity()

    private final class Identity: Sendable {}

    var name: String { "BPE" }

    init(_ vocabulary: Vocabulary, _ merges: MergeTable, _ options: BPEOptions) {
        self.vocabulary = vocabulary
        self.merges = merges
        self.options = options
        unknown = options.unknown.flatMap { vocabulary.id(of: $0) }
        spacesLead = Self.spacesLead(vocabulary, options)
        let digits = Array("0123456789ABCDEF".utf8)
        let names = (0...255).map { (byte: Int) in
            "<0x" + String(decoding: [digits[byte >> 4], digits[byte & 15]], as: UTF8.self) + ">"
        }
        fallback = options.byteFallback ? names.map { vocabulary.id(of: $0) ?? -1 } : []
        single = []
        single = singles { byte in byte < 0x80 ? [UInt8(byte)] : nil }
    }

    private func singles(_ spell: (Int) -> [UInt8]?) -> [Int32] {
        var table = [Int32](repeating: -1, count: 1024)
        for index in table.indices {
            guard let spelled = spell(index & 255) else { continue }
            let token =
                (index & 256 == 0 ? [] : options.prefix) + spelled + (index & 512 == 0 ? [] : options.suffix)
            table[index] = vocabulary.id(ofBytes: token) ?? -1
        }
        return table
    }

    /// The same model for words that are not spelled, if that makes no difference.
    func readingBytes() -> BPE? {
        guard !options.byteFallback else { return nil }
        guard !readsBytes else { return self }
        var model = self
        model.readsBytes = true
        model.single = singles { byte in Array(String(Unicode.Scalar(ByteAlphabet.scalars[byte]) ?? " ").utf8)
        }
        return model
    }

    /// Whether every byte has a token, so that nothing is unknown.
    var coversBytes: Bool { readingBytes()?.single.allSatisfy { $0 >= 0 } ?? false }

    // MARK: Tokenizing

    var keptBytes: Int { 1 << 21 }

    func tokenize(
        _ text: AlignedText, _ words: [Range<Int>], into sink: inout IDSink, _ scratch: TokenizerScratch
    ) {
        let memory = scratch.memory(of: identity) { BPEMemory() }
        vocabulary.withReader { vocabulary in
            merges.withReader { merges in
                single.withUnsafeBufferPointer { single in
                    let run = Run(
                        model: self, vocabulary: vocabulary, merges: merges, single: single, text: text.bytes,
                        memory: memory)
                    if sink.tracksOffsets {
                        for word in words { run.tokenizeInFull(word, into: &sink) }
                    } else if spacesLead {
                        for word in words { run.tokenizeParts(word, into: &sink) }
                    } else {
                        for word in words { run.tokenize(word, into: &sink) }
                    }
                }
            }
        }
    }

    private struct Run {
        let model: BPE
        let vocabulary: Vocabulary.Reader
        let merges: MergeTable.Reader
        let single: UnsafeBufferPointer<Int32>
        let text: UnsafeBufferPointer<UInt8>
        let memory: BPEMemory

        /// Ids alone, from the cache if the word is there.
        @inline(__always)
        func tokenize(_ word: Range<Int>, into sink: inout IDSink) {
            guard word.count <= WordCache.longestWord else { return tokenizeInFull(word, into: &sink) }
            let key = WordCache.Key(text, word)
            if let hit = memory.cache.ids(of: key) {
                for id in hit { sink.append(id, 0, 0) }
                return
            }
            tokenizeAndCache(word, key, into: &sink)
        }

        /// Part by part: each begins with the spaces before it.
        func tokenizeParts(_ word: Range<Int>, into sink: inout IDSink) {
            var start = word.lowerBound
            var position = start
            while position < word.upperBound {
                while position < word.upperBound, BPE.isSpace(text, position, word.upperBound) {
                    position &+= 3
                }
                while position < word.upperBound, !BPE.isSpace(text, position, word.upperBound) {
                    position &+= 1
                }
                tokenize(start..<position, into: &sink)
                start = position
            }
        }

        @inline(never)
        private func tokenizeAndCache(_ word: Range<Int>, _ key: WordCache.Key, into sink: inout IDSink) {
            merge(word)
            memory.cache.insert(key, memory.symbols.ids)
            for id in memory.symbols.ids { sink.append(id, 0, 0) }
        }

        @inline(never)
        func tokenizeInFull(_ word: Range<Int>, into sink: inout IDSink) {
            merge(word)
            var place = word.lowerBound
            for index in 0..<memory.symbols.count {
                let end = min(place + Int(memory.symbols.lengths[index]), word.upperBound)
                sink.append(memory.symbols.ids[index], place, end)
                place = end
            }
        }

        private func merge(_ word: Range<Int>) {
            memory.symbols.removeAll()
            if model.options.ignoresMerges, let id = wholeToken(word) {
                memory.symbols.append(id, word.count)
                return
            }
            if model.readsBytes { appendBytes(word) } else { appendCharacters(word) }
            memory.symbols.merge(merges)
        }

        private func wholeToken(_ word: Range<Int>) -> Int32? {
            let bytes = UnsafeBufferPointer(rebasing: text[word])
            return model.readsBytes ? vocabulary.id(ofSpelled: bytes) : vocabulary.id(of: bytes)
        }

        private func appendBytes(_ word: Range<Int>) {
            var unknowns = Unknowns(model)
            for index in word {
                let place = (index == word.lowerBound ? 0 : 256) + (index == word.upperBound - 1 ? 512 : 0)
                let id = single[place + Int(text[index])]
                if id >= 0 {
                    unknowns.flush(into: memory.symbols)
                    memory.symbols.append(id, 1)
                } else {
                    unknowns.add(1, into: memory.symbols)
                }
            }
            unknowns.flush(into: memory.symbols)
        }

        private func appendCharacters(_ word: Range<Int>) {
            var unknowns = Unknowns(model)
            var position = word.lowerBound
            while position < word.upperBound {
                let length = UTF8Scalars.decode(text, at: position).length
                let place =
                    (position == word.lowerBound ? 0 : 256) + (position + length == word.upperBound ? 512 : 0)
                let id =
                    text[position] < 0x80
                    ? single[place + Int(text[position])] : self.id(of: position..<position + length, place)
                if id >= 0 {
                    unknowns.flush(into: memory.symbols)
                    memory.symbols.append(id, length)
                } else if !appendFallback(position..<position + length, place) {
                    unknowns.add(length, into: memory.symbols)
                }
                position += length
            }
            unknowns.flush(into: memory.symbols)
        }

        private func id(of range: Range<Int>, _ place: Int) -> Int32 {
            let (prefix, suffix) = (model.options.prefix, model.options.suffix)
            if prefix.isEmpty && suffix.isEmpty {
                return vocabulary.id(of: UnsafeBufferPointer(rebasing: text[range])) ?? -1
            }
            let token = (place & 256 == 0 ? [] : prefix) + text[range] + (place & 512 == 0 ? [] : suffix)
            return token.withUnsafeBufferPointer { vocabulary.id(of: $0) ?? -1 }
        }

        /// One token for each byte of a character that the vocabulary lacks, prefix and suffix included.
        private func appendFallback(_ range: Range<Int>, _ place: Int) -> Bool {
            guard !model.fallback.isEmpty else { return false }
            let prefix = place & 256 == 0 ? [] : model.options.prefix
            let suffix = place & 512 == 0 ? [] : model.options.suffix
            let bytes = prefix + text[range] + suffix
            guard bytes.allSatisfy({ model.fallback[Int($0)] >= 0 }) else { return false }
            for byte in bytes { memory.symbols.append(model.fallback[Int(byte)], 1) }
            return true
        }
    }

    /// Characters without a token wait for the next one that has one: `fuse_unk` makes one token of them.
    private struct Unknowns {
        private let id: Int32?
        private let fuses: Bool
        private var length = 0

        init(_ model: BPE) {
            id = model.unknown
            fuses = model.options.fusesUnknown
        }

        mutating func add(_ count: Int, into symbols: SymbolList) {
            if !fuses { flush(into: symbols) }
            length += count
        }

        mutating func flush(into symbols: SymbolList) {
            if length > 0, let id { symbols.append(id, length) }
            length = 0
        }
    }
}

/// What tokenizer.json says beside vocabulary and merges.
struct BPEOptions: Sendable {
    var unknown: String?
    /// Before every symbol but a word's first, and after its last: `continuing_subword_prefix`,
    /// `end_of_word_suffix`.
    var prefix: [UInt8] = []
    var suffix: [UInt8] = []
    var fusesUnknown = false
    var byteFallback = false
    /// A word that is a token is that token, whatever merges would make of it.
    var ignoresMerges = false
}

/// Working memory of one thread.
final class BPEMemory: ModelScratch {
    let symbols = SymbolList()
    let cache = WordCache()

    override var bytes: Int { symbols.bytes + cache.bytes }
}
