/// Turns words into token ids.
protocol TokenModel: Sendable {
    var vocabulary: Vocabulary { get }
    /// The `type` of tokenizer.json.
    var name: String { get }
    /// What its working memory may keep from text to text; 0: it has none.
    var keptBytes: Int { get }
    /// Appends the tokens of each word, a range of `text`, with their places in `text.bytes`.
    func tokenize(
        _ text: AlignedText, _ words: [Range<Int>], into sink: inout IDSink, _ scratch: TokenizerScratch)
}

/// Working memory of a model that one thread keeps from text to text.
class ModelScratch {
    var bytes: Int { 0 }
}

extension TokenModel {
    var keptBytes: Int { 0 }
}

/// Takes tokens, keeps those that truncation leaves, and counts all: a text longer than the limit costs no
/// memory for its rest.
struct IDSink {
    private(set) var ids: [Int32]
    /// Tokens given, kept or not.
    private(set) var total = 0
    /// Where the kept ids come from, if offsets are asked for.
    private(set) var places: [TokenPlace] = []
    /// What the places given to `append` are positions of.
    var text = AlignedText(UnsafeBufferPointer(start: nil, count: 0))
    /// Where the text's own ids begin.
    private let base: Int
    private let limit: Int
    private let keepsEnd: Bool
    let tracksOffsets: Bool

    /// `ids` is taken over from the caller and given back by `giveBack`.
    init(ids: [Int32], limit: Int?, truncation: Truncation, tracksOffsets: Bool = false) {
        self.ids = ids
        base = self.ids.count
        self.limit = truncation == .none ? Int.max : max(0, limit ?? Int.max)
        keepsEnd = truncation == .start && self.limit < Int.max
        self.tracksOffsets = tracksOffsets
    }

    /// A token that stands for `start..<end` of `text`.
    @inline(__always)
    mutating func append(_ id: Int32, _ start: @autoclosure () -> Int, _ end: @autoclosure () -> Int) {
        if tracksOffsets { return append(id, TokenPlace(start()..<end(), of: text)) }
        append(withoutPlace: id)
    }

    /// For a model that knows that nobody asks for offsets.
    @inline(__always)
    mutating func append(withoutPlace id: Int32) {
        total &+= 1
        if keepsEnd {
            ids.append(id)
            if ids.count &- base >= limit &+ max(limit, 4096) { dropHead() }
        } else if ids.count &- base < limit {
            ids.append(id)
        }
    }

    /// An added token that was found at `range` of `text`.
    mutating func append(added id: Int32, _ range: Range<Int>, of text: AlignedText) {
        if tracksOffsets {
            append(id, TokenPlace(addedToken: range, of: text))
        } else {
            append(withoutPlace: id)
        }
    }

    @inline(never)
    private mutating func append(_ id: Int32, _ place: TokenPlace) {
        if keepsEnd || ids.count - base < limit { places.append(place) }
        append(withoutPlace: id)
    }

    @inline(never)
    private mutating func dropHead() {
        let excess = ids.count - base - limit
        guard excess > 0 else { return }
        ids.removeSubrange(base..<base + excess)
        if tracksOffsets { places.removeFirst(excess) }
    }

    /// Swaps the array back to its owner without a copy.
    mutating func giveBack(_ ids: inout [Int32]) { swap(&self.ids, &ids) }

    mutating func finish() {
        if keepsEnd { dropHead() }
    }
}

/// Where a token stands in the original text.
struct TokenPlace: Sendable {
    /// In bytes.
    var range: Range<Int>
    /// Spaces at the ends of the token, in characters; white space of any kind for an added token.
    var leadingSpaces = 0
    var trailingSpaces = 0

    init(_ range: Range<Int>, of text: AlignedText) {
        self.range = text.original(range) ?? range
        let bytes = text.bytes[range]
        leadingSpaces = bytes.prefix { $0 == 0x20 }.count
        trailingSpaces = bytes.reversed().prefix { $0 == 0x20 }.count
    }

    init(addedToken range: Range<Int>, of text: AlignedText) {
        self.range = text.original(range) ?? range
        let bytes = UnsafeBufferPointer(rebasing: text.bytes[range])
        func isSpace(_ scalar: UInt32) -> Bool {
            UnicodeTables.shared.flags(of: scalar).contains(.whitespace)
        }
        var start = 0
        while start < bytes.count, case let (scalar, length) = UTF8Scalars.decode(bytes, at: start),
            isSpace(scalar)
        {
            start += length
            leadingSpaces += 1
        }
        var end = bytes.count
        while end > 0, case let (scalar, length) = UTF8Scalars.decode(bytes, before: end), isSpace(scalar) {
            end -= length
            trailingSpaces += 1
        }
    }
}
