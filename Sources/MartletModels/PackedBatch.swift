/// Token sequences laid end to end, without padding: sequence i is `ids[offsets[i] ..< offsets[i + 1]]`.
package struct PackedBatch: Sendable {
    package private(set) var ids: [Int32] = []
    /// One per token where a model has token types and some differ from 0; otherwise empty, which means all 0.
    package private(set) var typeIDs: [Int32] = []
    package private(set) var offsets: [Int] = [0]
    /// For each sequence the tokens at its end that no token attends to; empty, where all are attended to.
    private var hidden: [Int] = []

    package init() {}

    package var sequences: Int { offsets.count - 1 }
    package var tokens: Int { ids.count }
    /// Memory that the arrays hold on to.
    package var bytes: Int {
        (ids.capacity + typeIDs.capacity) * MemoryLayout<Int32>.stride + (offsets.capacity + hidden.capacity) * MemoryLayout<Int>.stride
    }
    package var longest: Int { (0..<sequences).reduce(0) { max($0, length(of: $1)) } }
    package func length(of sequence: Int) -> Int { offsets[sequence + 1] - offsets[sequence] }
    /// Tokens of a sequence that its tokens attend to.
    package func attended(of sequence: Int) -> Int { length(of: sequence) - (hidden.isEmpty ? 0 : hidden[sequence]) }
    package func range(of sequence: Int) -> Range<Int> { offsets[sequence]..<offsets[sequence + 1] }

    package mutating func append(_ sequence: some Collection<Int32>, typeIDs types: [Int32]? = nil, hidden count: Int = 0) {
        if count > 0 || !hidden.isEmpty {
            precondition(count >= 0 && count < sequence.count, "\(count) of \(sequence.count) tokens cannot be hidden")
            if hidden.isEmpty { hidden = Array(repeating: 0, count: sequences) }
            hidden.append(count)
        }
        if let types, types.contains(where: { $0 != 0 }) {
            if typeIDs.isEmpty { typeIDs = Array(repeating: 0, count: ids.count) }
            typeIDs.append(contentsOf: types)
        } else if !typeIDs.isEmpty {
            typeIDs.append(contentsOf: repeatElement(0, count: sequence.count))
        }
        ids.append(contentsOf: sequence)
        offsets.append(ids.count)
    }

    package mutating func removeAll() {
        ids.removeAll(keepingCapacity: true)
        typeIDs.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        offsets.append(0)
        hidden.removeAll(keepingCapacity: true)
    }
}
