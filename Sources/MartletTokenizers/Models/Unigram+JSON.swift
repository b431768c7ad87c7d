extension Unigram {
    /// `{"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], …], "byte_fallback": false}`
    init(_ source: ModelSource) throws(TokenizerError) {
        guard let offset = source.vocabularyOffset else {
            throw Field(value: nil, path: "model.vocab", file: source.file).wrong(
                "an array of pieces and scores")
        }
        let pieces = try ScoredPieces(
            jsonArray: UnsafeRawBufferPointer(rebasing: source.bytes[offset...]), file: source.file)
        let unknown = try source.field["unk_id"].id()
        guard Int(unknown) < pieces.count else {
            let message = "model.unk_id is \(unknown), but model.vocab has \(pieces.count) pieces"
            throw TokenizerError(.missingToken, message, file: source.file)
        }
        self.init(
            pieces, unknown: unknown, hasByteFallback: try source.field["byte_fallback"].bool(or: false))
    }
}

extension Vocabulary {
    /// The ids of the tokens `<0x00>` to `<0xFF>`, -1 where there is none.
    var byteIDs: [Int32] {
        (0...255).map { (byte: Int) in
            let hex = String(byte, radix: 16, uppercase: true)
            return id(of: "<0x\(hex.count < 2 ? "0" : "")\(hex)>") ?? -1
        }
    }
}
