/// Splits normalized text into words, and may rewrite them.
protocol PreTokenizer: Sendable {
    func preTokenize(_ list: WordList)
    /// Whether there is always a boundary before an ASCII space that follows a printable ASCII character,
    /// whatever stands around them, so that text may be cut there.
    var isLocal: Bool { get }
}

/// A text and its words, on their way through the pre-tokenizers. One thread has it: checks of exclusive
/// access would cost a tenth of a short text's time.
final class WordList {
    /// Ranges of the text, in order and not empty.
    var words: [Range<Int>] {
        guard isWhole else { return ranges }
        return given.count > 0 ? [0..<given.count] : []
    }

    @exclusivity(unchecked) private var ranges: [Range<Int>] = []
    /// Nothing has been done yet: the text is one word.
    @exclusivity(unchecked) private var isWhole = true
    /// Whether the text begins where the original text does.
    @exclusivity(unchecked) private(set) var startsText = true
    @exclusivity(unchecked) private var given = AlignedText(UnsafeBufferPointer(start: nil, count: 0))
    @exclusivity(unchecked) private var spareWords: [Range<Int>] = []
    /// What `rewrite` made; the text is in `rewritten` once there is any.
    @exclusivity(unchecked) private var rewritten: TextBuffer?
    @exclusivity(unchecked) private var spare: TextBuffer?
    @exclusivity(unchecked) private var isRewritten = false

    var allocatedBytes: Int {
        (ranges.capacity + spareWords.capacity) * MemoryLayout<Range<Int>>.stride
            + (rewritten?.allocatedBytes ?? 0)
            + (spare?.allocatedBytes ?? 0)
    }

    /// One word: all of `text`, which must outlive the list's use.
    func begin(_ text: AlignedText, startsText: Bool) {
        given = text
        self.startsText = startsText
        isRewritten = false
        isWhole = true
    }

    /// The view is good until the list changes.
    func withText<Result>(_ body: (AlignedText) -> Result) -> Result {
        if isRewritten, let rewritten { return rewritten.withText(body) }
        return body(given)
    }

    /// Replaces every word by the ranges that `body` appends for it, in order, as positions of the whole
    /// text. Empty ranges are dropped.
    @inline(__always)
    func split(
        _ body: (_ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ words: inout [Range<Int>]) -> Void
    ) {
        if isWhole {
            isWhole = false
            ranges.removeAll(keepingCapacity: true)
            if given.count > 0 { body(given.bytes, 0..<given.count, &ranges) }
            return
        }
        spareWords.removeAll(keepingCapacity: true)
        withText { text in
            for word in ranges { body(text.bytes, word, &spareWords) }
        }
        swap(&ranges, &spareWords)
    }

    /// Gives every word other bytes; a word that becomes empty is gone. `isFirst`: the word begins where the
    /// original text does.
    func rewrite(_ body: (_ word: AlignedText, _ isFirst: Bool, _ output: TextBuffer) -> Void) {
        let output = spare ?? TextBuffer()
        output.removeAll()
        spareWords.removeAll(keepingCapacity: true)
        withText { text in
            output.tracksAlignment = text.alignment != nil
            for word in words {
                let start = output.count
                body(text.slice(word), startsText && word.lowerBound == 0, output)
                if output.count > start { spareWords.append(start..<output.count) }
            }
        }
        swap(&ranges, &spareWords)
        isWhole = false
        spare = rewritten
        rewritten = output
        isRewritten = true
    }
}

/// `Sequence` of tokenizer.json: each part sees the words of the one before, one by one.
struct PreTokenizerSequence: PreTokenizer {
    let parts: [any PreTokenizer]

    /// Later parts only split what the first has split.
    var isLocal: Bool { parts.first?.isLocal ?? false }

    func preTokenize(_ list: WordList) {
        for part in parts { part.preTokenize(list) }
    }
}
