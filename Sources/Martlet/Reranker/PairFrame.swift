/// The words around a pair for language models that are asked about it.
package struct PairFrame: Sendable, Equatable {
    package enum Part: Sendable, Equatable {
        case text(String)
        case instruction, query, document
    }

    package let parts: [Part]
    /// What stands for the instruction where the caller gives none.
    package let instruction: String

    package init(_ parts: [Part], instruction: String) {
        self.parts = parts
        self.instruction = instruction
    }

    package func text(instruction: String?, query: String, document: String) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .instruction: instruction ?? self.instruction
            case .query: query
            case .document: document
            }
        }.joined()
    }

    /// How Qwen3-Reranker is asked (Zhang et al. 2025, and the model's card).
    static let qwen3 = PairFrame(
        [
            .text(
                "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct provided. "
                    + "Note that the answer can only be \"yes\" or \"no\".<|im_end|>\n<|im_start|>user\n<Instruct>: "
            ),
            .instruction, .text("\n<Query>: "), .query, .text("\n<Document>: "), .document,
            .text("<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"),
        ], instruction: "Given a web search query, retrieve relevant passages that answer the query")
}
