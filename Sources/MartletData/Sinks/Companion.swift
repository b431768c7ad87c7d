internal import MartletJSON
internal import MartletSystem

/// The file `NAME.meta.json` beside a file of bare numbers: what they are, the ids of the rows, and which
/// records have none.
///
///     {"rows":2,"dimensions":384,"type":"float32","identity":{…},
///      "ids":["a",7],"skipped":[{"index":1,"reason":"in.jsonl:2: no member \"text\""}],"truncated":[0]}
///
/// `ids` has an element for each row, null where a record has no id, and is missing where none has one.
/// `truncated` counts rows from 0, `index` records of the input. Lists wait in temporary files, so memory
/// stays bounded.
struct Companion {
    private let path: String
    private let schema: VectorSchema
    private var rows = 0
    private var hasIDs = false
    private let ids = Spool()
    private let skipped = Spool()
    private let truncated = Spool()

    /// nil where the output has no name that another file could be beside.
    init?(of output: Output, _ schema: VectorSchema) throws(DataError) {
        guard let path = output.path, output.isSeekable else { return nil }
        self.path = "\(path).meta.json"
        self.schema = schema
        // One of an earlier run would belong to other rows.
        try Output.remove(self.path)
    }

    mutating func add(_ batch: RowBatch) throws(DataError) {
        for record in batch.records {
            if record.id != .none { hasIDs = true }
            try ids.append { buffer in
                switch record.id {
                case .none: buffer.append(contentsOf: "null".utf8)
                case .text(let id): JSONText.append(id, to: &buffer)
                case .literal(let id): buffer.append(contentsOf: id.utf8)
                }
            }
        }
        for record in batch.skipped { try skipped.append { $0.append(contentsOf: record.json.utf8) } }
        for position in batch.truncated { try truncated.append { JSONText.append(rows + position, to: &$0) } }
        rows += batch.records.count
    }

    /// Writes the file, which appears under its name when it is whole.
    func write() throws(DataError) {
        let file = try attempt { () throws(FileError) in try AtomicFile(replacing: path) }
        func put(_ bytes: [UInt8]) throws(DataError) {
            try attempt { () throws(FileError) in try file.write(bytes) }
        }
        var head =
            "{\"rows\":\(rows),\"dimensions\":\(schema.width),\"type\":\"\(schema.elementType.rawValue)\""
        for fact in schema.allFacts { head += ",\"\(fact.name)\":\(fact.json)" }
        try put(Array(head.utf8))
        for (name, list) in [("ids", ids), ("skipped", skipped), ("truncated", truncated)]
        where name != "ids" || hasIDs {
            try put(Array(",\n\"\(name)\":[".utf8))
            try list.forEachBlock(put)
            try put([UInt8(ascii: "]")])
        }
        try put(Array("}\n".utf8))
        try attempt { () throws(FileError) in try file.finish() }
    }

    private func attempt<R>(_ body: () throws(FileError) -> R) throws(DataError) -> R {
        do throws(FileError) { return try body() } catch { throw DataError(.io, at: path, error.message) }
    }
}

/// The elements of a JSON list, in memory while they are few, else in a temporary file.
private final class Spool {
    private static let memoryLimit = 1 << 20
    private var file: Output?
    private var buffer: [UInt8] = []
    private var isEmpty = true

    func append(_ element: (inout [UInt8]) -> Void) throws(DataError) {
        if buffer.count > Self.memoryLimit { try spill() }
        if !isEmpty { buffer.append(UInt8(ascii: ",")) }
        element(&buffer)
        isEmpty = false
    }

    private func spill() throws(DataError) {
        if file == nil { file = try Output.temporary() }
        guard let file else { return }
        swap(&file.buffer, &buffer)
        try file.flush()
        buffer.removeAll(keepingCapacity: true)
    }

    func forEachBlock(_ body: ([UInt8]) throws(DataError) -> Void) throws(DataError) {
        var offset = 0
        while let file, offset < file.flushed {
            let block = try file.block(at: offset)
            try body(block)
            offset += block.count
        }
        try body(buffer)
    }
}
