/// Greedy longest match from the left: the first piece of a word as it stands, each further one after the
/// continuation prefix. A word with an unmatched rest, or with too many characters, is the unknown token.
struct WordPiece: TokenModel {
    let vocabulary: Vocabulary
    let unknown: Int32
    let prefix: [UInt8]
    let maxCharacters: Int
    private let prefixHash: Vocabulary.Hash

    var name: String { "WordPiece" }

    init(_ vocabulary: Vocabulary, unknown: Int32, prefix: String, maxCharacters: Int) {
        self.vocabulary = vocabulary
        self.unknown = unknown
        self.prefix = Array(prefix.utf8)
        self.maxCharacters = maxCharacters
        prefixHash = self.prefix.reduce(Vocabulary.seed) { Vocabulary.extend($0, $1) }
    }

    func tokenize(
        _ text: AlignedText, _ words: [Range<Int>], into sink: inout IDSink, _ scratch: TokenizerScratch
    ) {
        let window = vocabulary.longestToken
        vocabulary.withReader { reader in
            withUnsafeTemporaryAllocation(of: Vocabulary.Hash.self, capacity: window + 1) { hashes in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: maxCharacters + 1) { pieces in
                    if sink.tracksOffsets {
                        tokenizeWithPlaces(text, words, window, reader, hashes, pieces, into: &sink)
                    } else {
                        for range in words {
                            let word = UnsafeBufferPointer(rebasing: text.bytes[range])
                            let count = split(word, window, reader, hashes, pieces) { _, _ in }
                            if count == 0 { sink.append(withoutPlace: unknown) }
                            for index in 0..<count { sink.append(withoutPlace: pieces[index]) }
                        }
                    }
                }
            }
        }
    }

    private func tokenizeWithPlaces(
        _ text: AlignedText, _ words: [Range<Int>], _ window: Int, _ reader: Vocabulary.Reader,
        _ hashes: UnsafeMutableBufferPointer<Vocabulary.Hash>, _ pieces: UnsafeMutableBufferPointer<Int32>,
        into sink: inout IDSink
    ) {
        var ends = [Int](repeating: 0, count: maxCharacters + 1)
        for range in words {
            let word = UnsafeBufferPointer(rebasing: text.bytes[range])
            let count = split(word, window, reader, hashes, pieces) { ends[$0] = $1 }
            if count == 0 { sink.append(unknown, range.lowerBound, range.upperBound) }
            for index in 0..<count {
                sink.append(
                    pieces[index], range.lowerBound + (index > 0 ? ends[index - 1] : 0),
                    range.lowerBound + ends[index])
            }
        }
    }

    /// Fills `pieces` and returns how many there are, none where the word is unknown. `didFind` is told the
    /// end of each.
    @inline(__always)
    private func split(
        _ word: UnsafeBufferPointer<UInt8>, _ window: Int, _ reader: Vocabulary.Reader,
        _ hashes: UnsafeMutableBufferPointer<Vocabulary.Hash>, _ pieces: UnsafeMutableBufferPointer<Int32>,
        didFind: (_ index: Int, _ end: Int) -> Void
    ) -> Int {
        if word.count > maxCharacters, !hasAtMost(maxCharacters, word) { return 0 }
        var count = 0
        var start = 0
        while start < word.count {
            var hash = start == 0 ? Vocabulary.seed : prefixHash
            let skipping = start == 0 ? 0 : prefix.count
            let longest = min(word.count &- start, window)
            for index in 0..<longest {
                hash = Vocabulary.extend(hash, word[start &+ index])
                hashes[index] = hash
            }
            var length = longest
            var found: Int32?
            while length > 0 {
                // A piece ends where a character does.
                if start &+ length == word.count || word[start &+ length] & 0xC0 != 0x80 {
                    let piece = UnsafeBufferPointer(rebasing: word[start..<start &+ length])
                    found = reader.id(hash: hashes[length &- 1], piece, skipping: skipping)
                    if found != nil { break }
                }
                length &-= 1
            }
            guard let found else { return 0 }
            start &+= length
            pieces[count] = found
            didFind(count, start)
            count &+= 1
        }
        return count
    }

    private func hasAtMost(_ limit: Int, _ word: UnsafeBufferPointer<UInt8>) -> Bool {
        var count = 0
        for byte in word where byte & 0xC0 != 0x80 {
            count += 1
            if count > limit { return false }
        }
        return true
    }
}
