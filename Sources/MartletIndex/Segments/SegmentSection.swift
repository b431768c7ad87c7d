/// The sections of a segment's file. Numbers are part of the format.
enum SegmentSection: UInt32, CustomStringConvertible {
    /// Number of rows (u64), dimensions (u32), codes' dimensions (u32), store (u32: 1 f32, 2 f16, 3 int8),
    /// words in all rows (u64), then the mean of the vectors (f32 each).
    case header = 1
    case codes = 2
    case rows = 3
    /// int8 only: a scale (f32) for each row.
    case scales = 4
    case ids = 5
    /// Where each id ends (u32), after 0.
    case idEnds = 6
    /// Rows (u32) in the order of their ids' bytes.
    case idOrder = 7
    case texts = 8
    /// Where each text ends (u64), after 0.
    case textEnds = 9
    case postings = 10
    case terms = 11
    case termEnds = 12
    case termFrequencies = 13
    case termStarts = 14
    /// Words of each row (u16), at most 65535.
    case lengths = 15
    /// 0, and where each list of rows ends (u32); only in a segment that is ordered by lists.
    case listEnds = 16
    /// The centroid of each list (f32 each).
    case centroids = 17

    /// Columns have the numbers from here on.
    static let firstColumn: UInt32 = 1000

    var description: String {
        switch self {
        case .header: "header"
        case .codes: "codes"
        case .rows: "rows"
        case .scales: "scales"
        case .ids: "ids"
        case .idEnds: "id ends"
        case .idOrder: "id order"
        case .texts: "texts"
        case .textEnds: "text ends"
        case .postings: "postings"
        case .terms: "terms"
        case .termEnds: "term ends"
        case .termFrequencies: "term frequencies"
        case .termStarts: "term starts"
        case .lengths: "lengths"
        case .listEnds: "list ends"
        case .centroids: "centroids"
        }
    }
}
