import MartletTestSupport
import Synchronization
import Testing

@testable import MartletData

/// Two numbers a text: its length, and 1. Texts that begin with "bad" cannot be embedded; "crash" fails as a
/// whole.
private final class FakeModel: TextProcessor {
    struct Broken: Error {}

    let calls = Atomic<Int>(0)
    let batchesAtOnce: Int

    init(batchesAtOnce: Int = 1) { self.batchesAtOnce = batchesAtOnce }

    func process(_ texts: [String]) async throws -> Processed<VectorRows> {
        calls.add(1, ordering: .relaxed)
        if texts.contains("crash") { throw Broken() }
        if let index = texts.firstIndex(where: { $0.hasPrefix("bad") }) {
            throw TextError(index: index, message: "too bad")
        }
        let rows = DenseRows(
            count: texts.count, width: 2, elements: .float32(texts.flatMap { [Float($0.utf8.count), 1] }))
        return Processed(
            .dense(rows), tokens: texts.count * 2,
            truncated: texts.indices.filter { texts[$0].hasPrefix("long") },
            blank: texts.count(where: \.isEmpty))
    }
}

@Suite struct RecordPipelineTests {
    private let folder: TemporaryFolder
    private let model = FakeModel()

    init() throws { folder = try TemporaryFolder() }

    /// Runs with one batch at a time, after a run with three, which has to end alike.
    private func run(
        _ bytes: some Sequence<UInt8>, skips: Bool = false, format: OutputFormat = .csv,
        onSkip: @escaping (String) -> Void = { _ in }
    ) async throws -> RunCounts {
        let path = try folder.file("in.txt", bytes)
        let ahead = await ended(path, FakeModel(batchesAtOnce: 3), skips, format, "ahead") { _ in }
        let alone = await ended(path, model, skips, format, "out", onSkip)
        #expect("\(ahead)" == "\(alone)")
        #expect(try folder.contents("ahead") == folder.contents("out"))
        return try alone.get()
    }

    private func ended(
        _ path: String, _ model: FakeModel, _ skips: Bool, _ format: OutputFormat, _ output: String,
        _ onSkip: @escaping (String) -> Void
    ) async -> Result<RunCounts, any Error> {
        do {
            let (size, policy) = (BatchSize(), skips ? BadRecordPolicy.skip : .stop)
            let source = FileSource([.file(path, .lines)], badRecords: policy, batchSize: size)
            var sink = format.open(try .file("\(folder.path)/\(output)"))
            _ = try await sink.begin(VectorSchema(width: 2))
            var pipeline = RecordPipeline(source, processor: model, batchSize: size, badRecords: policy)
            pipeline.onSkip = onSkip
            return .success(try await pipeline.run(into: SinkWriter(sink)))
        } catch {
            return .failure(error)
        }
    }

    private func run(_ lines: String, skips: Bool = false, format: OutputFormat = .csv) async throws
        -> RunCounts
    {
        try await run(lines.utf8, skips: skips, format: format)
    }

    private var output: [Substring] {
        get throws { try folder.text("out").split(separator: "\n").dropFirst().map { $0 } }
    }

    @Test func `many texts come out in order`() async throws {
        let count = 30_000
        let counts = try await run((0..<count).map { String(repeating: "x", count: $0 % 50) + "\n" }.joined())
        #expect(counts.texts == count)
        #expect(counts.tokens == count * 2)
        #expect(counts.blank == count / 50)
        #expect(counts.bytesRead == (0..<count).reduce(0) { $0 + $1 % 50 + 1 })
        #expect(try output == (0..<count).map { "\($0),\($0 % 50).0,1.0" })
    }

    @Test func `truncated texts are counted and the first is named`() async throws {
        let counts = try await run("a\nlong 1\nb\nlong 2\n")
        #expect(counts.truncated == 2)
        #expect(counts.firstTruncated == "\(folder.path)/in.txt:2")
    }

    @Test func `an empty input is an empty output`() async throws {
        #expect(try await run("") == RunCounts())
        #expect(try folder.text("out") == "index,0,1\n")
    }

