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
        guard let offset = source.mergesOffset else {
            throw Field(value: nil, path: "model.merges", file: source.file).wrong("an array of pairs")
        }
        let text = UnsafeRawBufferPointer(rebasing: source.bytes[offset...])
        let merges = try MergeTable(json: text, vocabulary, prefix: options.prefix.count, file: source.file)
        self.init(vocabulary, merges, options)
        if let token = options.unknown, unknown == nil, !coversBytes { _ = try source.unknown(token, in: vocabulary) }
    }
}

extension MergeTable {
    /// From `["a b", …]` or `[["a", "b"], …]`, which the text begins with. `prefix`: bytes that the right token of a pair loses.
    init(json text: UnsafeRawBufferPointer, _ vocabulary: Vocabulary, prefix: Int, file: String) throws(TokenizerError) {
        self.init(capacity: vocabulary.count)
        var reader = JSONReader(text)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        var rank: UInt32 = 0
        var problem: String?
        do throws(JSONError) {
            try reader.beginArray()
            while problem == nil, try reader.nextElement() {
                bytes.removeAll(keepingCapacity: true)
                let middle = try Self.readPair(&reader, &bytes)
                if middle == nil, bytes.starts(with: "#version".utf8) { continue }
                problem = vocabulary.withReader { insert(bytes, middle, prefix: prefix, $0, rank) }
                rank &+= 1
            }
        } catch {
            throw TokenizerError(.invalidVocabulary, "in model.merges, \(error.reason)", file: file)
        }
        if let problem { throw TokenizerError(.invalidVocabulary, "model.merges[\(rank - 1)] \(problem)", file: file) }
    }

    /// Appends both tokens of a pair and returns where the second begins; nil for anything but two tokens.
    private static func readPair(_ reader: inout JSONReader, _ bytes: inout [UInt8]) throws(JSONError) -> Int? {
        guard try reader.peek() == .array else {
            try reader.readString(appendingTo: &bytes)
            guard let space = bytes.firstIndex(of: 0x20), !bytes[(space + 1)...].contains(0x20) else { return nil }
            bytes.remove(at: space)
            return space
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

    /// Returns what is wrong with the pair.
    private mutating func insert(
        _ bytes: [UInt8], _ middle: Int?, prefix: Int, _ vocabulary: Vocabulary.Reader, _ rank: UInt32
    ) -> String? {
        guard let middle else { return "is not a pair of tokens" }
        return bytes.withUnsafeBufferPointer { bytes in
            let left = UnsafeBufferPointer(rebasing: bytes[..<middle])
            let right = UnsafeBufferPointer(rebasing: bytes[middle...])
            guard let leftID = vocabulary.id(of: left) else { return Self.isMissing(left) }
            guard let rightID = vocabulary.id(of: right) else { return Self.isMissing(right) }
            let merged: Int32?
            if prefix == 0 {
                merged = vocabulary.id(of: bytes)
            } else {
                merged = (Array(left) + right.dropFirst(prefix)).withUnsafeBufferPointer { vocabulary.id(of: $0) }
            }
            guard let merged else { return "makes a token that is not in model.vocab" }
            insert(leftID, rightID, merged, rank: rank)
            return nil
        }
    }

    private static func isMissing(_ token: UnsafeBufferPointer<UInt8>) -> String {
        "names the token \(String(decoding: token, as: UTF8.self).quotedForMessage), which is not in model.vocab"
    }
}
