#if Server

/// Compares keys in a time that tells nothing of the right one but its length.
struct KeyCheck: Sendable {
    private let key: [UInt8]

    init(_ key: String) { self.key = Array(key.utf8) }

    func accepts(_ given: String?) -> Bool {
        let given = Array((given ?? "").utf8)
        var difference = given.count ^ key.count
        for index in key.indices { difference |= Int(key[index] ^ (index < given.count ? given[index] : 0)) }
        return difference == 0
    }
}

#endif
