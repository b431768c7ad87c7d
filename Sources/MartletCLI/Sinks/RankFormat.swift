#if Command

import MartletData
import MartletJSON

/// How ranked documents are written.
enum RankFormat: String, CaseIterable {
    case text, jsonl, json

    func bytes(_ ranked: [ScoredRecord], withTexts: Bool, width: Int) -> [UInt8] {
        switch self {
        case .text: Array(Self.table(ranked, width: width).utf8)
        case .jsonl: ranked.flatMap { Self.object($0, withTexts: withTexts) + [UInt8(ascii: "\n")] }
        case .json:
            Array("[".utf8)
                + ranked.map { Self.object($0, withTexts: withTexts) }.joined(separator: [UInt8(ascii: ",")])
                + Array("]\n".utf8)
        }
    }

    /// `{"index":…,"id":…,"score":…,"text":…}`; without an id where the input has none.
    private static func object(_ scored: ScoredRecord, withTexts: Bool) -> [UInt8] {
        var bytes = Array("{\"index\":".utf8)
        JSONText.append(scored.record.index, to: &bytes)
        switch scored.record.id {
        case .none: break
        case .text(let id):
            bytes += ",\"id\":".utf8
            JSONText.append(id, to: &bytes)
        case .literal(let id): bytes += ",\"id\":\(id)".utf8
        }
        bytes += ",\"score\":".utf8
        JSONText.append(scored.score, to: &bytes)
        if withTexts {
            bytes += ",\"text\":".utf8
            JSONText.append(scored.record.text, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// A line for each document: its place, its score, which one it is and how it begins.
    static func table(_ ranked: [ScoredRecord], width: Int) -> String {
        let rows = ranked.enumerated().map { place, scored in
            (
                String(place + 1), Format.fixed(Double(scored.score), 4), name(scored.record),
                scored.record.text
            )
        }
        let places = rows.map(\.0.count).max() ?? 0
        let scores = rows.map(\.1.count).max() ?? 0
        let names = rows.map(\.2.count).max() ?? 0
        let rest = max(20, width - places - scores - names - 6)
        return rows.map { place, score, name, text in
            Format.padded(place, to: places, alignRight: true) + "  "
                + Format.padded(score, to: scores, alignRight: true) + "  "
                + Format.padded(name, to: names) + "  " + Format.excerpt(text, width: rest) + "\n"
        }.joined()
    }

    private static func name(_ record: Record) -> String {
        switch record.id {
        case .none: record.place
        case .text(let id), .literal(let id): Console.oneLine(String(id.prefix(24)))
        }
    }
}

#endif
