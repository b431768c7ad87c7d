#if Command

/// Goes through the sources of a plan, one open at a time.
struct InputReader {
    private let plan: InputPlan
    private var nextSource = 0
    private var current: (any RecordReader)?
    private var currentName = ""
    private var count = 0
    private var bytesOfClosed = 0

    init(_ plan: InputPlan) { self.plan = plan }

    /// Bytes taken from all sources so far.
    var bytesRead: Int { bytesOfClosed + (current?.bytesRead ?? 0) }

    enum Step { case record(Record), idle, end }

    mutating func next(waiting: Bool) throws(InputError) -> Step {
        while true {
            if var reader = current {
                current = nil  // one owner, so that its buffers are not copied
                let step: Result<ReadStep, InputError>
                do throws(InputError) { step = .success(try reader.next(waiting: waiting)) } catch { step = .failure(error) }
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
            guard nextSource < plan.sources.count else { return .end }
            let source = plan.sources[nextSource]
            nextSource += 1
            switch source {
            case .argument(let text, let number):
                defer { count += 1 }
                bytesOfClosed += text.utf8.count
                return .record(Record(text: text, id: .none, index: count, source: "argument \(number)", line: 0))
            case .file(let path, let format):
                try open(.file(path), format)
            case .standardInput(let format):
                try open(.standardInput, format)
            }
        }
    }

    private mutating func open(_ source: ByteSource, _ format: InputFormat) throws(InputError) {
        currentName = source.name
        switch format {
        case .lines: current = LineReader(source)
        case .jsonl: current = JSONLReader(source, fields: plan.fields)
        case .csv: current = CSVReader(source, fields: plan.fields)
        case .tsv: current = CSVReader(source, fields: plan.fields, delimiter: UInt8(ascii: "\t"))
        case .file: current = TextFileReader(source)
        }
    }
}

#endif
