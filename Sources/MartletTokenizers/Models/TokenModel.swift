/// Turns words into token ids.
protocol TokenModel: Sendable {
    var vocabulary: Vocabulary { get }
    /// The `type` of tokenizer.json.
    var name: String { get }
    func tokenize(_ text: UnsafeBufferPointer<UInt8>, _ words: [Range<Int>], into sink: inout IDSink)
}

/// Takes ids, keeps those that truncation leaves, and counts all: a text longer than the limit costs no memory for its rest.
struct IDSink {
    private(set) var ids: [Int32]
    /// Ids given, kept or not.
    private(set) var total = 0
    /// Where the text's own ids begin.
    private let base: Int
    private let limit: Int
    private let keepsEnd: Bool

    /// `ids` is taken over from the caller and given back by `giveBack`.
    init(ids: [Int32], limit: Int?, truncation: Truncation) {
        self.ids = ids
        base = self.ids.count
        self.limit = truncation == .none ? Int.max : max(0, limit ?? Int.max)
        keepsEnd = truncation == .start && self.limit < Int.max
    }

    @inline(__always)
    mutating func append(_ id: Int32) {
        total &+= 1
        if keepsEnd {
            ids.append(id)
            if ids.count &- base >= limit &+ max(limit, 4096) { dropHead() }
        } else if ids.count &- base < limit {
            ids.append(id)
        }
    }

    @inline(never)
    private mutating func dropHead() {
        let excess = ids.count - base - limit
        if excess > 0 { ids.removeSubrange(base..<base + excess) }
    }

    /// Swaps the array back to its owner without a copy.
    mutating func giveBack(_ ids: inout [Int32]) { swap(&self.ids, &ids) }

    mutating func finish() {
        if keepsEnd { dropHead() }
    }
}
