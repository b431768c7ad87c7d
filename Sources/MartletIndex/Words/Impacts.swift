internal import Martlet

/// The weights of a sparse vector as whole numbers, which postings hold in the place of counts: 1/1024 each.
///
/// A dimension of the vector is a term of four bytes, the highest first, so that terms are in the order of the
/// dimensions.
struct Impacts: Sendable, Equatable {
    /// Ascending, each once.
    let indices: [UInt32]
    /// 1 to 65535.
    let impacts: [UInt16]

    static let none = Impacts(indices: [], impacts: [])
    static let unit: Float = 1 / 1024
    /// The largest weight.
    static let limit: Float = 64

    init(indices: [UInt32], impacts: [UInt16]) { (self.indices, self.impacts) = (indices, impacts) }

    /// - Parameter what: How an error calls the vector.
    init(_ vector: SparseEmbedding, of what: String, position: Int?) throws(IndexError) {
        var (indices, impacts): ([UInt32], [UInt16]) = ([], [])
        for (index, value) in zip(vector.indices, vector.values) {
            guard let index = UInt32(exactly: index) else {
                throw IndexError(
                    .invalidRecord,
                    "\(what) has a sparse vector with dimension \(index); expected less than 2^32",
                    position: position)
            }
            guard value >= 0, value < Self.limit else {
                throw IndexError(
                    .invalidRecord,
                    "\(what) has a sparse vector with the weight \(value); expected 0 to \(Int(Self.limit))",
                    position: position)
            }
            let impact = min(65535, (value / Self.unit).rounded())
            if impact > 0 {
                indices.append(index)
                impacts.append(UInt16(impact))
            }
        }
        self.init(indices: indices, impacts: impacts)
    }

    /// The term of a dimension.
    static func term(_ index: UInt32) -> [UInt8] {
        [UInt8(index >> 24), UInt8(index >> 16 & 0xFF), UInt8(index >> 8 & 0xFF), UInt8(index & 0xFF)]
    }

    /// The dimension of a term; nil if it is a word.
    static func index(_ term: [UInt8]) -> UInt32? {
        term.count == 4 ? term.reduce(0) { $0 << 8 | UInt32($1) } : nil
    }
}
