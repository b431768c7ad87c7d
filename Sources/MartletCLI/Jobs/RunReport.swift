#if Command

import MartletData
import MartletJSON

/// What a run did, as JSON for programs.
struct RunReport {
    var output: String?
    var counts: RunCounts
    /// Rows that earlier runs of the job had made; nil: the database that has them does not tell.
    var earlierRows: Int?
    /// Texts whose vectors an earlier run had.
    var reused: Int
    var seconds: Double
    var model: String
    /// At the price that was given.
    var cost: Double?

    var json: String {
        let rate = max(seconds, 1e-9)
        var members: [(String, JSONValue)] = [
            ("output", output.map { .string($0) } ?? .null), ("model", .string(model)),
            ("rows", earlierRows.map { .integer($0 + counts.texts) } ?? .null),
            ("rows_of_earlier_runs", earlierRows.map { .integer($0) } ?? .null),
            ("texts", .integer(counts.texts)),
            ("reused", .integer(reused)),
            ("tokens", .integer(counts.tokens)), ("bytes_read", .integer(counts.bytesRead)),
            ("truncated", .integer(counts.truncated)),
            ("blank", .integer(counts.blank)), ("skipped", .integer(counts.skipped)),
            ("seconds", .number(seconds)), ("peak_memory_bytes", .integer(System.peakMemory())),
            ("texts_per_second", .number(Double(counts.texts) / rate)),
            ("tokens_per_second", .number(Double(counts.tokens) / rate)),
        ]
        if let cost { members.append(("cost", .number(cost))) }
        var bytes: [UInt8] = []
        JSONText.append(.object(JSONObject(members.map { .init(key: $0.0, value: $0.1) })), to: &bytes)
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }

    func write(to path: String) throws(DataError) {
        let file = try Output.replacing(path)
        file.buffer = Array(json.utf8)
        try file.publish()
    }
}

#endif
