import MartletData

/// Watches whether ids come in strictly ascending order: then each is there once.
struct KeyOrder {
    enum Key: Equatable {
        case integer(Int64)
        case text(String)

        /// `i` or `t`, and the value.
        var text: String {
            switch self {
            case .integer(let value): "i\(value)"
            case .text(let value): "t\(value)"
            }
        }

        fileprivate func precedes(_ other: Key) -> Bool {
            switch (self, other) {
            case (.integer(let a), .integer(let b)): a < b
            case (.text(let a), .text(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
            default: false
            }
        }
    }

    /// The last key; nil before the first, and once the order was broken.
    private(set) var last: Key?
    private(set) var isAscending = true

    /// - Parameter key: nil: the record has none that can be ordered.
    mutating func add(_ key: Key?) {
        guard isAscending else { return }
        guard let key, last.map({ $0.precedes(key) }) ?? true else {
            (isAscending, last) = (false, nil)
            return
        }
        last = key
    }
}
