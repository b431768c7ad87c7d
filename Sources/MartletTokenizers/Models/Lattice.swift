/// Stands for a model in `TokenizerScratch`.
final class ModelIdentity: Sendable {}

/// The best way to each place of a word.
final class Lattice: ModelScratch {
    struct Node {
        var score: Double
        /// Where the best piece that ends here begins, -1 for none.
        var start: Int32
        var id: Int32
    }

    private(set) var nodes: UnsafeMutablePointer<Node>
    private var capacity = 1 << 10

    override init() { nodes = .allocate(capacity: capacity) }

    deinit { nodes.deallocate() }

    override var bytes: Int { capacity * MemoryLayout<Node>.stride }

    func reserve(_ count: Int) {
        guard count > capacity else { return }
        nodes.deallocate()
        while capacity < count { capacity *= 2 }
        nodes = .allocate(capacity: capacity)
    }
}

extension UTF8Scalars {
    /// The length that the first byte of a scalar promises; 1 for what begins none.
    @inline(__always)
    static func length(lead: UInt8) -> Int { lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4 }
}
