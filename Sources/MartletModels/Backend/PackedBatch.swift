/// Token sequences laid end to end, without padding: sequence i is `ids[offsets[i] ..< offsets[i + 1]]`.
package struct PackedBatch: Sendable {
    package private(set) var ids: [Int32] = []
    /// One per token where a model has token types and some differ from 0; otherwise empty, which means all
    /// 0.
    package private(set) var typeIDs: [Int32] = []
    package private(set) var offsets: [Int] = [0]
    /// For each sequence the tokens at its end that no token attends to; empty, where all are attended to.
    private var hidden: [Int] = []
    /// Rows at the beginning of every sequence; nil: there are none. To be set before the first sequence is
    /// appended.
    package var context: ContextRows? {
        didSet { precondition(ids.isEmpty, "the sequences of a batch have one context") }
    }

    package init() {}

    package var sequences: Int { offsets.count - 1 }
    package var tokens: Int { ids.count }
    /// Memory that the arrays hold on to.
    package var bytes: Int {
        (ids.capacity + typeIDs.capacity) * MemoryLayout<Int32>.stride + (offsets.capacity + hidden.capacity)
            * MemoryLayout<Int>.stride
    }
    package var longest: Int { (0..<sequences).reduce(0) { max($0, length(of: $1)) } }
    package func length(of sequence: Int) -> Int { offsets[sequence + 1] - offsets[sequence] }
    /// Where each sequence begins, and the end of the last, if every sequence with tokens had one.
    var offsetsOfNonEmpty: [Int] {
        var count = 0
        return [0]
            + (0..<sequences).map {
                count += length(of: $0) > 0 ? 1 : 0
                return count
            }
    }
    /// Tokens of a sequence that its tokens attend to.
    package func attended(of sequence: Int) -> Int {
        length(of: sequence) - (hidden.isEmpty ? 0 : hidden[sequence])
    }
    package func range(of sequence: Int) -> Range<Int> { offsets[sequence]..<offsets[sequence + 1] }
    /// The tokens of a sequence that are its text's: those after the context.
    package func text(of sequence: Int) -> Range<Int> {
        offsets[sequence] + (context?.count ?? 0)..<offsets[sequence + 1]
    }

    package mutating func append(
        _ sequence: some Collection<Int32>, typeIDs types: [Int32]? = nil, hidden count: Int = 0
    ) {
        if count > 0 || !hidden.isEmpty {
            precondition(
                count >= 0 && count < sequence.count, "\(count) of \(sequence.count) tokens cannot be hidden")
            if hidden.isEmpty { hidden = Array(repeating: 0, count: sequences) }
            hidden.append(count)
        }
        if let types, types.contains(where: { $0 != 0 }) {
            if typeIDs.isEmpty { typeIDs = Array(repeating: 0, count: ids.count) }
            typeIDs.append(contentsOf: types)
        } else if !typeIDs.isEmpty {
            typeIDs.append(contentsOf: repeatElement(0, count: sequence.count))
        }
        if let context {
            precondition(typeIDs.isEmpty, "texts after a context have no token types")
            ids.append(contentsOf: repeatElement(0, count: context.count))
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
        context = nil
    }
}

/// Vectors that stand at the beginning of every sequence of a batch, where other tokens have their rows of
/// the embedding table.
///
/// A batch with them is one of embeddings, not of ids: the model adds the row of token type 0 to each of
/// them, and to the text's tokens, whose rows hold it, once more.
package struct ContextRows: Sendable, Hashable {
    /// [count × width]
    package let floats: [Float]
    package let count: Int

    package init(_ floats: [Float], count: Int) {
        precondition(count > 0 && floats.count.isMultiple(of: count))
        self.floats = floats
        self.count = count
    }

    package var width: Int { floats.count / count }
}
