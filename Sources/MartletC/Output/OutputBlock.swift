/// Memory of the caller that a call writes to, checked before the work begins.
struct OutputBlock<Element: BitwiseCopyable> {
    private let memory: UnsafeMutableBufferPointer<Element>

    /// - Parameters:
    ///   - memory: The caller's; NULL where nothing is written.
    ///   - capacity: Elements that it has room for.
    ///   - rows: Rows that the call writes.
    ///   - width: Elements of a row.
    ///   - name: Of the argument, for messages.
    init(_ memory: UnsafeMutablePointer<Element>?, capacity: Int, rows: Int, width: Int, _ name: String)
        throws(CallError)
    {
        let (count, overflow) = rows.multipliedReportingOverflow(by: width)
        guard !overflow, capacity >= 0, count <= capacity else {
            throw .argument("\(name) has room for \(capacity) numbers; \(rows) rows of \(width) are written")
        }
        guard memory != nil || count == 0 else {
            throw .argument("\(name) is NULL; \(count) numbers are written to it")
        }
        guard UInt(bitPattern: memory).isMultiple(of: UInt(MemoryLayout<Element>.alignment)) else {
            throw .argument("\(name) is not aligned to \(MemoryLayout<Element>.alignment) bytes")
        }
        self.memory = UnsafeMutableBufferPointer(start: memory, count: count)
    }

    /// Writes elements from a place on; what does not fit is an error of this library, not of the caller.
    func write(_ elements: [Element], at place: Int) throws(CallError) {
        guard place >= 0, elements.count <= memory.count - place else {
            throw .argument(
                "\(elements.count) numbers at \(place) do not fit into the \(memory.count) of the call")
        }
        guard let base = memory.baseAddress, !elements.isEmpty else { return }
        elements.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { (base + place).update(from: start, count: source.count) }
        }
    }
}
