internal import CMartletKernels

/// What a term adds to the score of a row that has it.
enum TermScoring: Sendable, Equatable {
    /// By how often the row has it, and how long the row is.
    case bm25(BM25Settings)
    /// By the weight that a model gave it, which the postings hold.
    case impacts

    init(_ settings: CollectionSettings) { self = settings.sparse == nil ? .bm25(settings.bm25) : .impacts }

    /// More than any part of a score; the largest parts of blocks are stored in 1/65535 of it.
    var limit: Float {
        switch self {
        case .bm25(let settings): settings.k + 1
        case .impacts: Impacts.limit
        }
    }

    func part(count: UInt32, length: UInt32, average: Float) -> Float {
        switch self {
        case .bm25(let settings): settings.part(count: count, length: length, average: average)
        case .impacts: Float(count) * Impacts.unit
        }
    }

    func prepare(_ table: UnsafeMutablePointer<mk_bm25>, average: Float) {
        switch self {
        case .bm25(let settings): mk_bm25_prepare(table, settings.k, settings.b, average)
        case .impacts: mk_impacts_prepare(table, Impacts.unit)
        }
    }

    /// How much larger a part can be than the one that was stored with a segment's own average length.
    func growth(average: Float, ofSegment segment: Float) -> Float {
        switch self {
        case .bm25: max(1, average / max(segment, 1))
        case .impacts: 1
        }
    }
}
