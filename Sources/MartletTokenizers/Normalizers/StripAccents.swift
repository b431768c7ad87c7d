/// `StripAccents` of tokenizer.json: removes combining marks that stand alone; composed letters keep theirs unless NFD came before.
struct StripAccents: Normalizer {
    var isLocal: Bool { true }
    var lowercases: Bool { false }

    func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: ByteBuffer) {
        var position = 0
        while position < text.count {
            let (scalar, length) = UTF8Scalars.decode(text, at: position)
            position += length
            if scalar >= 0x80, UnicodeTables.shared.flags(of: scalar).contains(.mark) { continue }
            output.append(scalar: scalar)
        }
    }
}
