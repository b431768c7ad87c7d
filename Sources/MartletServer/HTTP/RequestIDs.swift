#if Server

import Synchronization

/// Names for requests: unique in a process by a count, among processes by a random start.
struct RequestIDs: ~Copyable, Sendable {
    private let start = UInt64.random(in: 0...UInt64.max)
    private let count = Atomic<UInt64>(0)

    func next() -> String {
        // A step that is odd and large, so that names that follow each other look different.
        let number = start &+ count.wrappingAdd(1, ordering: .relaxed).newValue &* 0x9E37_79B9_7F4A_7C15
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// A client's own name for its request, if it is one that a log can take.
    static func accepted(_ name: String?) -> String? {
        guard let name, (1...128).contains(name.utf8.count),
            name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
        else { return nil }
        return name
    }
}

#endif
