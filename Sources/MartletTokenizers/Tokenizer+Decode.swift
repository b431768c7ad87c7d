extension Tokenizer {
    /// The text of the ids, as far as it can be told: what normalization removed is gone. Ids without a token
    /// are left out.
    package func decode(_ ids: [Int32], skipSpecialTokens: Bool = true) -> String {
        let tokens = ids.compactMap { id -> [UInt8]? in
            if skipSpecialTokens, added[id]?.isSpecial == true { return nil }
            return token(id: Int(id)).map { Array($0.utf8) }
        }
        guard let decoder else {
            return String(decoding: Array(tokens.joined(separator: [0x20])), as: UTF8.self)
        }
        return String(decoding: Array(decoder.decode(tokens).joined()), as: UTF8.self)
    }
}
