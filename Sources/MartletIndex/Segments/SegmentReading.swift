import Synchronization

/// How a segment's rows are read at present, which the kernel is told.
///
/// A search reads some hundred rows that lie anywhere. The kernel reads 128 KiB around each that is not in memory,
/// which pushes the codes out where the memory is smaller than the file. Merges, checks and exact searches read all
/// rows in order, and are faster that way.
struct SegmentReading: ~Copyable {
    private let readsSome = Atomic(false)

    /// Bytes of a collection's vectors from which on this pays: smaller ones are better read whole.
    private static let leastBytes = 1 << 30
    private static let sections: [SegmentSection] = [.rows, .scales, .ids, .idEnds, .texts, .textEnds]

    /// Before some rows are read that lie anywhere in the file. Costs a system call where all rows were read before.
    /// - Parameter bytes: Of all vectors of the collection.
    func readsSome(_ file: FileSections, bytes: Int) {
        if bytes >= Self.leastBytes { change(file, to: true) }
    }

    /// Before all rows are read in order.
    func readsAll(_ file: FileSections) { change(file, to: false) }

    private func change(_ file: FileSections, to some: Bool) {
        guard readsSome.load(ordering: .relaxed) != some,
            readsSome.exchange(some, ordering: .relaxed) != some
        else { return }
        file.advise(Self.sections, inAnyOrder: some)
    }
}
