/// SentencePiece's own normalizer, as GGUF files of the kind "t5" need it: the longest rule at each place,
/// spaces as U+2581, a space before the text, runs of spaces as one. Pieces that the model's author added
/// pass as they are.
struct SentencePieceNormalizer: Normalizer {
    let charsmap: Charsmap
    let userDefined: PieceTrie?
    let prependsSpace: Bool
    let mergesSpaces: Bool
    /// A text of nothing but spaces gets one more, as in SentencePiece and not in llama.cpp.
    var prependsToSpaces = false

    private static let space: [UInt8] = [0xE2, 0x96, 0x81]

    /// What comes first decides about the space before it.
    var isLocal: Bool { false }

    func normalize(_ text: AlignedText, into output: TextBuffer) {
        var hasSpace = false
        var isInWord = false
        func put(_ bytes: UnsafeBufferPointer<UInt8>) {
            for byte in bytes {
                if byte == 0x20 {
                    isInWord = false
                    guard !mergesSpaces else { continue }
                    if prependsToSpaces, prependsSpace, !hasSpace {
                        output.append(Self.space)
                        hasSpace = true
                    }
                    output.append(Self.space)
                    continue
                }
                if !isInWord, mergesSpaces || prependsSpace && !hasSpace {
                    output.append(Self.space)
                    hasSpace = true
                }
                isInWord = true
                output.append(byte: byte)
            }
        }
        var position = 0
        while position < text.count {
            let start = position
            if let end = userDefinedEnd(text.bytes, start) {
                position = end
                output.align(to: text, start..<position)
                put(UnsafeBufferPointer(rebasing: text.bytes[start..<position]))
            } else if let match = charsmap.match(text.bytes, from: start, to: text.count, isLongest: true) {
                position = match.end
                output.align(to: text, start..<position)
                charsmap.withReplacement(match.replacement) { put($0) }
            } else {
                let (scalar, length) = UTF8Scalars.decode(text.bytes, at: start)
                position += length
                output.align(to: text, start..<position)
                if scalar == 0xFFFD, length == 1 {
                    [0xEF, 0xBF, 0xBD].withUnsafeBufferPointer { put($0) }
                } else {
                    put(UnsafeBufferPointer(rebasing: text.bytes[start..<position]))
                }
            }
        }
    }

    @inline(__always)
    private func userDefinedEnd(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
        guard let userDefined else { return nil }
        var found: Int?
        userDefined.withReader { $0.forEachPrefix(of: text, from: start, to: text.count) { found = $1 } }
        return found
    }
}
