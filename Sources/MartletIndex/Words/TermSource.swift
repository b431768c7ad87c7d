/// Terms with their rows, in the order of the terms' bytes.
protocol TermSource: AnyObject {
    /// The term at hand; nil after the last.
    var term: UnsafeRawBufferPointer? { get }
    /// The rows that have the term at hand, from the lowest, and how often.
    func postings(rows: inout [UInt32], counts: inout [UInt32]) throws(IndexError)
    func advance() throws(IndexError)
}
