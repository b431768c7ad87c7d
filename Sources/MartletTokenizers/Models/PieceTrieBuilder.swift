/// Builds the units of a `PieceTrie` depth first, sorting the entries below a node by their next byte as it
/// goes.
struct PieceTrieBuilder {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let starts: UnsafeBufferPointer<UInt32>
    /// The entries; those below a node lie together.
    private var order: [UInt32] = []
    private var spare: [UInt32]
    /// What `order` is being sorted by, and the same before.
    private var sortLabels: [UInt16]
    private var spareLabels: [UInt16]

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
    private static let openLimit = 8

    private struct Node {
        var slot: Int
        var first: Int
        var end: Int
        var depth: Int
    }

    init(
        _ bytes: UnsafeBufferPointer<UInt8>, _ starts: UnsafeBufferPointer<UInt32>,
        _ isIncluded: (Int) -> Bool
    ) {
        self.bytes = bytes
        self.starts = starts
        let count = max(0, starts.count - 1)
        order.reserveCapacity(count)
        for entry in 0..<count where starts[entry + 1] > starts[entry] && isIncluded(entry) {
            order.append(UInt32(truncatingIfNeeded: entry))
        }
        spare = order
        sortLabels = [UInt16](repeating: 0, count: order.count)
        spareLabels = sortLabels
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

    private mutating func expand(
        _ node: Node, _ stack: inout [Node], _ labels: inout [UInt8], _ ends: inout [Int]
    ) {
        if node.end - node.first == 1 {
            let entry = order[node.first]
            let isEnd = label(entry, node.depth) == 0
            units[node.slot] |=
                isEnd ? PieceTrie.Unit(entry + 1) << 41 : PieceTrie.Unit(entry | PieceTrie.isTail)
            return
        }
        sort(node.first, node.end, node.depth)
        labels.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        var first = node.first
        // The entries of the piece that ends at this node come first.
        var ended: UInt32 = 0
        while first < node.end, sortLabels[first] == 0 {
            ended = max(ended, order[first] + 1)
            first += 1
        }
        units[node.slot] |= PieceTrie.Unit(ended) << 41
        var previous: UInt16 = 0
        for index in first..<node.end {
            let label = sortLabels[index]
            if label == previous {
                ends[ends.count - 1] = index + 1
            } else {
                labels.append(UInt8(truncatingIfNeeded: label - 1))
                ends.append(index + 1)
                previous = label
            }
        }
        guard !labels.isEmpty else { return }
        let base = place(labels)
        units[node.slot] |= PieceTrie.Unit(base)
        for index in labels.indices {
            let label = labels[index]
            units[base ^ Int(label)] = PieceTrie.Unit(0x100 | UInt32(label)) << 32
            stack.append(Node(slot: base ^ Int(label), first: first, end: ends[index], depth: node.depth + 1))
            first = ends[index]
        }
    }

    /// One more than the byte at `depth`; 0 at the end.
    @inline(__always)
    private func label(_ entry: UInt32, _ depth: Int) -> UInt16 {
        let place = Int(starts[Int(entry)]) &+ depth
        return place < Int(starts[Int(entry) &+ 1]) ? UInt16(bytes[place]) &+ 1 : 0
    }

    /// By the label at `depth`, which is then in `sortLabels`.
    private mutating func sort(_ first: Int, _ end: Int, _ depth: Int) {
        if end - first <= 24 {
            for index in first..<end {
                let entry = order[index]
                let label = label(entry, depth)
                var place = index
                while place > first, sortLabels[place - 1] > label {
                    order[place] = order[place - 1]
                    sortLabels[place] = sortLabels[place - 1]
                    place -= 1
                }
                order[place] = entry
                sortLabels[place] = label
            }
            return
        }
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 258) { places in
            places.initialize(repeating: 0)
            for index in first..<end {
                let label = label(order[index], depth)
                spareLabels[index] = label
                places[Int(label) + 1] += 1
            }
            for label in 0..<257 { places[label + 1] += places[label] }
            for index in first..<end {
                let label = spareLabels[index]
                let place = first + places[Int(label)]
                places[Int(label)] += 1
                spare[place] = order[index]
                sortLabels[place] = label
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
                if !isBase[base], base != 0, isFree(base, labels) { return take(base, labels) }
                slot = Int(nextFree[slot])
            } while slot != freeHead
        }
        // In a block of its own every base fits.
        let block = units.count
        openBlock()
        return take(block ^ head, labels)
    }

    @inline(__always)
    private func isFree(_ base: Int, _ labels: [UInt8]) -> Bool {
        for index in 1..<max(1, labels.count) where !isFree[base ^ Int(labels[index])] { return false }
        return true
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
            for slot in openBlocks.lowerBound * Self.blockSize..<(openBlocks.lowerBound + 1) * Self.blockSize
            where isFree[slot] {
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
