import MartletJSON

extension BPE {
    init(_ source: ModelSource) throws(TokenizerError) {
        let field = source.field
        var options = BPEOptions()
        options.unknown = field["unk_token"].isPresent ? try field["unk_token"].string() : nil
        options.prefix = Array(try field["continuing_subword_prefix"].string(or: "").utf8)
        options.suffix = Array(try field["end_of_word_suffix"].string(or: "").utf8)
        options.fusesUnknown = try field["fuse_unk"].bool(or: false)
        options.byteFallback = try field["byte_fallback"].bool(or: false)
        options.ignoresMerges = try field["ignore_merges"].bool(or: false)
        let vocabulary = try source.vocabulary()
        let merges = try source.merges(vocabulary, prefix: options.prefix.count)
        self.init(vocabulary, merges, options)
        if let token = options.unknown, unknown == nil, !coversBytes { _ = try source.unknown(token, in: vocabulary) }
    }
}

extension MergeTable {
    /// Reads `["a b", …]` or `[["a", "b"], …]`. `prefix`: bytes that the right token of a pair loses.
    init(_ reader: inout JSONReader, _ vocabulary: Vocabulary, prefix: Int, file: String) throws(TokenizerError) {
        self.init(capacity: vocabulary.count)
        self.prefix = prefix
        let failure = vocabulary.withReader { insertAll(&reader, $0) }
        if let failure { throw TokenizerError(.invalidVocabulary, failure, file: file) }
    }

    /// Returns what is wrong.
    private mutating func insertAll(_ reader: inout JSONReader, _ vocabulary: Vocabulary.Reader) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        var rank: UInt32 = 0
        // Training numbers the tokens in the order of the merges: the next one is looked at before all others.
        var guess: Int32 = -1
        do throws(JSONError) {
            try reader.beginArray()
            while try reader.nextElement() {
                bytes.removeAll(keepingCapacity: true)
                let middle = try Self.readPair(&reader, &bytes)
                if middle == nil, bytes.starts(with: "#version".utf8) { continue }
                if let problem = insert(bytes, middle, vocabulary, rank, &guess) { return "model.merges[\(rank)] \(problem)" }
                rank &+= 1
            }
            return nil
        } catch {
            return "in model.merges, \(error.reason)"
        }
    }

    /// Appends both tokens of a pair and returns where the second begins; nil for anything but two tokens.
    private static func readPair(_ reader: inout JSONReader, _ bytes: inout [UInt8]) throws(JSONError) -> Int? {
        guard try reader.peek() == .array else {
            try reader.readString(appendingTo: &bytes)
            // The first line of a merges.txt, which old files took along.
            return bytes.starts(with: "#version".utf8) ? nil : splitAtSpace(&bytes)
        }
        var middle: Int?
        var count = 0
        try reader.beginArray()
        while try reader.nextElement() {
            try reader.readString(appendingTo: &bytes)
            count += 1
            if count == 1 { middle = bytes.count }
        }
        return count == 2 ? middle : nil
    }

    /// Takes the only space out and returns where it was.
    static func splitAtSpace(_ bytes: inout [UInt8]) -> Int? {
        guard let space = bytes.firstIndex(of: 0x20), !bytes[(space + 1)...].contains(0x20) else { return nil }
        bytes.remove(at: space)
        return space
    }

    /// Returns what is wrong with the pair.
    @inline(__always)
    mutating func insert(
        _ bytes: [UInt8], _ middle: Int?, _ vocabulary: Vocabulary.Reader, _ rank: UInt32, _ guess: inout Int32
    ) -> String? {
        guard let middle else { return "is not a pair of tokens" }
        return bytes.withUnsafeBufferPointer { bytes in
            let left = UnsafeBufferPointer(rebasing: bytes[..<middle])
            let right = UnsafeBufferPointer(rebasing: bytes[middle...])
            guard let leftID = vocabulary.id(of: left) else { return Self.isMissing(left) }
            guard let rightID = vocabulary.id(of: right) else { return Self.isMissing(right) }
            let merged: Int32?
            if prefix > 0 {
                merged = (Array(left) + right.dropFirst(prefix)).withUnsafeBufferPointer { vocabulary.id(of: $0) }
            } else if vocabulary.isToken(guess, bytes) {
                merged = guess
            } else {
                merged = vocabulary.id(of: bytes)
            }
            guard let merged else { return "makes a token that is not in the vocabulary" }
            guess = merged &+ 1
            insert(leftID, rightID, merged, rank: rank)
            return nil
        }
    }

    private static func isMissing(_ token: UnsafeBufferPointer<UInt8>) -> String {
        "names the token \(String(decoding: token, as: UTF8.self).quotedForMessage), which is not in the vocabulary"
    }
}
