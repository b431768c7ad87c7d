internal import MartletJSON

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
        if let token = options.unknown, unknown == nil, !coversBytes {
            _ = try source.unknown(token, in: vocabulary)
        }
    }
}

extension MergeTable {
    /// Reads `["a b", …]` or `[["a", "b"], …]`. `prefix`: bytes that the right token of a pair loses.
    init(_ reader: inout JSONReader, _ vocabulary: Vocabulary, prefix: Int, file: String)
        throws(TokenizerError)
    {
        self.init(capacity: vocabulary.count)
        self.prefix = prefix
        let failure = vocabulary.withReader { insertAll(&reader, $0) }
        if let failure { throw TokenizerError(.invalidVocabulary, failure, file: file) }
    }

    /// Returns what is wrong.
    private mutating func insertAll(_ reader: inout JSONReader, _ vocabulary: Vocabulary.Reader) -> String? {
        var batch = PairBatch(name: "model.merges")
        do throws(JSONError) {
            try reader.beginArray()
            while try reader.nextElement() {
                let start = batch.bytes.count
                let middle = try Self.readPair(&reader, &batch.bytes, start)
                if middle == nil, batch.bytes[start...].starts(with: "#version".utf8) {
                    batch.bytes.removeLast(batch.bytes.count - start)
                    continue
                }
                if let problem = insert(&batch, start, middle, vocabulary) { return problem }
            }
            return flush(&batch, vocabulary)
        } catch {
            return flush(&batch, vocabulary) ?? "in model.merges, \(error.reason)"
        }
    }

    /// Appends both tokens of a pair and returns where the second begins; nil for anything but two tokens.
    private static func readPair(_ reader: inout JSONReader, _ bytes: inout [UInt8], _ start: Int)
        throws(JSONError) -> Int?
    {
        guard try reader.peek() == .array else {
            try reader.readString(appendingTo: &bytes)
            // The first line of a merges.txt, which old files took along.
            return bytes[start...].starts(with: "#version".utf8) ? nil : splitAtSpace(&bytes, from: start)
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

    /// Takes the only space after `start` out and returns where it was.
    static func splitAtSpace(_ bytes: inout [UInt8], from start: Int) -> Int? {
        guard let space = bytes[start...].firstIndex(of: 0x20), !bytes[(space + 1)...].contains(0x20) else {
            return nil
        }
        bytes.remove(at: space)
        return space
    }
}

/// Pairs that wait to be looked up together, so that the waits for memory overlap.
struct PairBatch {
    /// Of the member, for messages.
    let name: String
    var bytes: [UInt8] = []
    fileprivate var pairs: [(start: Int, middle: Int, end: Int)] = []
    fileprivate var rank: UInt32 = 0
    /// Training numbers the tokens in the order of the merges: the next one is looked at before all others.
    fileprivate var guess: Int32 = -1

    init(name: String) { self.name = name }
}

extension MergeTable {
    /// The pair that ends the batch's bytes. Returns what is wrong with it or those before it.
    mutating func insert(
        _ batch: inout PairBatch, _ start: Int, _ middle: Int?, _ vocabulary: Vocabulary.Reader
    ) -> String? {
        guard let middle else {
            return flush(&batch, vocabulary) ?? "\(batch.name)[\(batch.rank)] is not a pair of tokens"
        }
        batch.pairs.append((start, middle, batch.bytes.count))
        return batch.pairs.count >= 64 ? flush(&batch, vocabulary) : nil
    }

    mutating func flush(_ batch: inout PairBatch, _ vocabulary: Vocabulary.Reader) -> String? {
        defer {
            batch.bytes.removeAll(keepingCapacity: true)
            batch.pairs.removeAll(keepingCapacity: true)
        }
        return batch.bytes.withUnsafeBufferPointer { bytes in
            let tokens = batch.pairs.flatMap { [bytes[$0.start..<$0.middle], bytes[$0.middle..<$0.end]] }
            let ids = vocabulary.ids(of: tokens)
            for (index, pair) in batch.pairs.enumerated() {
                let left = UnsafeBufferPointer(rebasing: tokens[2 * index])
                let right = UnsafeBufferPointer(rebasing: tokens[2 * index + 1])
                guard ids[2 * index] >= 0 else {
                    return "\(batch.name)[\(batch.rank)] \(Self.isMissing(left))"
                }
                guard ids[2 * index + 1] >= 0 else {
                    return "\(batch.name)[\(batch.rank)] \(Self.isMissing(right))"
                }
                let whole = UnsafeBufferPointer(rebasing: bytes[pair.start..<pair.end])
                let merged: Int32?
                if prefix > 0 {
                    merged = (Array(left) + right.dropFirst(prefix)).withUnsafeBufferPointer {
                        vocabulary.id(of: $0)
                    }
                } else if vocabulary.isToken(batch.guess, whole) {
                    merged = batch.guess
                } else {
                    merged = vocabulary.id(of: whole)
                }
                guard let merged else {
                    return "\(batch.name)[\(batch.rank)] makes a token that is not in the vocabulary"
                }
                batch.guess = merged &+ 1
                insert(ids[2 * index], ids[2 * index + 1], merged, rank: batch.rank)
                batch.rank &+= 1
            }
            return nil
        }
    }

    private static func isMissing(_ token: UnsafeBufferPointer<UInt8>) -> String {
        "names the token \(String(decoding: token, as: UTF8.self).quotedForMessage), which is not in the vocabulary"
    }
}
