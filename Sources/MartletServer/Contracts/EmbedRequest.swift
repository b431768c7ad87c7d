#if Server

internal import Martlet
internal import MartletJSON

/// What a route wants to have embedded, in terms of the library.
struct EmbedRequest: Sendable {
    /// nil: the server's first model.
    var model: String?
    var inputs: [TextInput]
    /// The member that holds the texts, for messages.
    var parameter: String
    var role: TextRole?
    /// The task whose adapter the model is to have, if it has one for each of several tasks.
    var task: String?
    var options = EmbedOptions()
    /// The most tokens of a text, if that is less than what the model takes.
    var maxTokens: Int?
    /// Seconds to stay loaded afterwards; negative: for good; nil: as the server says.
    var keepAlive: Int?

    var batch: EmbedService.Batch {
        .init(bytes: inputs.reduce(0) { $0 + $1.bytes }, parameter: parameter)
    }
}

extension Schemas {
    static let keepAlive = Schema.Member.optional(
        "keep_alive",
        .nullable(
            .oneOf(
                [.word(["5m", "1h30m", "0", "-1"], "a duration"), .number("seconds; negative: for good")], "")
        ))
}

extension RequestFields {
    /// Ollama's `keep_alive`: seconds, or a duration such as "5m".
    func keepAlive() throws(ServiceError) -> Int? {
        guard let value = value("keep_alive") else { return nil }
        if let seconds = value.double, seconds.isFinite { return seconds < 0 ? -1 : Int(min(seconds, 1e9)) }
        if let text = value.string, let seconds = Duration.seconds(text) { return seconds }
        throw .invalid(
            "keep_alive", "keep_alive: expected seconds or a duration such as \"5m\", found \(value.kind)")
    }
}

extension Duration {
    /// The seconds of a text such as "90", "1.5h", "1h30m" or "-1"; negative ones are -1, for ever.
    static func seconds(_ text: String) -> Int? {
        if let plain = Double(text), plain.isFinite { return plain < 0 ? -1 : Int(min(plain, 1e9)) }
        let units: [(String, Double)] = [
            ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600),
            ("d", 86400),
        ]
        var rest = text[...]
        let isNegative = rest.first == "-"
        if isNegative { rest.removeFirst() }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let number = Double(digits), number.isFinite else { return nil }
            rest = rest.dropFirst(digits.count)
            let word = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            guard let unit = units.first(where: { $0.0 == word }) else { return nil }
            total += number * unit.1
            rest = rest.dropFirst(word.count)
        }
        return isNegative ? -1 : Int(min(total, 1e9))
    }
}

#endif
