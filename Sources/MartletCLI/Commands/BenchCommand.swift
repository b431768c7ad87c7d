import ArgumentParser
import Martlet
import MartletJSON

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure this machine: tokens per second by text length, latency of one query, memory.",
        discussion: """
            Texts are made of common words, the same in every run. Close other programs for numbers that mean something.

            EXAMPLES
              martlet bench
              martlet bench --precision f32 --threads 1 --json
            """)

    @Option(help: ArgumentHelp("Tokens of a text, special tokens included.", valueName: "n"))
    var lengths: [Int] = []
    @Option(help: ArgumentHelp("Tokens embedded for each length.", valueName: "n"))
    var tokens = 65_536
    @Option(help: ArgumentHelp("Single queries for the latency.", valueName: "n"))
    var queries = 200
    @Flag(help: "One JSON object.")
    var json = false
    @OptionGroup(title: "Model") var model: ModelOptions<Pooling>

    func validate() throws {
        if let bad = lengths.first(where: { $0 < 3 || $0 > 100_000 }) { throw CommandError.usage("--lengths \(bad): expected 3 to 100000") }
        if tokens < 1 || tokens > 1 << 30 { throw CommandError.usage("--tokens \(tokens): expected 1 to \(1 << 30)") }
        if queries < 1 || queries > 1_000_000 { throw CommandError.usage("--queries \(queries): expected 1 to 1000000") }
    }

    func run() throws {
        let began = System.seconds()
        let embedder = try model.load()
        var result = BenchResult(info: embedder.model, loadSeconds: System.seconds() - began)
        let texts = BenchTexts(embedder)
        let lengths = lengths.isEmpty ? [16, 64, 256].filter { $0 <= embedder.model.maxTokens } : lengths
        for length in lengths {
            let block = try texts.block(count: max(1, min(tokens / length, 16384)), tokens: min(length, embedder.model.maxTokens))
            _ = try embedder.embedBlocking(Array(block.prefix(max(1, block.count / 8))))
            let start = System.seconds()
            let usage = try embedder.embedBlocking(block).usage
            let seconds = System.seconds() - start
            result.rates.append(.init(length: usage.tokens / block.count, texts: block.count, tokens: usage.tokens, seconds: seconds))
        }
        let query = try texts.block(count: 1, tokens: 12)
        for _ in 0..<max(3, queries / 10) { _ = try embedder.embedBlocking(query) }
        for _ in 0..<queries {
            let start = System.seconds()
            _ = try embedder.embedBlocking(query)
            result.latencies.append(System.seconds() - start)
        }
        result.latencies.sort()
        result.peakMemory = System.peakMemory()
        try StandardOutput.write(json ? result.json() : result.text())
    }
}

/// Texts of a wanted number of tokens, made of words that are one token each in any English vocabulary.
struct BenchTexts {
    private static let words = [
        "the", "house", "was", "near", "a", "river", "and", "people", "came", "from", "many", "places", "to", "see", "how", "water",
        "could",
        "move", "through", "old", "stone", "walls", "in", "summer", "they", "often", "found", "new", "friends", "there",
    ]
    private let embedder: Embedder

    init(_ embedder: Embedder) { self.embedder = embedder }

    /// Different texts of `tokens` tokens each.
    func block(count: Int, tokens: Int) throws -> [String] {
        let special = try embedder.tokenize("").ids.count
        let words = max(1, tokens - special)
        return (0..<count).map { text in
            (0..<words).map { Self.words[(text * 7 + $0 * (1 + text % 11)) % Self.words.count] }.joined(separator: " ")
        }
    }
}

struct BenchResult {
    struct Rate {
        let length: Int
        let texts: Int
        let tokens: Int
        let seconds: Double
        var tokensPerSecond: Double { Double(tokens) / max(seconds, 1e-9) }
        var textsPerSecond: Double { Double(texts) / max(seconds, 1e-9) }
    }

    let info: ModelInfo
    let loadSeconds: Double
    var rates: [Rate] = []
    /// Seconds of single queries, ascending.
    var latencies: [Double] = []
    var peakMemory = 0

    /// The value that `share` of the latencies do not exceed (nearest rank), in milliseconds.
    func milliseconds(_ share: Double) -> Double {
        guard !latencies.isEmpty else { return 0 }
        let rank = Int((share * Double(latencies.count)).rounded(.up))
        return latencies[min(max(rank, 1), latencies.count) - 1] * 1000
    }

    func text() -> String {
        var result = "\(info.name): \(info.precision), \(info.instructionSet), \(Format.count(info.threads, "thread"))\n\n"
        result += " tokens/text     tokens/s      texts/s\n"
        for rate in rates {
            result += Format.padded(String(rate.length), to: 12, alignRight: true)
            result += Format.padded(Format.grouped(Int(rate.tokensPerSecond)), to: 13, alignRight: true)
            result += Format.padded(Format.fixed(rate.textsPerSecond, 1), to: 13, alignRight: true) + "\n"
        }
        result += "\none query of 12 tokens  p50 \(Format.fixed(milliseconds(0.5), 2)) ms, p99 \(Format.fixed(milliseconds(0.99), 2)) ms\n"
        result += "load                    \(Format.fixed(loadSeconds * 1000, 1)) ms\n"
        result += "peak memory             \(Format.bytes(peakMemory))\n"
        return result
    }

    func json() -> String {
        let lengths = rates.map { rate in
            Self.object([
                ("tokens_per_text", .integer(rate.length)), ("texts", .integer(rate.texts)), ("seconds", .number(rate.seconds)),
                ("tokens_per_second", .number(rate.tokensPerSecond)), ("texts_per_second", .number(rate.textsPerSecond)),
            ])
        }
        let value = Self.object([
            ("model", .string(info.name)), ("precision", .string(info.precision)), ("instruction_set", .string(info.instructionSet)),
            ("threads", .integer(info.threads)), ("lengths", .array(lengths)),
            (
                "query",
                Self.object([
                    ("count", .integer(latencies.count)), ("p50_ms", .number(milliseconds(0.5))), ("p99_ms", .number(milliseconds(0.99))),
                ])
            ),
            ("load_ms", .number(loadSeconds * 1000)), ("peak_memory_bytes", .integer(peakMemory)),
        ])
        var bytes: [UInt8] = []
        JSONText.append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }

    private static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(JSONObject(members.map { .init(key: $0.0, value: $0.1) }))
    }
}
