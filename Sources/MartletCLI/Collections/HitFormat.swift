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
        parts.append(Format.fixed(Double(hit.rerankScore ?? hit.score), 2))
        parts.append(hit.text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
        var line = Console.oneLine(parts.joined(separator: "  "))
        if let width, line.count > width { line = line.prefix(max(1, width - 1)) + "…" }
        return Array((line + "\n").utf8)
    }

    private func json(_ hit: Hit) -> [UInt8] {
        let value = JSONValue.object([
            "id": .string(hit.id), "score": .float(hit.score), "similarity": .float(hit.similarity),
            "vector_rank": hit.vectorRank.map(JSONValue.integer) ?? .null,
            "word_score": .float(hit.wordScore),
            "word_rank": hit.wordRank.map(JSONValue.integer) ?? .null,
            "rerank_score": .float(hit.rerankScore),
            "terms": .object(pairs: hit.terms.map { ($0.term, .float($0.score)) }),
            "fields": hit.fields.json, "text": .string(hit.text),
        ])
        return value.bytes + [UInt8(ascii: "\n")]
    }
}

#endif
