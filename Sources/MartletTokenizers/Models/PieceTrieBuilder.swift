/// Builds the units of a `PieceTrie` depth first, sorting the entries below a node by their next byte as it goes.
struct PieceTrieBuilder {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let starts: UnsafeBufferPointer<UInt32>
    /// The entries; those below a node lie together.
    private var order: [UInt32] = []
    private var spare: [UInt32]

    private var units: [PieceTrie.Unit] = []
    /// For each slot, whether some node has it as its base.
    private var isBase: [Bool] = []
    /// The free slots of the open blocks, as a ring: next and previous of each.
    private var nextFree: [UInt32] = []
    private var previousFree: [UInt32] = []
    private var isFree: [Bool] = []
    /// A free slot, or -1.
    private var freeHead = -1
    private var openBlocks = 0..<0

    private static let blockSize = 256
    /// Blocks older than this many are closed, which bounds the search for free slots.
    private static let openLimit = 16

    private struct Node {
        var slot: Int
        var first: Int
        var end: Int
        var depth: Int
    }

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ starts: UnsafeBufferPointer<UInt32>, _ isIncluded: (Int) -> Bool) {
        self.bytes = bytes
        self.starts = starts
        let count = max(0, starts.count - 1)
        order.reserveCapacity(count)
        for entry in 0..<count where starts[entry + 1] > starts[entry] && isIncluded(entry) {
            order.append(UInt32(truncatingIfNeeded: entry))
        }
        spare = order
    }

    mutating func build() -> [PieceTrie.Unit] {
        let expected = (order.count * 2 / Self.blockSize + 2) * Self.blockSize
        units.reserveCapacity(expected)
        openBlock()
        take(0)
        isBase[0] = true
        units[0] = 0
        var stack = [Node(slot: 0, first: 0, end: order.count, depth: 0)]
        var labels: [UInt8] = []
        var ends: [Int] = []
        while let node = stack.popLast() { expand(node, &stack, &labels, &ends) }
        return units
    }

    /// The bytes of entry `order[index]` at `depth`, or nil at its end.
    @inline(__always)
    private func length(_ index: Int) -> Int { Int(starts[Int(order[index]) &+ 1]) &- Int(starts[Int(order[index])]) }

    @inline(__always)
    private func byte(_ entry: UInt32, _ depth: Int) -> UInt8 { bytes[Int(starts[Int(entry)]) &+ depth] }

    private mutating func expand(_ node: Node, _ stack: inout [Node], _ labels: inout [UInt8], _ ends: inout [Int]) {
        var first = node.first
        // Pieces that end at this node: the last entry is the piece's.
        var ended = -1
        for index in node.first..<node.end where length(index) == node.depth {
            ended = max(ended, Int(order[index]))
            order.swapAt(first, index)
            first += 1
        }
        let value = PieceTrie.Unit(ended + 1) << 41
        if first == node.end {
            units[node.slot] |= value
            return
        }
        if isOnePiece(first, node.end, node.depth) {
            let entry = order[first..<node.end].reduce(0) { max($0, $1) }
            units[node.slot] |= value | PieceTrie.Unit(entry | PieceTrie.isTail)
            return
        }
        sort(first, node.end, node.depth)
        labels.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        for index in first..<node.end {
            let label = byte(order[index], node.depth)
            if labels.last == label { ends[ends.count - 1] = index + 1 } else { labels.append(label); ends.append(index + 1) }
        }
        let base = place(labels)
        units[node.slot] |= value | PieceTrie.Unit(base)
        for (label, end) in zip(labels, ends) {
            let slot = base ^ Int(label)
            units[slot] = PieceTrie.Unit(0x100 | UInt32(label)) << 32
            stack.append(Node(slot: slot, first: first, end: end, depth: node.depth + 1))
            first = end
        }
    }

    /// Whether all of `order[first..<end]` are the same piece.
    private func isOnePiece(_ first: Int, _ end: Int, _ depth: Int) -> Bool {
        for index in first + 1..<max(end, first + 1) {
            guard length(index) == length(first) else { return false }
            for place in depth..<length(first) where byte(order[index], place) != byte(order[first], place) { return false }
        }
        return true
    }

    /// By the byte at `depth`, which all of them have.
    private mutating func sort(_ first: Int, _ end: Int, _ depth: Int) {
        if end - first <= 32 {
            for index in first + 1..<max(end, first + 1) {
                let entry = order[index]
                let label = byte(entry, depth)
                var place = index
                while place > first, byte(order[place - 1], depth) > label {
                    order[place] = order[place - 1]
                    place -= 1
                }
                order[place] = entry
            }
            return
        }
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 257) { places in
            places.initialize(repeating: 0)
            for index in first..<end { places[Int(byte(order[index], depth)) + 1] += 1 }
            for label in 0..<256 { places[label + 1] += places[label] }
            for index in first..<end {
                let label = Int(byte(order[index], depth))
                spare[first + places[label]] = order[index]
                places[label] += 1
            }
        }
        for index in first..<end { order[index] = spare[index] }
    }

    // MARK: Slots

    /// Takes a free slot for each label and returns their base.
    private mutating func place(_ labels: [UInt8]) -> Int {
        let head = Int(labels[0])
        if freeHead >= 0 {
            var slot = freeHead
            repeat {
                let base = slot ^ head
                if !isBase[base], base != 0, labels.allSatisfy({ isFree[base ^ Int($0)] }) { return take(base, labels) }
                slot = Int(nextFree[slot])
            } while slot != freeHead
        }
        // In a block of its own every base fits.
        let block = units.count
        openBlock()
        return take(block ^ head, labels)
    }

    private mutating func take(_ base: Int, _ labels: [UInt8]) -> Int {
        isBase[base] = true
        for label in labels { take(base ^ Int(label)) }
        return base
    }

    private mutating func take(_ slot: Int) {
        let (next, previous) = (Int(nextFree[slot]), Int(previousFree[slot]))
        nextFree[previous] = UInt32(truncatingIfNeeded: next)
        previousFree[next] = UInt32(truncatingIfNeeded: previous)
        isFree[slot] = false
        if freeHead == slot { freeHead = next == slot ? -1 : next }
    }

    private mutating func openBlock() {
        if openBlocks.count == Self.openLimit {
            for slot in openBlocks.lowerBound * Self.blockSize..<(openBlocks.lowerBound + 1) * Self.blockSize where isFree[slot] {
                take(slot)
            }
            openBlocks = openBlocks.lowerBound + 1..<openBlocks.upperBound
        }
        let first = units.count
        units.append(contentsOf: repeatElement(0, count: Self.blockSize))
        isBase.append(contentsOf: repeatElement(false, count: Self.blockSize))
        isFree.append(contentsOf: repeatElement(true, count: Self.blockSize))
        for slot in first..<first + Self.blockSize {
            nextFree.append(UInt32(truncatingIfNeeded: slot + 1))
            previousFree.append(UInt32(truncatingIfNeeded: slot - 1))
        }
        let last = first + Self.blockSize - 1
        if freeHead < 0 {
            freeHead = first
            nextFree[last] = UInt32(truncatingIfNeeded: first)
            previousFree[first] = UInt32(truncatingIfNeeded: last)
        } else {
            let tail = Int(previousFree[freeHead])
            nextFree[tail] = UInt32(truncatingIfNeeded: first)
            previousFree[first] = UInt32(truncatingIfNeeded: tail)
            nextFree[last] = UInt32(truncatingIfNeeded: freeHead)
            previousFree[freeHead] = UInt32(truncatingIfNeeded: last)
        }
        openBlocks = openBlocks.lowerBound..<openBlocks.upperBound + 1
    }
}
