import CMartlet
import Martlet

@_cdecl("martlet_count_tokens")
public func martlet_count_tokens(
    _ model: UInt64, _ texts: UnsafePointer<martlet_texts>?, _ options: UnsafePointer<CChar>?,
    _ counts: UnsafeMutablePointer<Int64>?,
    _ capacity: Int, _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        let model = try HandleTable.shared.model(model)
        let (block, options) = (try TextBlock(texts, "texts"), try TextOptions(counting: options))
        let output = try OutputBlock(counts, capacity: capacity, rows: block.count, width: 1, "counts")
        for index in 0..<block.count {
            let text = try block.texts(index..<index + 1)[0]
            do {
                try output.write([Int64(try model.tokens(of: text, options))], at: index)
            } catch {
                throw CallError(error, countingFrom: index)
            }
        }
    }
}

extension OpenModel {
    /// Tokens of a text before any cut. Markers and fillers of late interaction are left out.
    fileprivate func tokens(of text: String, _ options: TextOptions) throws -> Int {
        switch model {
        case .dense(let embedder):
            return try embedder.tokenizeWhole(text, as: options.role, options: options.embed).total
        case .multiVector(let embedder):
            return try embedder.core.engine.tokenized(text, role: options.role, options.embed).total
        case .sparse(let embedder):
            guard let engine = embedder.core.engine else {
                throw CallError.kind(info, is: "a model with a tokenizer")
            }
            return try engine.tokenized(text, role: options.role, options.embed).total
        case .relevance(let reranker):
            guard options.role == nil, options.embed.prompt ?? "" == "" else {
                throw CallError.option("a reranker has no prompts; leave role, prompt_name and prompt out")
            }
            return try reranker.tokenize(.text(text)).total
        case .contextual: throw CallError.kind(info, is: "vectors of texts alone")
        }
    }
}
