import MartletData
import MartletJSON

/// Where a job is: the position in the source after the rows before, and how many those are.
package struct JobCommit: Sendable, Equatable {
    package var checkpoint: Checkpoint
    package var rows = 0
    package var truncated = 0
    package var skipped = 0

    package init(checkpoint: Checkpoint, rows: Int = 0, truncated: Int = 0, skipped: Int = 0) {
        self.checkpoint = checkpoint
        self.rows = rows
        self.truncated = truncated
        self.skipped = skipped
    }

    var json: [UInt8] {
        var members: [(String, JSONValue)] = [
            ("rows", .integer(rows)), ("truncated", .integer(truncated)), ("skipped", .integer(skipped)),
            ("source", .string(checkpoint.source)), ("index", .integer(checkpoint.index)),
            ("input", .integer(checkpoint.input)),
            ("offset", .integer(checkpoint.offset)), ("lines", .integer(checkpoint.lines)),
        ]
        if let key = checkpoint.key { members.append(("key", .string(key))) }
        return JobHeader.bytes(members)
    }

    init?(json bytes: [UInt8]) {
        guard let value = try? JSONValue.parse(bytes), let rows = value["rows"]?.int,
            let truncated = value["truncated"]?.int,
            let skipped = value["skipped"]?.int, let source = value["source"]?.string,
            let index = value["index"]?.int,
            let input = value["input"]?.int, let offset = value["offset"]?.int,
            let lines = value["lines"]?.int
        else { return nil }
        let checkpoint = Checkpoint(
            source: source, index: index, input: input, offset: offset, lines: lines,
            key: value["key"]?.string)
        self.init(checkpoint: checkpoint, rows: rows, truncated: truncated, skipped: skipped)
    }
}
