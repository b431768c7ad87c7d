/// Spaces become a visible character, one is put before the text, and words begin at it.
struct Metaspace: PreTokenizer {
    enum Prepending: String, Sendable, CaseIterable {
        case always, never
        /// Only where the original text begins, so not after an added token.
        case first
    }

    /// U+2581 in UTF-8, mostly.
    let replacement: [UInt8]
    let prepending: Prepending
    let splits: Bool

    /// With `always`, a piece that was cut off begins with the replacement, so that nothing is put before it.
    var isLocal: Bool { splits }

    func preTokenize(_ list: WordList) {
        list.rewrite { word, isFirst, output in
            let prepends =
                switch prepending {
                case .always: true
                case .first: isFirst
                case .never: false
                }
            if prepends, word.bytes.first != 0x20, !word.bytes.starts(with: replacement) {
                output.align(to: word, at: 0)
                output.append(replacement)
            }
            var start = 0
            for position in 0..<word.count where word.bytes[position] == 0x20 {
                output.copy(word, start..<position)
                output.align(to: word, at: position)
                output.append(replacement)
                start = position + 1
            }
            output.copy(word, start..<word.count)
        }
        if splits { list.split(split) }
    }

    @inline(__always)
    private func split(_ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ words: inout [Range<Int>]) {
        replacement.withUnsafeBufferPointer { replacement in
            let (first, count) = (replacement[0], replacement.count)
            var start = word.lowerBound
            var position = word.lowerBound &+ 1
            while position < word.upperBound {
                if text[position] == first, word.upperBound &- position >= count,
                    text[position..<position &+ count].elementsEqual(replacement)
                {
                    words.append(start..<position)
                    start = position
                    position &+= count
                } else {
                    position &+= 1
                }
            }
            words.append(start..<word.upperBound)
        }
    }
}

extension Metaspace {
    init(_ field: Field) throws(TokenizerError) {
        let text = try field["replacement"].string(or: "\u{2581}")
        guard text.unicodeScalars.count == 1 else { throw field["replacement"].wrong("one character") }
        replacement = Array(text.utf8)
        let scheme = try field["prepend_scheme"].string(or: "always")
        guard var prepending = Prepending(rawValue: scheme) else {
            throw field["prepend_scheme"].wrong(
                "one of \(Prepending.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        // Files of old versions of the library have only `add_prefix_space`.
        if try !field["add_prefix_space"].bool(or: true) {
            guard prepending == .never || !field["prepend_scheme"].isPresent else {
                throw field["add_prefix_space"].wrong("true, as prepend_scheme says")
            }
            prepending = .never
        }
        self.prepending = prepending
        splits = try field["split"].bool(or: true)
    }
}