    @Test func `a bad text stops the run after the texts before it`() async throws {
        let error = await #expect(throws: DataError.self) { try await run("a\nbb\nbad\nccc\n") }
        #expect(error?.description == "\(folder.path)/in.txt:3: too bad")
        #expect(try output == ["0,1.0,1.0", "1,2.0,1.0"])
    }

    @Test func `a line that cannot be read stops the run after the lines before it`() async throws {
        let error = await #expect(throws: DataError.self) {
            try await run(Array("a\nb\n".utf8) + [0xFF, 0x0A] + Array("c\n".utf8))
        }
        #expect(error?.description.contains("in.txt:3: not UTF-8") == true)
        #expect(try output.count == 2)
    }

    @Test func `skipped records are told, counted, and keep their index`() async throws {
        let told = Mutex<[String]>([])
        let counts = try await run(Array("a\n".utf8) + [0xFF, 0x0A] + Array("bad\nc\n".utf8), skips: true) {
            message in
            told.withLock { $0.append(message) }
        }
        #expect(counts.skipped == 2)
        #expect(counts.texts == 2)
        #expect(try output == ["0,1.0,1.0", "3,1.0,1.0"])
        #expect(told.withLock { $0.map { $0.contains("in.txt:2: not UTF-8") } } == [true, false])
        #expect(told.withLock { $0.last } == "\(folder.path)/in.txt:3: too bad")
    }

    @Test func `a sink is told of every skipped record once`() async throws {
        _ = try await run(
            Array("a\nbad\n".utf8) + [0xFF, 0x0A] + Array("b\nbad".utf8), skips: true, format: .npy)
        let text = try folder.text("out.meta.json")
        #expect(text.contains("\"rows\":2"))
        for index in [1, 2, 4] { #expect(text.components(of: "{\"index\":\(index),") == 1) }
    }

    @Test func `a batch full of bad texts is not run over and over`() async throws {
        let count = 4000
        let counts = try await run(String(repeating: "bad\n", count: count), skips: true)
        #expect(counts.skipped == count)
        #expect(counts.texts == 0)
        #expect(model.calls.load(ordering: .relaxed) <= count + 10)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `bad and good texts mixed at random come out right`(seed: UInt64) async throws {
        var random = SplitMix64(state: seed)
        let isBad = (0..<1000).map { _ in random.below(3) == 0 }
        let counts = try await run(isBad.map { $0 ? "bad\n" : "good\n" }.joined(), skips: true)
        #expect(counts.skipped == isBad.count { $0 })
        #expect(try output == isBad.indices.filter { !isBad[$0] }.map { "\($0),4.0,1.0" })
    }

    @Test func `an error of the model is not a bad record`() async throws {
        await #expect(throws: FakeModel.Broken.self) { try await run("a\ncrash\n", skips: true) }
    }

    @Test(arguments: OutputFormat.all)
    func `the output is valid after an error`(format: OutputFormat) async throws {
        let lines = String(repeating: "a\n", count: 500) + "bad\n"
        await #expect(throws: DataError.self) { try await run(lines, format: format) }
        let bytes = try folder.contents("out")
        switch format {
        case .npy:
            #expect(bytes.count == 128 + 500 * 8)
            #expect(String(decoding: bytes[..<128], as: UTF8.self).contains("'shape': (500, 2)"))
        case .f32: #expect(bytes.count == 500 * 8)
        case .json: #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("}\n]\n"))
        case .jsonl, .csv: #expect(bytes.last == 0x0A)
        case .parquet: #expect(bytes.suffix(4).elementsEqual("PAR1".utf8))
        case .arrow: #expect(bytes.suffix(6).elementsEqual("ARROW1".utf8))
        default: Issue.record("an output without a test")
        }
    }

    /// Each call waits until the one after it has begun.
    private final class Chain: TextProcessor {
        struct State {
            var (begun, atOnce, mostAtOnce) = (0, 0, 0)
        }

        let batchesAtOnce = 2
        let last: Int
        let state = Mutex(State())

        init(last: Int) { self.last = last }

        func process(_ texts: [String]) async throws -> Processed<VectorRows> {
            let number = state.withLock { state in
                state.begun += 1
                state.atOnce += 1
                state.mostAtOnce = max(state.mostAtOnce, state.atOnce)
                return state.begun
            }
            while number < last, state.withLock({ $0.begun <= number }) {
                try await Task.sleep(for: .milliseconds(1))
            }
            state.withLock { $0.atOnce -= 1 }
            return Processed(
                .dense(DenseRows(count: 1, width: 1, elements: .float32([Float(texts[0]) ?? -1]))))
        }
    }

    @Test(.timeLimit(.minutes(10))) func `a batch is under way while the one before it is awaited`()
        async throws
    {
        let path = try folder.file("in.txt", (1...20).map { "\($0)\n" }.joined())
        let (size, chain) = (BatchSize(fixed: 1), Chain(last: 20))
        var given: [Float] = []
        let pipeline = RecordPipeline(
            FileSource([.file(path, .lines)], batchSize: size), processor: chain, batchSize: size,
            badRecords: .stop)
        _ = try await pipeline.run { delivery in
            if case .dense(let rows) = delivery.output, case .float32(let floats) = rows.elements {
                given += floats
            }
        }
        #expect(given == (1...20).map { Float($0) })
        #expect(chain.state.withLock { $0.mostAtOnce } == 2)
    }

    @Test(.timeLimit(.minutes(10)), arguments: [1, 2])
    func `a cancelled run ends`(batchesAtOnce: Int) async throws {
        struct Endless: TextProcessor {
            let batchesAtOnce: Int
            func process(_ texts: [String]) async throws -> Processed<VectorRows> {
                try await Task.sleep(for: .seconds(3600))
                return Processed(.dense(DenseRows(count: 0, width: 0, elements: .float32([]))))
            }
        }
        let path = try folder.file("in.txt", "a\nb\nc\n")
        let size = BatchSize(fixed: 1)
        let running = Task {
            _ = try await RecordPipeline(
                FileSource([.file(path, .lines)], batchSize: size),
                processor: Endless(batchesAtOnce: batchesAtOnce), batchSize: size, badRecords: .stop
            ).run { _ in }
        }
        try await Task.sleep(for: .milliseconds(20))
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
    }

    /// Two batches of one text, then an error.
    private struct BrokenSource: RecordSource {
        let onError: @Sendable () -> Void

        func batches(after checkpoint: Checkpoint?) -> AsyncThrowingStream<RecordBatch, any Error> {
            let count = Atomic(0)
            return AsyncThrowingStream {
                let index = count.add(1, ordering: .relaxed).oldValue
                guard index < 2 else {
                    onError()
                    throw DataError(.io, at: "source", "broke")
                }
                return RecordBatch(
                    records: [Record(text: "x", index: index, source: "source")],
                    end: Checkpoint(source: "", index: index + 1))
            }
        }
    }

    /// Its calls end after the source's error, unless they are cancelled.
    private final class LateModel: TextProcessor {
        let batchesAtOnce = 3
        let hasFailed = Atomic(false)

        func process(_ texts: [String]) async throws -> Processed<VectorRows> {
            while !hasFailed.load(ordering: .acquiring) { try await Task.sleep(for: .milliseconds(1)) }
            try await Task.sleep(for: .milliseconds(50))
            return Processed(.dense(DenseRows(count: 1, width: 1, elements: .float32([1]))))
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `an error of the source comes after the batches before it, whose calls are under way`() async throws
    {
        let model = LateModel()
        let source = BrokenSource { model.hasFailed.store(true, ordering: .releasing) }
        let pipeline = RecordPipeline(source, processor: model, batchSize: BatchSize(), badRecords: .stop)
        var given: [Int] = []
        let error = await #expect(throws: DataError.self) {
            _ = try await pipeline.run { delivery in given += delivery.records.map(\.index) }
        }
        #expect(error?.reason == "broke")
        #expect(given == [0, 1])
    }

    @Test func `a full disk stops the run`() async throws {
        let path = try folder.file("in.txt", String(repeating: "a\n", count: 100_000))
        let size = BatchSize()
        var sink = OutputFormat.f32.open(try .file("/dev/full"))
        _ = try await sink.begin(VectorSchema(width: 2))
        let pipeline = RecordPipeline(
            FileSource([.file(path, .lines)], batchSize: size), processor: model, batchSize: size,
            badRecords: .stop)
        let writer = SinkWriter(sink)
        let error = await #expect(throws: DataError.self) { try await pipeline.run(into: writer) }
        #expect(error?.code == .io)
        #expect(model.calls.load(ordering: .relaxed) < 1000)
    }
}

extension String {
    /// How often `part` is in this text.
    fileprivate func components(of part: String) -> Int {
        var (count, rest) = (0, self[...])
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}

@Suite struct BatchTests {
    @Test func `a batch grows and shrinks with the model's speed, within bounds`() {
        let size = BatchSize()
        for _ in 0..<100 { size.observe(count: size.texts, seconds: 1e-6) }
        #expect(size.texts == 16384)
        size.observe(count: size.texts, seconds: 1000)
        #expect(size.texts == 8192)
        for _ in 0..<100 { size.observe(count: size.texts, seconds: 1000) }
        #expect(size.texts == 32)
        size.observe(count: 1, seconds: 1e-6)
        #expect(size.texts == 32)
    }

    @Test func `a limit holds whatever the speed, and a number that is fixed`() {
        for size in [BatchSize(), BatchSize(fixed: 5000)] {
            size.limit(texts: 100, bytes: 1000)
            size.limit(texts: 200, bytes: 2000)
            for _ in 0..<100 { size.observe(count: size.texts, seconds: 1e-6) }
            #expect(size.texts == 100 && size.maxBytes == 1000)
        }
    }

    @Test func `a batch holds a bounded number of bytes`() async throws {
        let folder = try TemporaryFolder()
        let line = String(repeating: "x", count: 1 << 20)
        let path = try folder.file("in", String(repeating: line + "\n", count: 20))
        var counts: [Int] = []
        for try await batch in FileSource([.file(path, .lines)]).batches(after: nil) {
            counts.append(batch.records.count)
        }
        #expect(counts == [4, 4, 4, 4, 4, 0])
    }
}

@Suite struct SinkWriterTests {
    /// Remembers what it was asked.
    private struct FakeSink: RecordSink {
        let log: Log
        var failsAt = Int.max

        func begin(_ schema: VectorSchema) -> Checkpoint? { nil }
        func write(_ batch: RowBatch) async throws {
            for record in batch.records {
                if record.index == failsAt { throw DataError(.io, at: "sink", "broke") }
                log.add("\(record.index)")
            }
        }
        func commit(_ checkpoint: Checkpoint) { log.add("commit \(checkpoint.index)") }
        func finish() { log.add("finish") }
    }

    private final class Log: Sendable {
        let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    private func batch(_ index: Int) -> RowBatch {
        RowBatch(
            records: [Record(text: "", index: index, source: "in")],
            rows: .dense(DenseRows(count: 1, width: 1, elements: .float32([0]))))
    }

    @Test func `rows, commits and the end come in order`() async throws {
        let log = Log()
        let writer = SinkWriter(FakeSink(log: log))
        for index in 0..<100 {
            try await writer.write(
                batch(index), committing: index % 10 == 9 ? Checkpoint(source: "", index: index + 1) : nil)
        }
        try await writer.finish()
        try await writer.finish()
        var expected: [String] = []
        for index in 0..<100 { expected += ["\(index)"] + (index % 10 == 9 ? ["commit \(index + 1)"] : []) }
        #expect(log.all == expected + ["finish"])
        #expect(writer.progress.rows == 100)
    }

    @Test func `the sink's error comes out of the next write, and the sink is finished`() async throws {
        let log = Log()
        let writer = SinkWriter(FakeSink(log: log, failsAt: 3))
        var thrown: (any Error)?
        for index in 0..<100 where thrown == nil {
            do { try await writer.write(batch(index), committing: nil) } catch { thrown = error }
        }
        #expect((thrown as? DataError)?.reason == "broke")
        #expect(log.all == ["0", "1", "2", "finish"])
    }

    @Test func `an interruption finishes the sink with whole rows`() async throws {
        let log = Log()
        let writer = SinkWriter(FakeSink(log: log))
        try await writer.write(batch(0), committing: nil)
        try await writer.interrupt()
        try await writer.write(batch(1), committing: nil)
        #expect(log.all == ["finish"] || log.all == ["0", "finish"])
    }
}
