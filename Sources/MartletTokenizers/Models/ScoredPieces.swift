internal import MartletJSON

/// The pieces of a SentencePiece vocabulary with their scores, by id, in flat tables.
struct ScoredPieces: Sendable {
    /// Piece i is `bytes[starts[i]..<starts[i + 1]]`.
    private(set) var bytes: [UInt8] = []
    private(set) var starts: [UInt32] = [0]
    private(set) var scores: [Double] = []

    var count: Int { scores.count }

    init() {}

    mutating func append(_ piece: some Sequence<UInt8>, score: Double) {
        bytes.append(contentsOf: piece)
        close(score: score)
    }

    private mutating func close(score: Double) {
        starts.append(UInt32(truncatingIfNeeded: bytes.count))
        scores.append(score)
    }

    func check(_ file: String) throws(TokenizerError) {
        guard count > 0 else {
            throw TokenizerError(.invalidVocabulary, "the vocabulary has no pieces", file: file)
        }
        guard count <= PieceTrie.maxCount, bytes.count <= Int(Int32.max) else {
            let message =
                "the vocabulary has \(count) pieces of \(bytes.count) bytes in all; at most \(PieceTrie.maxCount) are read"
            throw TokenizerError(.invalidVocabulary, message, file: file)
        }
        if let index = scores.firstIndex(where: { !$0.isFinite }) {
            let message = "expected the score of piece \(index) to be a finite number, found \(scores[index])"
            throw TokenizerError(.invalidVocabulary, message, file: file)
        }
    }

    /// From `[["piece", score], …]`, which `text` begins with.
    init(jsonArray text: UnsafeRawBufferPointer, file: String) throws(TokenizerError) {
        self.init()
        bytes.reserveCapacity(text.count / 4)
        starts.reserveCapacity(text.count / 16)
        scores.reserveCapacity(text.count / 16)
        if !readPlain(text) || String(validating: bytes, as: UTF8.self) == nil {
            // Whatever is wrong, the strict reader says so; what is only unusual, it reads.
            self = ScoredPieces()
            try readStrict(text, file)
        }
        try check(file)
    }

    private mutating func readStrict(_ text: UnsafeRawBufferPointer, _ file: String) throws(TokenizerError) {
        var reader = JSONReader(text)
        var isPair = true
        do throws(JSONError) {
            try reader.beginArray()
            while isPair, try reader.nextElement() {
                try reader.beginArray()
                isPair = try reader.nextElement()
                guard isPair else { break }
                try reader.readString(appendingTo: &bytes)
                isPair = try reader.nextElement()
                guard isPair else { break }
                close(score: try reader.readDouble())
                isPair = try !reader.nextElement()
            }
        } catch {
            throw TokenizerError(.invalidVocabulary, "in model.vocab[\(count)], \(error.reason)", file: file)
        }
        guard isPair else {
            throw TokenizerError(
                .invalidVocabulary, "expected model.vocab[\(count)] to be a piece and its score", file: file)
        }
    }

    /// The common form, fast. False where anything is out of the ordinary.
    private mutating func readPlain(_ text: UnsafeRawBufferPointer) -> Bool {
        var scanner = JSONScanner(text)
        guard scanner.take(UInt8(ascii: "[")) else { return false }
        if scanner.take(UInt8(ascii: "]")) { return true }
        repeat {
            guard scanner.take(UInt8(ascii: "[")), scanner.string(appendingTo: &bytes),
                scanner.take(UInt8(ascii: ",")),
                let score = scanner.number(), scanner.take(UInt8(ascii: "]"))
            else { return false }
            close(score: score)
        } while scanner.take(UInt8(ascii: ","))
        return scanner.take(UInt8(ascii: "]"))
    }
}
