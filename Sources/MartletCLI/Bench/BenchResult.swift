#if Command

import Martlet
import MartletJSON

/// What `bench` found; what was not measured is empty.
struct BenchResult {
    let info: ModelInfo
    let loadSeconds: Double
    /// Made texts, a set for each length.
    var rates: [BenchRate] = []
    var corpus: BenchRate?
    var tokenizer: BenchRate?
    /// What a single query was.
    var query = "one query"
    /// Single queries, for each condition.
    var latencies: [BenchLatency] = []
    var peakMemory = 0
    /// Models on the same texts, the local one first.
    var comparisons: [Comparison] = []
}

// MARK: For a person

extension BenchResult {
    func text() -> String {
        var result =
            "\(info.name): \(info.precision), \(info.instructionSet), \(Format.count(info.threads, "thread"))\n\n"
        if !rates.isEmpty {
            result += " tokens/text     tokens/s      texts/s\n"
            for rate in rates {
                result += Format.padded(String(rate.length), to: 12, alignRight: true)
                result += Format.padded(Format.grouped(Int(rate.tokensPerSecond)), to: 13, alignRight: true)
                result += Format.padded(Format.fixed(rate.textsPerSecond, 1), to: 13, alignRight: true) + "\n"
            }
            result += "\n"
        }
        if let corpus { result += Self.line("corpus", corpus) }
        if let tokenizer { result += Self.line("tokenizer, one thread", tokenizer) }
        for (index, latency) in latencies.enumerated() {
            let figures = [0.5, 0.99].map { Format.fixed(latency.milliseconds($0), 2) }
            result += Format.padded(index == 0 ? query : "", to: 24)
            result += "p50 \(figures[0]) ms, p99 \(figures[1]) ms"
            result += (latency.isPlain ? "" : "  (\(latency.condition))") + "\n"
        }
        if !comparisons.isEmpty { result += "\n" + Comparison.table(comparisons) }
        result += "load                    \(Format.fixed(loadSeconds * 1000, 1)) ms\n"
        result += "peak memory             \(Format.bytes(peakMemory))\n"
        return result
    }

    private static func line(_ name: String, _ rate: BenchRate) -> String {
        let speed =
            "\(Format.grouped(Int(rate.tokensPerSecond))) tokens/s, \(Format.fixed(rate.textsPerSecond, 1)) texts/s"
        let counts =
            "\(Format.count(rate.texts, "text")), \(Format.count(rate.tokens, "token")), \(Format.grouped(rate.truncated)) cut"
        return Format.padded(name, to: 24) + "\(speed) (\(counts))\n"
    }
}

// MARK: For a program

extension BenchResult {
    func json() -> String {
        var members: [(String, JSONValue)] = [
            ("model", .string(info.name)), ("precision", .string(info.precision)),
            ("instruction_set", .string(info.instructionSet)),
            ("threads", .integer(info.threads)),
        ]
        if !rates.isEmpty {
            members.append(
                (
                    "lengths",
                    .array(
                        rates.map {
                            Self.object([("tokens_per_text", .integer($0.length))] + Self.members($0))
                        })
                ))
        }
        if let corpus { members.append(("corpus", Self.object(Self.members(corpus)))) }
        if let tokenizer { members.append(("tokenizer", Self.object(Self.members(tokenizer)))) }
        let queries = latencies.map { latency in
            var members: [(String, JSONValue)] = [
                ("count", .integer(latency.seconds.count)), ("p50_ms", .number(latency.milliseconds(0.5))),
                ("p99_ms", .number(latency.milliseconds(0.99))),
            ]
            if !latency.isPlain {
                members += [
                    ("pause_ms", .integer(latency.pause)), ("neighbours", .integer(latency.neighbours)),
                ]
            }
            return Self.object(members)
        }
        if let first = queries.first { members.append(("query", first)) }
        if queries.count > 1 { members.append(("queries", .array(queries))) }
        if !comparisons.isEmpty { members.append(("compare", .array(comparisons.map(\.json)))) }
        members += [("load_ms", .number(loadSeconds * 1000)), ("peak_memory_bytes", .integer(peakMemory))]
        var bytes: [UInt8] = []
        JSONText.append(Self.object(members), to: &bytes)
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }

    private static func members(_ rate: BenchRate) -> [(String, JSONValue)] {
        [
            ("texts", .integer(rate.texts)), ("tokens", .integer(rate.tokens)),
            ("truncated", .integer(rate.truncated)),
            ("rounds", .array(rate.seconds.map { .number($0) })), ("seconds", .number(rate.median)),
            ("tokens_per_second", .number(rate.tokensPerSecond)),
            ("texts_per_second", .number(rate.textsPerSecond)),
        ]
    }

    private static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(JSONObject(members.map { .init(key: $0.0, value: $0.1) }))
    }
}

#endif
