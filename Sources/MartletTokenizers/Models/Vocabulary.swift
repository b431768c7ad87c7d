/// Tokens and ids. The tokens' bytes lie in one buffer; a table of open addressing finds an entry by a hash
/// that is computed byte by byte, so that every prefix of a word has its hash at hand, and no lookup
/// allocates.
struct Vocabulary: Sendable {
    typealias Hash = UInt64
    static let seed: Hash = 0xcbf2_9ce4_8422_2325

    private var bytes: [UInt8]
    /// Entry e is `bytes[starts[e]..<starts[e + 1]]`.
    private var starts: [UInt32]
    private var ids: [Int32]
    /// Upper half: the hash's; lower half: entry + 1, or 0 where free.
    private var slots: [UInt64]
    private var mask: Int
    /// -1 where no token has the id.
    private var entryOfID: [Int32]
    private(set) var longestToken = 0
    private var hasDuplicates = false
    /// Finds entries instead of the table.
    private let trie: PieceTrie?

    /// With the ids 0, 1, 2 … and the pieces of `trie`, whose entries they are. Has no reader.
    init(bytes: [UInt8], starts: [UInt32], trie: PieceTrie) {
        self.bytes = bytes
        self.starts = starts
        self.trie = trie
        ids = Array(0..<Int32(truncatingIfNeeded: max(0, starts.count - 1)))
        entryOfID = ids
        (slots, mask) = ([], 0)
    }

    /// `starts` has one element more than `ids`. Of equal tokens the last wins. Ids must lie close: what is
    /// thinner than one in eight is refused rather than given a table.
    init(bytes: [UInt8], starts: [UInt32], ids: [Int32], file: String) throws(TokenizerError) {
        self.bytes = bytes
        self.starts = starts
        self.ids = ids
        trie = nil
        var size = 64
        while size < ids.count * 2 { size *= 2 }
        slots = [UInt64](repeating: 0, count: size)
        mask = size - 1
        guard let last = ids.max(), let first = ids.min() else {
            throw TokenizerError(
                .invalidVocabulary, "the vocabulary has no tokens; is this the model's own file?", file: file)
        }
        guard first >= 0, Int(last) <= ids.count * 8 + 65536 else {
            throw TokenizerError(
                .invalidVocabulary, "token ids reach from \(first) to \(last) for \(ids.count) tokens",
                file: file)
        }
        entryOfID = [Int32](repeating: -1, count: Int(last) + 1)
        fill()
    }

    private mutating func fill() {
        var longest = 0
        var hasDuplicates = false
        let mask = mask
        bytes.withUnsafeBufferPointer { bytes in
            starts.withUnsafeBufferPointer { starts in
                slots.withUnsafeMutableBufferPointer { slots in
                    for entry in ids.indices {
                        let range = Int(starts[entry])..<Int(starts[entry + 1])
                        longest = max(longest, range.count)
                        entryOfID[Int(ids[entry])] = Int32(truncatingIfNeeded: entry)
                        var hash = Self.seed
                        for index in range { hash = Self.extend(hash, bytes[index]) }
                        let finished = Self.finish(hash)
                        var slot = Int(truncatingIfNeeded: finished) & mask
                        while slots[slot] != 0 {
                            let other = Int(truncatingIfNeeded: slots[slot] & 0xFFFF_FFFF) - 1
                            let otherRange = Int(starts[other])..<Int(starts[other + 1])
                            if slots[slot] >> 32 == finished >> 32,
                                bytes[range].elementsEqual(bytes[otherRange])
                            {
                                hasDuplicates = true
                                break
                            }
                            slot = (slot + 1) & mask
                        }
                        slots[slot] = (finished >> 32) << 32 | UInt64(entry + 1)
                    }
                }
            }
        }
        (longestToken, self.hasDuplicates) = (longest, hasDuplicates)
    }

