/// The symbols of one word while they merge.
final class SymbolList {
    /// Of the symbols that are left.
    @exclusivity(unchecked) private(set) var ids: [Int32] = []
    /// In bytes.
    @exclusivity(unchecked) private(set) var lengths: [Int32] = []
    /// For each symbol what merging it with the next one gives.
    @exclusivity(unchecked) private var merges: [MergeTable.Merge] = []
    // Of a long word: neighbours, and a heap of rank << 32 | position.
    @exclusivity(unchecked) private var next: [Int32] = []
    @exclusivity(unchecked) private var previous: [Int32] = []
    @exclusivity(unchecked) private var heap = MinHeap()

    var count: Int { ids.count }

    var bytes: Int {
        (ids.capacity + lengths.capacity + next.capacity + previous.capacity) * 4 + merges.capacity
            * MemoryLayout<MergeTable.Merge>.stride
            + heap.bytes
    }

    func removeAll() {
        ids.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    func append(_ id: Int32, _ length: Int) {
        ids.append(id)
        lengths.append(Int32(truncatingIfNeeded: length))
    }

    /// Lowest rank first, of equal ones the leftmost, until no pair merges.
    func merge(_ table: MergeTable.Reader) {
        guard count > 1 else { return }
        merges.removeAll(keepingCapacity: true)
        ids.withUnsafeBufferPointer { ids in
            for index in 0..<ids.count - 1 { merges.append(table.merge(ids[index], ids[index + 1])) }
        }
        merges.append(MergeTable.none)
        if count <= 48 { mergeShort(table) } else { mergeLong(table) }
    }

    /// By looking at all pairs again after each merge.
    private func mergeShort(_ table: MergeTable.Reader) {
        var count = self.count
        ids.withUnsafeMutableBufferPointer { ids in
            lengths.withUnsafeMutableBufferPointer { lengths in
                merges.withUnsafeMutableBufferPointer { merges in
                    while true {
                        var best = MergeTable.none
                        var place = 0
                        for index in 0..<count &- 1 where merges[index] < best {
                            best = merges[index]
                            place = index
                        }
                        if best == MergeTable.none { break }
                        ids[place] = Int32(truncatingIfNeeded: best)
                        lengths[place] &+= lengths[place &+ 1]
                        count &-= 1
                        var index = place &+ 1
                        while index < count {
                            ids[index] = ids[index &+ 1]
                            lengths[index] = lengths[index &+ 1]
                            merges[index] = merges[index &+ 1]
                            index &+= 1
                        }
                        merges[place] =
                            place &+ 1 < count ? table.merge(ids[place], ids[place &+ 1]) : MergeTable.none
                        if place > 0 { merges[place &- 1] = table.merge(ids[place &- 1], ids[place]) }
                    }
                }
            }
        }
        ids.removeLast(ids.count - count)
        lengths.removeLast(lengths.count - count)
    }

    /// With a heap: n log n for a word of n symbols.
    private func mergeLong(_ table: MergeTable.Reader) {
        let count = self.count
        next.removeAll(keepingCapacity: true)
        previous.removeAll(keepingCapacity: true)
        heap.removeAll()
        for index in 0..<count {
            next.append(Int32(truncatingIfNeeded: index + 1))
            previous.append(Int32(truncatingIfNeeded: index - 1))
            if merges[index] != MergeTable.none { heap.append(Self.entry(merges[index], index)) }
        }
        heap.order()
        var kept = 0
        ids.withUnsafeMutableBufferPointer { ids in
            lengths.withUnsafeMutableBufferPointer { lengths in
                merges.withUnsafeMutableBufferPointer { merges in
                    next.withUnsafeMutableBufferPointer { next in
                        previous.withUnsafeMutableBufferPointer { previous in
                            let word = Word(
                                ids: ids, lengths: lengths, merges: merges, next: next, previous: previous)
                            word.mergeAll(table, &heap)
                            kept = word.compact()
                        }
                    }
                }
            }
        }
        ids.removeLast(count - kept)
        lengths.removeLast(count - kept)
    }

    private struct Word {
        let ids: UnsafeMutableBufferPointer<Int32>
        let lengths: UnsafeMutableBufferPointer<Int32>
        let merges: UnsafeMutableBufferPointer<MergeTable.Merge>
        let next: UnsafeMutableBufferPointer<Int32>
        let previous: UnsafeMutableBufferPointer<Int32>

        func mergeAll(_ table: MergeTable.Reader, _ heap: inout MinHeap) {
            while let top = heap.popFirst() {
                let place = Int(truncatingIfNeeded: top & 0xFFFF_FFFF)
                // The pair may have changed since.
                guard lengths[place] > 0, merges[place] >> 32 == top >> 32 else { continue }
                let right = Int(next[place])
                ids[place] = Int32(truncatingIfNeeded: merges[place])
                lengths[place] &+= lengths[right]
                lengths[right] = 0
                merges[right] = MergeTable.none
                let after = Int(next[right])
                next[place] = Int32(truncatingIfNeeded: after)
                if after < ids.count { previous[after] = Int32(truncatingIfNeeded: place) }
                update(
                    place, after < ids.count ? table.merge(ids[place], ids[after]) : MergeTable.none, &heap)
                let before = Int(previous[place])
                if before >= 0 { update(before, table.merge(ids[before], ids[place]), &heap) }
            }
        }

        private func update(_ place: Int, _ merge: MergeTable.Merge, _ heap: inout MinHeap) {
            merges[place] = merge
            if merge != MergeTable.none { heap.insert(SymbolList.entry(merge, place)) }
        }

        /// Moves what is left to the front and returns how many there are.
        func compact() -> Int {
            var kept = 0
            var place = 0
            while place < ids.count {
                ids[kept] = ids[place]
                lengths[kept] = lengths[place]
                kept &+= 1
                place = Int(next[place])
            }
            return kept
        }
    }

    fileprivate static func entry(_ merge: MergeTable.Merge, _ place: Int) -> UInt64 {
        (merge >> 32) << 32 | UInt64(place)
    }
}

/// A binary heap, smallest first.
struct MinHeap {
    private var elements: [UInt64] = []
    var bytes: Int { elements.capacity * 8 }

    mutating func removeAll() { elements.removeAll(keepingCapacity: true) }

    /// To be followed by `order`.
    mutating func append(_ element: UInt64) { elements.append(element) }

    mutating func order() {
        for index in stride(from: elements.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }

    mutating func insert(_ element: UInt64) {
        elements.append(element)
        elements.withUnsafeMutableBufferPointer { elements in
            var child = elements.count &- 1
            while child > 0, case let parent = (child &- 1) / 2, elements[parent] > element {
                elements[child] = elements[parent]
                child = parent
            }
            elements[child] = element
        }
    }

    mutating func popFirst() -> UInt64? {
        guard let first = elements.first, let last = elements.popLast() else { return nil }
        if !elements.isEmpty {
            elements[0] = last
            sink(0)
        }
        return first
    }

    private mutating func sink(_ start: Int) {
        elements.withUnsafeMutableBufferPointer { elements in
            let element = elements[start]
            var parent = start
            while case var child = parent &* 2 &+ 1, child < elements.count {
                if child &+ 1 < elements.count, elements[child &+ 1] < elements[child] { child &+= 1 }
                if elements[child] >= element { break }
                elements[parent] = elements[child]
                parent = child
            }
            elements[parent] = element
        }
    }
}
