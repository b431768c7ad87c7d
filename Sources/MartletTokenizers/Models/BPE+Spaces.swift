extension BPE {
    /// SentencePiece's sign for a space, in UTF-8.
    private static let space: [UInt8] = [0xE2, 0x96, 0x81]

    @inline(__always)
    static func isSpace(_ bytes: UnsafeBufferPointer<UInt8>, _ position: Int, _ end: Int) -> Bool {
        bytes[position] == 0xE2 && position &+ 2 < end && bytes[position &+ 1] == 0x96
            && bytes[position &+ 2] == 0x81
    }

    /// Whether every token has its spaces at its beginning, as the pieces of SentencePiece have. Then no pair
    /// merges across the beginning of a run of spaces, and what stands between two such places merges as if
    /// it stood alone.
    static func spacesLead(_ vocabulary: Vocabulary, _ options: BPEOptions) -> Bool {
        guard vocabulary.id(ofBytes: space) != nil, options.prefix.isEmpty, options.suffix.isEmpty,
            !options.ignoresMerges
        else {
            return false
        }
        return vocabulary.withReader { vocabulary in
            for entry in 0..<vocabulary.starts.count - 1 {
                let end = Int(vocabulary.starts[entry + 1])
                var position = Int(vocabulary.starts[entry])
                while position < end, isSpace(vocabulary.bytes, position, end) { position += 3 }
                while position < end {
                    if isSpace(vocabulary.bytes, position, end) { return false }
                    position += 1
                }
            }
            return true
        }
    }
}