    @inline(__always)
    static func extend(_ hash: Hash, _ byte: UInt8) -> Hash { (hash ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15 }

    @inline(__always)
    static func finish(_ hash: Hash) -> Hash { hash ^ (hash >> 32) }

    var count: Int { ids.count }
    /// One more than the largest id.
    var idBound: Int { entryOfID.count }

    func id(of token: String) -> Int32? {
        var token = token
        return token.withUTF8 { utf8 in
            if let trie {
                return trie.withReader {
                    $0.entry(of: utf8, 0..<utf8.count).map { Int32(truncatingIfNeeded: $0) }
                }
            }
            var hash = Self.seed
            for byte in utf8 { hash = Self.extend(hash, byte) }
            return withReader { $0.id(hash: hash, utf8, skipping: 0) }
        }
    }

    func id(ofBytes token: [UInt8]) -> Int32? {
        token.withUnsafeBufferPointer { token in withReader { $0.id(of: token) } }
    }

    func token(id: Int32) -> String? {
        guard id >= 0, Int(id) < entryOfID.count, entryOfID[Int(id)] >= 0 else { return nil }
        let entry = Int(entryOfID[Int(id)])
        return String(decoding: bytes[Int(starts[entry])..<Int(starts[entry + 1])], as: UTF8.self)
    }

    /// The tables as pointers, for a run of lookups.
    @inline(__always)
    func withReader<Result>(_ body: (Reader) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { bytes in
            starts.withUnsafeBufferPointer { starts in
                slots.withUnsafeBufferPointer { slots in
                    ids.withUnsafeBufferPointer { ids in
                        entryOfID.withUnsafeBufferPointer { entries in
                            body(
                                Reader(
                                    bytes: bytes, starts: starts, slots: slots, ids: ids, mask: mask,
                                    entries: entries,
                                    hasDuplicates: hasDuplicates))
                        }
                    }
                }
            }
        }
    }

    struct Reader {
        let bytes: UnsafeBufferPointer<UInt8>
        let starts: UnsafeBufferPointer<UInt32>
        let slots: UnsafeBufferPointer<UInt64>
        let ids: UnsafeBufferPointer<Int32>
        let mask: Int
        let entries: UnsafeBufferPointer<Int32>
        let hasDuplicates: Bool

        /// Whether the token with an id is certainly the one with these bytes.
        @inline(__always)
        func isToken(_ id: Int32, _ token: UnsafeBufferPointer<UInt8>) -> Bool {
            guard !hasDuplicates, id >= 0, Int(id) < entries.count, entries[Int(id)] >= 0 else {
                return false
            }
            let start = Int(starts[Int(entries[Int(id)])])
            guard Int(starts[Int(entries[Int(id)]) &+ 1]) &- start == token.count else { return false }
            var index = 0
            while index < token.count, bytes[start &+ index] == token[index] { index &+= 1 }
            return index == token.count
        }

        @inline(__always)
        func id(of token: UnsafeBufferPointer<UInt8>) -> Int32? {
            var hash = Vocabulary.seed
            for byte in token { hash = Vocabulary.extend(hash, byte) }
            return id(hash: hash, token, skipping: 0)
        }

        /// -1 for what is no token. Each step is a loop over all, because a large vocabulary lies beyond the
        /// caches.
        func ids(of tokens: [Slice<UnsafeBufferPointer<UInt8>>]) -> [Int32] {
            let hashes = tokens.map { token in
                Vocabulary.finish(token.reduce(Vocabulary.seed) { Vocabulary.extend($0, $1) })
            }
            // The first slot of each; most tokens are there.
            let entries = hashes.map { hash in
                let value = slots[Int(truncatingIfNeeded: hash) & mask]
                return value >> 32 == hash >> 32 ? Int(truncatingIfNeeded: value & 0xFFFF_FFFF) &- 1 : -1
            }
            let places = entries.map { $0 >= 0 ? Int(starts[$0])..<Int(starts[$0 + 1]) : 0..<0 }
            return tokens.indices.map { index in
                if entries[index] >= 0, bytes[places[index]].elementsEqual(tokens[index]) {
                    return ids[entries[index]]
                }
                return id(of: UnsafeBufferPointer(rebasing: tokens[index])) ?? -1
            }
        }

        /// The token that spells `bytes` with `ByteAlphabet`.
        func id(ofSpelled bytes: UnsafeBufferPointer<UInt8>) -> Int32? {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count * 2) { spelled in
                var count = 0
                for byte in bytes {
                    let scalar = ByteAlphabet.scalars[Int(byte)]
                    if scalar < 0x80 {
                        spelled[count] = byte
                        count += 1
                    } else {
                        spelled[count] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
                        spelled[count + 1] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
                        count += 2
                    }
                }
                return id(of: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(spelled)[..<count]))
            }
        }

        /// The token whose bytes after the first `skipping` are `text`; `hash` is that of the whole token.
        @inline(__always)
        func id(hash: Hash, _ text: UnsafeBufferPointer<UInt8>, skipping: Int) -> Int32? {
            let finished = Vocabulary.finish(hash)
            var slot = Int(truncatingIfNeeded: finished) & mask
            while true {
                let value = slots[slot]
                if value == 0 { return nil }
                if value >> 32 == finished >> 32 {
                    let entry = Int(truncatingIfNeeded: value & 0xFFFF_FFFF) &- 1
                    let start = Int(starts[entry])
                    if Int(starts[entry &+ 1]) &- start == text.count &+ skipping {
                        var index = 0
                        while index < text.count, bytes[start &+ skipping &+ index] == text[index] {
                            index &+= 1
                        }
                        if index == text.count { return ids[entry] }
                    }
                }
                slot = (slot &+ 1) & mask
            }
        }
    }
}
