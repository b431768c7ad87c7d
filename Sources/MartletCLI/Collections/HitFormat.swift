#if Command

import MartletIndex
import MartletJSON

/// How hits are printed.
struct HitFormat {
    let isJSON: Bool
    /// Columns of the terminal; nil: lines are not cut.
    let width: Int?

    func line(_ hit: Hit) -> [UInt8] { isJSON ? json(hit) : text(hit) }

    /// `PLACE  HEADING  SCORE  TEXT`
    private func text(_ hit: Hit) -> [UInt8] {
        var parts: [String] = []
        if case .string(let source)? = hit.fields["source"], case .integer(let line)? = hit.fields["line"] {
            parts.append("\(source):\(line)")
        } else {
            parts.append(hit.id)
        }
        if case .string(let heading)? = hit.fields["heading"] { parts.append(heading) }
        parts.append(Self.decimals(hit.rerankScore ?? hit.score))
        parts.append(hit.text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
        var line = Console.oneLine(parts.joined(separator: "  "))
        if let width, line.count > width { line = line.prefix(max(1, width - 1)) + "…" }
        return Array((line + "\n").utf8)
    }

    private static func decimals(_ score: Float) -> String {
        let hundredths = Int((Double(score) * 100).rounded())
        let digits = String(abs(hundredths) % 100)
        return "\(hundredths < 0 ? "-" : "")\(abs(hundredths) / 100).\(digits.count < 2 ? "0" : "")\(digits)"
    }

    private func json(_ hit: Hit) -> [UInt8] {
        func number(_ value: Float?) -> JSONValue {
            value.map { .number(Double("\($0)") ?? Double($0)) } ?? .null
        }
        func object(_ members: [(String, JSONValue)]) -> JSONValue {
            .object(JSONObject(members.map { JSONObject.Member(key: $0.0, value: $0.1) }))
        }
        let value = object([
            ("id", .string(hit.id)), ("score", number(hit.score)), ("similarity", number(hit.similarity)),
            ("vector_rank", hit.vectorRank.map(JSONValue.integer) ?? .null),
            ("word_score", number(hit.wordScore)),
            ("word_rank", hit.wordRank.map(JSONValue.integer) ?? .null),
            ("rerank_score", number(hit.rerankScore)),
            ("terms", object(hit.terms.map { ($0.term, number($0.score)) })),
            ("fields", object(hit.fields.sorted { $0.key < $1.key }.map { ($0.key, Self.json($0.value)) })),
            ("text", .string(hit.text)),
        ])
        var bytes: [UInt8] = []
        JSONText.append(value, to: &bytes)
        return bytes + [UInt8(ascii: "\n")]
    }

    static func json(_ value: FieldValue) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .integer(let number): .integer(number)
        case .float(let number): .number(number)
        case .date(let time): .string(Timestamp.text(time))
        case .boolean(let flag): .bool(flag)
        case .strings(let texts): .array(texts.map(JSONValue.string))
        }
    }
}

#endif
