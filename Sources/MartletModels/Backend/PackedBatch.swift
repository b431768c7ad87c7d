/// Token sequences laid end to end, without padding: sequence i is `ids[offsets[i] ..< offsets[i + 1]]`.
package struct PackedBatch: Sendable {
    package private(set) var ids: [Int32] = []
    /// One per token where a model has token types and some differ from 0; otherwise empty, which means all
    /// 0.
    package private(set) var typeIDs: [Int32] = []
    package private(set) var offsets: [Int] = [0]
    /// For each sequence the tokens before its first, which `prefix` stands for; empty where none has any.
    private var skipped: [Int] = []
    /// What the encoder keeps of tokens that sequences begin with. To be set before the first sequence is
    /// appended.
    package var prefix: (any EncodedPrefix)? {
        didSet { precondition(ids.isEmpty, "the sequences of a batch have one prefix") }
    }
    /// How many of the first sequence's tokens the encoder makes such a prefix of in this pass; 0: none.
    package var keeps = 0
    /// The most tokens of a text that begins with a prefix: longer ones are computed whole, as the prefix is a
    /// small part of them.
    package static let longestWithPrefix = 2048
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
            * MemoryLayout<Int>.stride + skipped.capacity * MemoryLayout<Int>.stride
    }
    /// Tokens of the longest sequence, with those that the prefix stands for.
    package var longest: Int { (0..<sequences).reduce(0) { max($0, position(of: $1) + length(of: $1)) } }
    /// Where in its text the first token of a sequence is: the tokens that the prefix stands for.
    package func position(of sequence: Int) -> Int { skipped.isEmpty ? 0 : skipped[sequence] }
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

    /// - Parameter position: How many tokens of the text come before these: the first of `prefix`.
    package mutating func append(
        _ sequence: some Collection<Int32>, typeIDs types: [Int32]? = nil, hidden count: Int = 0,
        position: Int = 0
    ) {
        if position > 0 || !skipped.isEmpty {
            precondition(position <= prefix?.count ?? 0, "the prefix has fewer than \(position) tokens")
            precondition(position == 0 || position + sequence.count <= Self.longestWithPrefix)
            if skipped.isEmpty { skipped = Array(repeating: 0, count: sequences) }
            skipped.append(position)
        }
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
        skipped.removeAll(keepingCapacity: true)
        context = nil
        prefix = nil
        keeps = 0
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
