/// `BertNormalizer` of tokenizer.json, and its parts `Lowercase`, `NFD` and `StripAccents`: cleaning, spaces
/// around Chinese characters, decomposition without accents, lowercase, in this order and in one pass.
struct BertNormalizer: Normalizer {
    struct Steps: OptionSet, Sendable {
        let rawValue: UInt8
        static let cleanText = Steps(rawValue: 1)
        static let spaceChinese = Steps(rawValue: 2)
        static let decompose = Steps(rawValue: 4)
        static let lowercase = Steps(rawValue: 8)
    }

    let steps: Steps
    /// What is dropped after decomposition.
    let dropped: UnicodeTables.Flags
    /// For each ASCII byte what it becomes, plus 256 if it stays.
    private let ascii: [UInt16]

    init(_ steps: Steps, dropping dropped: UnicodeTables.Flags = []) {
        self.steps = steps
        self.dropped = dropped
        ascii = (0..<128).map { (byte: UInt16) in
            let isSpace = [0x20, 0x09, 0x0A, 0x0D].contains(byte)
            if steps.contains(.cleanText), isSpace { return 256 + 0x20 }
            if steps.contains(.cleanText), byte < 0x20 || byte == 0x7F { return 0 }
            return 256 + (steps.contains(.lowercase) && 0x41...0x5A ~= byte ? byte + 32 : byte)
        }
    }

    init(cleanText: Bool, handleChineseChars: Bool, stripAccents: Bool?, lowercase: Bool) {
        var steps: Steps = []
        if cleanText { steps.insert(.cleanText) }
        if handleChineseChars { steps.insert(.spaceChinese) }
        let stripsAccents = stripAccents ?? lowercase
        if stripsAccents { steps.insert(.decompose) }
        if lowercase { steps.insert(.lowercase) }
        self.init(steps, dropping: stripsAccents ? .nonspacing : [])
    }

    var isLocal: Bool { true }
    var lowercases: Bool { steps.contains(.lowercase) }

    func normalize(_ text: AlignedText, into output: TextBuffer) {
        if output.tracksAlignment {
            NormalizerSequence(parts: parts).normalize(text, into: output)
        } else {
            normalize(text.bytes, into: output.buffer)
        }
    }

    /// One part for each step, where every byte's place must be known.
    private var parts: [any Normalizer] {
        var parts: [any Normalizer] = []
        if steps.contains(.cleanText) { parts.append(CharacterMap.cleanText) }
        if steps.contains(.spaceChinese) { parts.append(CharacterMap.spaceChinese) }
        if steps.contains(.decompose) {
            parts.append(UnicodeNormalizer(form: .decomposed))
            if !dropped.isEmpty { parts.append(CharacterMap(dropping: dropped)) }
        }
        if steps.contains(.lowercase) { parts.append(CharacterMap.lowercase) }
        return parts
    }

    private func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: ByteBuffer) {
        var position = 0
        // Marks that wait to be put in the order of their combining class: class << 32 | scalar.
        var pending: [UInt64] = []
        ascii.withUnsafeBufferPointer { ascii in
            while position < text.count {
                position = copyASCII(text, from: position, ascii, into: output, &pending)
                while position < text.count, text[position] >= 0x80 {
                    let (scalar, length) = UTF8Scalars.decode(text, at: position)
                    position &+= length
                    put(scalar, into: output, &pending)
                }
            }
        }
        flush(&pending, into: output)
    }

    @inline(__always)
    private func copyASCII(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ ascii: UnsafeBufferPointer<UInt16>,
        into output: ByteBuffer,
        _ pending: inout [UInt64]
    ) -> Int {
        var position = start
        output.reserve(text.count &- start)
        let target = output.base + output.count
        var written = 0
        while position < text.count {
            let byte = text[position]
            guard byte < 0x80 else { break }
            let entry = ascii[Int(byte)]
            if written == 0, entry != 0, !pending.isEmpty {
                // A starter ends the run of marks; what is removed does not.
                flush(&pending, into: output)
                return position
            }
            target[written] = UInt8(truncatingIfNeeded: entry)
            written &+= Int(entry >> 8)
            position &+= 1
        }
        output.advance(by: written)
        return position
    }

    @inline(__always)
    private func put(_ scalar: UInt32, into output: ByteBuffer, _ pending: inout [UInt64]) {
        let tables = UnicodeTables.shared
        var flags = tables.flags(of: scalar)
        var scalar = scalar
        if steps.contains(.cleanText) {
            if flags.contains(.control) { return }
            if flags.contains(.whitespace) { (scalar, flags) = (0x20, .whitespace) }
        }
        let isSpaced = steps.contains(.spaceChinese) && flags.contains(.chinese)
        if isSpaced {
            flush(&pending, into: output)
            output.append(scalar: 0x20)
        }
        if steps.contains(.decompose) {
            tables.forEachDecomposed(of: scalar, flags) { part in
                let flags = tables.flags(of: part)
                let isDropped = !flags.isDisjoint(with: dropped)
                if flags.contains(.hasCombiningClass) {
                    if !isDropped {
                        pending.append(UInt64(tables.combiningClass(of: part)) << 32 | UInt64(part))
                    }
                } else {
                    flush(&pending, into: output)
                    if !isDropped { lower(part, flags, into: output) }
                }
            }
        } else {
            lower(scalar, flags, into: output)
        }
        if isSpaced { output.append(scalar: 0x20) }
    }

    @inline(__always)
    private func lower(_ scalar: UInt32, _ flags: UnicodeTables.Flags, into output: ByteBuffer) {
        if steps.contains(.lowercase), flags.contains(.hasLowercase) {
            UnicodeTables.shared.forEachLowercase(of: scalar) { output.append(scalar: $0) }
        } else {
            output.append(scalar: scalar)
        }
    }

    @inline(__always)
    private func flush(_ pending: inout [UInt64], into output: ByteBuffer) {
        if !pending.isEmpty { flushMarks(&pending, into: output) }
    }

    /// In canonical order: by class, marks of one class in the order of the text.
    @inline(never)
    private func flushMarks(_ pending: inout [UInt64], into output: ByteBuffer) {
        let order = pending.indices.sorted { (pending[$0] >> 32, $0) < (pending[$1] >> 32, $1) }
        for index in order {
            let scalar = UInt32(truncatingIfNeeded: pending[index])
            lower(scalar, UnicodeTables.shared.flags(of: scalar), into: output)
        }
        pending.removeAll(keepingCapacity: true)
    }
}
