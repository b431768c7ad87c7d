/// `NFC`, `NFD`, `NFKC` and `NFKD` of tokenizer.json (Unicode Standard Annex 15).
struct UnicodeNormalizer: Normalizer {
    enum Form: Sendable { case decomposed, composed, compatiblyDecomposed, compatiblyComposed }

    let form: Form

    var isLocal: Bool { true }

    func normalize(_ text: AlignedText, into output: TextBuffer) {
        let bytes = text.bytes
        var position = 0
        while position < bytes.count {
            // Printable ASCII stays as it is, unless a mark follows that it may compose with.
            var end = position
            while end < bytes.count, bytes[end] < 0x80 { end += 1 }
            if end < bytes.count, end > position { end -= 1 }
            if end > position { output.copy(text, position..<end) }
            position = end
            guard position < bytes.count else { return }
            let start = position
            repeat {
                position += UTF8Scalars.decode(bytes, at: position).length
            } while position < bytes.count && !isASCIIPair(bytes, position)
            normalizeRun(text.slice(start..<position), into: output)
        }
    }

    /// Two ASCII characters, or one at the end: the first neither changes nor composes with anything.
    private func isASCIIPair(_ bytes: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
        bytes[position] < 0x80 && (position + 1 == bytes.count || bytes[position + 1] < 0x80)
    }

    private func normalizeRun(_ text: AlignedText, into output: TextBuffer) {
        var run = NormalizationRun(
            text, into: output, composes: form == .composed || form == .compatiblyComposed)
        let tables = UnicodeTables.shared
        let isCompatible = form == .compatiblyDecomposed || form == .compatiblyComposed
        var position = 0
        while position < text.count {
            let (scalar, length) = UTF8Scalars.decode(text.bytes, at: position)
            position += length
            var change = 0
            tables.forEachDecomposed(of: scalar, tables.flags(of: scalar), isCompatible: isCompatible) {
                part in
                run.push(part, change)
                change = 1
            }
        }
        run.finish()
    }
}

/// Marks put into canonical order and, if asked for, composed with the starter before them.
private struct NormalizationRun {
    private struct Item {
        var scalar: UInt32
        var change: Int
        var combiningClass: UInt32
    }

    private var transform: TextTransform
    private let composes: Bool
    /// Marks that wait for the next starter.
    private var pending: [Item] = []
    /// The starter that may yet compose, and the marks after it that did not.
    private var starter: Item?
    private var blocked: [Item] = []

    init(_ text: AlignedText, into output: TextBuffer, composes: Bool) {
        transform = TextTransform(text, into: output)
        self.composes = composes
    }

    mutating func push(_ scalar: UInt32, _ change: Int) {
        let tables = UnicodeTables.shared
        let combiningClass =
            tables.flags(of: scalar).contains(.hasCombiningClass) ? tables.combiningClass(of: scalar) : 0
        let item = Item(scalar: scalar, change: change, combiningClass: combiningClass)
        if combiningClass != 0 { return pending.append(item) }
        sortPending()
        put(item)
    }

    mutating func finish() {
        sortPending()
        purge()
    }

    /// By class, marks of one class in the order of the text.
    private mutating func sortPending() {
        guard !pending.isEmpty else { return }
        let order = pending.indices.sorted {
            (pending[$0].combiningClass, $0) < (pending[$1].combiningClass, $1)
        }
        for index in order { put(pending[index]) }
        pending.removeAll(keepingCapacity: true)
    }

    private mutating func put(_ item: Item) {
        guard composes else { return transform.put(item.scalar, change: item.change) }
        guard let starter else {
            if item.combiningClass == 0 {
                self.starter = item
            } else {
                transform.put(item.scalar, change: item.change)
            }
            return
        }
        let isBlocked = blocked.last.map { $0.combiningClass >= item.combiningClass } ?? false
        if !isBlocked, let composed = UnicodeTables.shared.composition(of: starter.scalar, item.scalar) {
            self.starter = Item(scalar: composed, change: starter.change + item.change - 1, combiningClass: 0)
        } else if item.combiningClass == 0 {
            purge()
            self.starter = item
        } else {
            blocked.append(item)
        }
    }

    private mutating func purge() {
        if let starter { transform.put(starter.scalar, change: starter.change) }
        for item in blocked { transform.put(item.scalar, change: item.change) }
        starter = nil
        blocked.removeAll(keepingCapacity: true)
    }
}
