import Martlet
import MartletChunking
import MartletJSON
import MartletMiniLM
import MartletSystem

/// Chunks files with each chunker on one thread, some rounds, and prints what each took, a JSON object a
/// line.
///
/// usage: MartletChunkingBenchmark LIMIT ROUNDS OUT FILE…
///
/// LIMIT is the most tokens of a chunk, special tokens included. The texts of all chunks go to
/// OUT/CHUNKER.jsonl, so that others can count them.
@main
enum Main {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 4, let limit = Int(arguments[1]), let rounds = Int(arguments[2]) else {
            print("usage: MartletChunkingBenchmark LIMIT ROUNDS OUT FILE…")
            return
        }
        let documents = try arguments[4...].map { Document(try text(of: $0), name: $0) }
        let bytes = documents.reduce(0) { $0 + $1.text.utf8.count }
        let counter = try Embedder(.miniLM, configuration: ModelConfiguration(threads: 1)).tokenCounter()
        for name in ["tokens", "sentences", "markdown", "code"] {
            let chunker = try ChunkerKind.named(name).chunker(size: ChunkSize(maxTokens: limit))
            var texts: [UInt8] = []
            var best = Double.infinity
            var chunks = 0
            for round in 0..<rounds {
                let start = processorTime()
                var made: [Chunk] = []
                for document in documents {
                    made += try await chunker.chunks(of: document, measuring: counter)
                }
                best = min(best, processorTime() - start)
                chunks = made.count
                if round == 0 { for chunk in made { append(chunk.text, to: &texts) } }
            }
            try write(texts, to: "\(arguments[3])/\(name).jsonl")
            print(
                "{\"chunker\":\"Martlet \(name)\",\"bytes\":\(bytes),\"seconds\":\(best),\"chunks\":\(chunks)}"
            )
        }
    }

    private static func text(of path: String) throws -> String {
        let file = try MappedFile(path: path)
        return file.region.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    private static func append(_ text: String, to buffer: inout [UInt8]) {
        JSONText.append(text, to: &buffer)
        buffer.append(0x0A)
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "wb") else { throw CannotWrite(path: path) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw CannotWrite(path: path) }
    }

    struct CannotWrite: Error { let path: String }

    /// Of all threads of the process, in seconds.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
