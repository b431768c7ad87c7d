extension WorkerPool {
    /// `body(index)` for every index below `count`, run on all threads; the first error in index order is
    /// thrown.
    package func map<T, E: Error>(_ count: Int, _ body: (Int) throws(E) -> T) throws(E) -> [T] {
        var slots: [Result<T, E>?] = Array(repeating: nil, count: count)
        slots.withUnsafeMutableBufferPointer { slots in
            // Each index writes its own slot only.
            nonisolated(unsafe) let slots = slots
            run(count) { index, _ in
                do throws(E) {
                    slots[index] = .success(try body(index))
                } catch {
                    slots[index] = .failure(error)
                }
            }
        }
        var values: [T] = []
        values.reserveCapacity(count)
        for case let slot? in slots { values.append(try slot.get()) }
        return values
    }
}
