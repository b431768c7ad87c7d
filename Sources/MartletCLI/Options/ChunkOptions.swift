#if Command

import ArgumentParser
import Martlet
import MartletChunking

/// How documents are cut.
struct ChunkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("How documents are cut; auto goes by the type of the file.", valueName: "name"))
    var chunker = "auto"

    @Option(
        help: ArgumentHelp(
            "The most tokens of a chunk, prompt and special tokens included. Default: 512, or what the model takes if that is less.",
            valueName: "tokens"))
    var size: Int?

    @Option(
        help: ArgumentHelp("The most tokens that a chunk repeats of the one before.", valueName: "tokens"))
    var overlap = 0

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "What chunks are embedded as: query, document, or the name of one of the model's prompts.",
            valueName: "role"))
    var role = "document"

    @Option(
        help: ArgumentHelp(
            "Put before each chunk, literally; replaces the prompt of the role.", valueName: "text"))
    var prompt: String?

    func validate() throws {
        do throws(ChunkingError) { _ = try kind() } catch {
            throw CommandError.usage("--chunker: \(error.message)")
        }
        if let size, size < 1 { throw CommandError.usage("--size \(size): expected at least 1") }
        if overlap < 0 { throw CommandError.usage("--overlap \(overlap): expected at least 0") }
        if role.isEmpty { throw CommandError.usage("--as: expected query, document or the name of a prompt") }
    }

    func kind() throws(ChunkingError) -> ChunkerKind { try .named(chunker) }
    var limits: ChunkSize { ChunkSize(maxTokens: size, overlap: overlap) }
    var textRole: TextRole? { TextOptions.role(role) }
}

#endif
