import CMartlet
import Martlet
import MartletChunking
import MartletJSON

@_cdecl("martlet_chunk")
public func martlet_chunk(
    _ model: UInt64, _ text: UnsafePointer<martlet_texts>?, _ options: UnsafePointer<CChar>?,
    _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        let model = try HandleTable.shared.model(model)
        guard case .dense(let embedder) = model.model else {
            throw CallError.kind(model.info, is: "one vector for each text")
        }
        let text = try TextBlock(text, "text").single("text")
        var reader = try OptionReader(options)
        let kind = try ChunkerKind.named(try reader.string("chunker") ?? "auto")
        let size = ChunkSize(
            maxTokens: try reader.integer("max_tokens"), overlap: try reader.integer("overlap") ?? 0)
        let document = Document(text, name: try reader.string("name"))
        let counter = try embedder.tokenCounter(
            as: try reader.role() ?? .document, prompt: try reader.string("prompt"))
        try reader.finish()
        let chunker = try kind.chunker(size: size, embedder: embedder)
        let chunks = try CallingThread.run { try await chunker.chunks(of: document, measuring: counter) }
        try write(.array(chunks.map(JSONValue.init)), to: json)
    }
}

extension JSONValue {
    fileprivate init(_ chunk: Chunk) {
        self = .object([
            "index": .integer(chunk.index), "start": .integer(chunk.range.lowerBound),
            "end": .integer(chunk.range.upperBound),
            "overlap": .integer(chunk.overlap), "line": .integer(chunk.line),
            "headings": .array(chunk.headings.map(JSONValue.string)), "text": .string(chunk.text),
            "tokens": .integer(chunk.tokens),
        ])
    }
}
