/// Goes through the inputs of a source, one open at a time. Blocks its thread.
package struct InputReader {
    private let source: FileSource
    private var nextInput = 0
    private var current: (any RecordReader)?
    private var currentName = ""
    private var count = 0
    private var bytesOfClosed = 0

    package init(_ source: FileSource) { self.source = source }

    /// Bytes taken from all inputs so far.
    package var bytesRead: Int { bytesOfClosed + (current?.bytesRead ?? 0) }

    package enum Step { case record(Record), idle, end }

    /// Position of the next record among all.
    package var index: Int { count }

    /// The position of the next record, for a source with that digest.
    func checkpoint(digest: String) -> Checkpoint {
        guard let current else { return Checkpoint(source: digest, index: count, input: nextInput) }
        let position = current.position
        return Checkpoint(
            source: digest, index: count, input: nextInput - 1, offset: position.offset, lines: position.lines
        )
    }

    /// Goes on from a checkpoint. Only before the first record.
    mutating func skip(to checkpoint: Checkpoint) throws(DataError) {
        guard source.inputs.indices.contains(checkpoint.input) || checkpoint.input == source.inputs.count,
            checkpoint.offset >= 0
        else {
            throw DataError(
                .changedInput, at: "checkpoint", "names input \(checkpoint.input) of \(source.inputs.count)")
        }
        count = checkpoint.index
        nextInput = checkpoint.input
        guard checkpoint.offset > 0 || checkpoint.lines > 0, nextInput < source.inputs.count else { return }
        switch source.inputs[nextInput] {
        case .text: return
        case .file(let path, let format): try open(.file(path), format)
        case .standardInput(let format): try open(.standardInput, format)
        }
        nextInput += 1
        guard var reader = current else { return }
        current = nil
        try reader.skip(to: ReadPosition(offset: checkpoint.offset, lines: checkpoint.lines))
        current = reader
    }

    package mutating func next(waiting: Bool) throws(DataError) -> Step {
        while true {
            if var reader = current {
                current = nil  // one owner, so that its buffers are not copied
                let step: Result<ReadStep, DataError>
                do throws(DataError) { step = .success(try reader.next(waiting: waiting)) } catch {
                    step = .failure(error)
                }
                current = reader
                switch step {
                case .success(.record(let text, let id, let line)):
                    defer { count += 1 }
                    return .record(Record(text: text, id: id, index: count, source: currentName, line: line))
                case .success(.idle): return .idle
                case .success(.end):
                    bytesOfClosed += reader.bytesRead
                    current = nil
                case .failure(let error):
                    if error.isRecoverable { count += 1 }
                    throw error
                }
            }
            guard nextInput < source.inputs.count else { return .end }
            let input = source.inputs[nextInput]
            nextInput += 1
            switch input {
            case .text(let text, let name):
                defer { count += 1 }
                bytesOfClosed += text.utf8.count
                return .record(Record(text: text, id: .none, index: count, source: name))
            case .file(let path, let format): try open(.file(path), format)
            case .standardInput(let format): try open(.standardInput, format)
            }
        }
    }

    private mutating func open(_ bytes: ByteSource, _ format: InputFormat) throws(DataError) {
        currentName = bytes.name
        current = format.open(bytes.decoded(), source.fields)
    }
}

extension FileSource {
    /// All records at once, for work whose result needs every text. Blocks its thread.
    package func readAll() throws(DataError) -> [Record] {
        try checkFiles()
        var reader = InputReader(self)
        var records: [Record] = []
        while case .record(let record) = try reader.next(waiting: true) { records.append(record) }
        return records
    }
}
