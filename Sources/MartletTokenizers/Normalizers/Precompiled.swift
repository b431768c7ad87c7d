/// `Precompiled` of tokenizer.json: SentencePiece's rules, applied as the reference library does. A cluster
/// of less than six bytes is replaced as a whole by the first rule that it begins with, even if that rule is
/// shorter; otherwise each scalar is looked up by itself.
struct Precompiled: Normalizer {
    let charsmap: Charsmap
    /// The replacement of each ASCII character that stands alone.
    private let ascii: [Range<Int>?]
    private let isPlain: [Bool]

    init(_ charsmap: Charsmap) {
        self.charsmap = charsmap
        ascii = (0..<128).map { (byte: UInt8) in
            withUnsafeBytes(of: byte) {
                charsmap.match($0.bindMemory(to: UInt8.self), from: 0, to: 1)?.replacement
            }
        }
        isPlain = ascii.map { $0 == nil }
    }

    /// What goes at the start of a text moves the alignment of all that follows, so a piece must begin with
    /// what stays.
    var isLocal: Bool { isPlain[0x20] }

    func normalize(_ text: AlignedText, into output: TextBuffer) {
        if output.tracksAlignment { return normalizeTracked(text, into: output) }
        forEachPart(of: text.bytes) { kept in
            output.append(UnsafeBufferPointer(rebasing: text.bytes[kept]))
        } replaced: { _, replacement in
            charsmap.withReplacement(replacement) { output.append($0) }
        } invalid: { _ in
            output.append(scalar: 0xFFFD)
        }
    }

    /// The alignment of what is inserted or removed lies one scalar behind, as in the reference library: a
    /// removal counts for the scalar before it, even if that was inserted, and for none at the start.
    private func normalizeTracked(_ text: AlignedText, into output: TextBuffer) {
        var transform = TextTransform(text, into: output)
        var held: (scalar: UInt32, change: Int)?
        func put(_ scalar: UInt32, _ change: Int) {
            if let held { transform.put(held.scalar, change: held.change) }
            held = (scalar, change)
        }
        func scalars(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (UInt32) -> Void) {
            var position = 0
            while position < bytes.count {
                let (scalar, length) = UTF8Scalars.decode(bytes, at: position)
                body(scalar)
                position += length
            }
        }
        func count(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
            var count = 0
            scalars(bytes) { _ in count += 1 }
            return count
        }
        forEachPart(of: text.bytes) { kept in
            scalars(UnsafeBufferPointer(rebasing: text.bytes[kept])) { put($0, 0) }
        } replaced: { range, replacement in
            charsmap.withReplacement(replacement) { replacement in
                let old = count(UnsafeBufferPointer(rebasing: text.bytes[range]))
                let new = count(replacement)
                var index = 0
                scalars(replacement) { scalar in
                    put(scalar, index >= old ? 1 : 0)
                    index += 1
                }
                if new < old { held?.change += new - old }
            }
        } invalid: { _ in
            put(0xFFFD, 0)
        }
        if let held { transform.put(held.scalar, change: held.change) }
    }

    @inline(__always)
    private func forEachPart(
        of text: UnsafeBufferPointer<UInt8>, kept: (Range<Int>) -> Void,
        replaced: (Range<Int>, Range<Int>) -> Void, invalid: (Int) -> Void
    ) {
        let graphemes = Graphemes.shared
        // Before it, all is told.
        var told = 0
        func replace(_ range: Range<Int>, _ replacement: Range<Int>) {
            if told < range.lowerBound { kept(told..<range.lowerBound) }
            replaced(range, replacement)
            told = range.upperBound
        }
        isPlain.withUnsafeBufferPointer { isPlain in
            var position = 0
            while position < text.count {
                let byte = text[position]
                if byte < 0x80 {
                    let following = position &+ 1 < text.count ? text[position &+ 1] : 0x20
                    if following < 0x80, byte != 0x0D || following != 0x0A {
                        if !isPlain[Int(byte)], let replacement = ascii[Int(byte)] {
                            replace(position..<position &+ 1, replacement)
                        }
                        position &+= 1
                        continue
                    }
                }
                let end = graphemes.end(of: text, from: position)
                if end &- position < 6, let match = charsmap.match(text, from: position, to: end) {
                    replace(position..<end, match.replacement)
                    position = end
                    continue
                }
                while position < end {
                    let (scalar, length) = UTF8Scalars.decode(text, at: position)
                    if let match = charsmap.match(text, from: position, to: position &+ length) {
                        replace(position..<position &+ length, match.replacement)
                    } else if scalar == 0xFFFD, length == 1 {
                        if told < position { kept(told..<position) }
                        invalid(position)
                        told = position &+ 1
                    }
                    position &+= length
                }
            }
        }
        if told < text.count { kept(told..<text.count) }
    }
}
