/// Greedy longest match from the left: the first piece of a word as it stands, each further one behind the continuation prefix.
/// A word with an unmatched rest, or with too many characters, is the unknown token.
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

    func tokenize(_ text: AlignedText, _ words: [Range<Int>], into sink: inout IDSink, _ scratch: TokenizerScratch) {
        let window = vocabulary.longestToken
        vocabulary.withReader { reader in
            withUnsafeTemporaryAllocation(of: Vocabulary.Hash.self, capacity: window + 1) { hashes in
                withUnsafeTemporaryAllocation(of: Piece.self, capacity: maxCharacters + 1) { pieces in
                    for range in words { tokenize(text.bytes, range, window, reader, hashes, pieces, into: &sink) }
                }
            }
        }
    }

    private struct Piece {
        let id: Int32
        /// In bytes from the start of the word; a word has at most 4 × 1,000,000 of them.
        let end: Int32
    }

    @inline(__always)
    private func tokenize(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ window: Int, _ reader: Vocabulary.Reader,
        _ hashes: UnsafeMutableBufferPointer<Vocabulary.Hash>, _ pieces: UnsafeMutableBufferPointer<Piece>, into sink: inout IDSink
    ) {
        let word = UnsafeBufferPointer(rebasing: text[range])
        if word.count > maxCharacters, !hasAtMost(maxCharacters, word) { return sink.append(unknown, range.lowerBound, range.upperBound) }
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
            guard let found else { return sink.append(unknown, range.lowerBound, range.upperBound) }
            start &+= length
            pieces[count] = Piece(id: found, end: Int32(truncatingIfNeeded: start))
            count &+= 1
        }
        var place = range.lowerBound
        for index in 0..<count {
            let end = range.lowerBound &+ Int(pieces[index].end)
            sink.append(pieces[index].id, place, end)
            place = end
        }
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
