/// How a result is read from what a model gives for a text.
package struct OutputReader<Result: Sendable>: Sendable {
    package let kind: OutputKind
    /// The result; nil: it is not finite. Runs on the scheduler's threads.
    package let read: @Sendable (_ output: ModelOutput, _ text: TokenizedText) -> Result?

    package init(_ kind: OutputKind, _ read: @escaping @Sendable (ModelOutput, TokenizedText) -> Result?) {
        self.kind = kind
        self.read = read
    }
}

extension OutputReader where Result == [Float] {
    /// Numbers from hidden states, [tokens × hiddenSize].
    package static func numbers(
        _ kind: OutputKind, _ read: @escaping @Sendable (UnsafeBufferPointer<Float>, TokenizedText) -> [Float]
    ) -> OutputReader {
        OutputReader(kind) { output, text in
            guard case .hidden(let hidden) = output else { return nil }
            let row = read(hidden, text)
            let isFinite = row.withUnsafeBufferPointer {
                PostProcessing.firstNonFinite($0, dimensions: row.count) == nil
            }
            return isFinite ? row : nil
        }
    }
}

extension OutputReader where Result == SparseEmbedding {
    /// The sparse vector as the model gives it.
    package static var sparse: OutputReader {
        OutputReader(.sparse) { output, _ in
            guard case .sparse(let vector?) = output, vector.isFinite else { return nil }
            return vector
        }
    }
}

/// Two texts with the same ids, the same model and equal kinds have the same result.
package enum OutputKind: Hashable, Sendable {
    case vector(EmbedOptions)
    case tokenVectors
    case scores
    case sparse
    case multiVectors(isQuery: Bool, dimensions: Int)
}

/// Says when two computations are the same.
package struct JobKey: Hashable, Sendable {
    let model: Int
    let kind: OutputKind
    package let ids: [Int32]
    package let types: [Int32]?
    let promptTokens: Int

    package init(model: any ScheduledModel, kind: OutputKind, text: TokenizedText) {
        self.model = model.serial
        self.kind = kind
        ids = text.ids
        types = text.types
        promptTokens = text.promptTokens
    }
}
