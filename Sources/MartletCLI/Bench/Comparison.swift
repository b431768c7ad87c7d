#if Command

import Martlet
import MartletJSON
import MartletProviders

/// A model that was measured on the user's texts, on this machine or at a provider.
struct Comparison {
    let name: String
    let rate: BenchRate
    /// Of single texts.
    let latency: BenchLatency
    /// What a million tokens cost; nil: not given.
    let price: Double?

    static let million = 1e6

    var daysForMillion: Double { Self.million / max(rate.textsPerSecond, 1e-9) / 86400 }

    /// What a million texts like these cost; nil: without a price, or where the provider counts no tokens.
    var costOfMillion: Double? {
        guard let price, rate.tokens > 0, rate.texts > 0 else { return nil }
        return price * Double(rate.tokens) / Double(rate.texts)
    }

}

extension Comparison {
    /// Texts in requests as `martlet embed` sends them, then single texts one after the other.
    init(
        _ model: RemoteModel, name: String, texts: [String], queries: [String], count: Int, rounds: Int,
        price: Double?
    ) async throws {
        var rate = BenchRate(texts: texts.count)
        repeat {
            let start = System.seconds()
            let found = try await model.embed(texts, as: nil, options: EmbedOptions())
            rate.seconds.append(System.seconds() - start)
            rate.tokens = found.usage.tokens
        } while rate.seconds.count < rounds
        var seconds: [Double] = []
        for call in 0..<count {
            let start = System.seconds()
            _ = try await model.embed([queries[call % queries.count]], as: nil, options: EmbedOptions())
            seconds.append(System.seconds() - start)
        }
        self.init(name: name, rate: rate, latency: BenchLatency(seconds: seconds.sorted()), price: price)
    }
}

// MARK: As text and JSON

extension Comparison {
    static func table(_ rows: [Comparison]) -> String {
        let title = "on your texts"
        let width = max(title.count, rows.map(\.name.count).max() ?? 0) + 2
        func right(_ text: String) -> String { Format.padded(text, to: 12, alignRight: true) }
        let heads = ["documents/s", "p50 ms", "p99 ms", "days for 1M", "cost of 1M"]
        var text = Format.padded(title, to: width) + heads.map(right).joined() + "\n"
        for row in rows {
            let cells = [
                Format.fixed(row.rate.textsPerSecond, 1), Format.fixed(row.latency.milliseconds(0.5), 1),
                Format.fixed(row.latency.milliseconds(0.99), 1), Format.fixed(row.daysForMillion, 2),
                row.costOfMillion.map(Format.money) ?? "-",
            ]
            text += Format.padded(row.name, to: width) + cells.map(right).joined() + "\n"
        }
        return text + "\n"
    }

    var json: JSONValue {
        let members: [(String, JSONValue)] = [
            ("model", .string(name)), ("texts", .integer(rate.texts)), ("tokens", .integer(rate.tokens)),
            ("rounds", .array(rate.seconds.map { .number($0) })),
            ("texts_per_second", .number(rate.textsPerSecond)),
            ("p50_ms", .number(latency.milliseconds(0.5))),
            ("p99_ms", .number(latency.milliseconds(0.99))), ("days_for_a_million", .number(daysForMillion)),
            ("cost_of_a_million", costOfMillion.map { .number($0) } ?? .null),
        ]
        return .object(JSONObject(members.map { .init(key: $0.0, value: $0.1) }))
    }
}

#endif
