import Martlet
import MartletData
import MartletTestSupport
import Testing

@testable import MartletJobs

@Suite struct FileJobTests {
    let folder: TemporaryFolder
    private let input: String

    init() throws {
        folder = try TemporaryFolder()
        let lines = (0..<600).map {
            $0 % 97 == 13 ? "{\"no\":1}\n" : "{\"id\":\"r\($0)\",\"text\":\"text \($0)\"}\n"
        }
        input = try folder.file("in.jsonl", lines.joined())
    }

    private func source(_ path: String? = nil) -> FileSource {
        FileSource([.file(path ?? input, .jsonl)], fields: FieldNames(id: "id"), badRecords: .skip)
    }

    /// One run, which ends early if `fails` is among the texts.
    func run(
        _ output: String, _ format: OutputFormat, failing fails: String? = nil, shard: JobHeader.Shard? = nil,
        keepsRows: Bool = false, over path: String? = nil
    ) async throws -> (state: FileJob.State, reused: Int) {
        let source = source(path)
        let job = try FileJob(
            writing: "\(folder.path)/\(output)", as: format,
            header(format, source: source.digest ?? "", shard: shard, keepsRows: keepsRows))
        if case .finished = job.state { return (job.state, 0) }
        let records =
            if let shard { try await ShardSource.reading(shard, of: source) } else { ShardSource(source) }
        var sink = try job.sink()
        let checkpoint = try sink.begin(VectorSchema(width: Counting.width))
        let counting = Counting(fails: fails)
        let reusing = try job.earlierRows().map { ReusingProcessor(counting, reusing: $0) }
        let processor: any TextProcessor<VectorRows> = reusing ?? counting
        let pipeline = RecordPipeline(
            records, processor: processor, batchSize: BatchSize(), badRecords: .skip)
        _ = try await pipeline.run(after: checkpoint, into: SinkWriter(sink))
        try await job.finish()
        return (job.state, reusing?.reused ?? 0)
    }

    private static let formats: [OutputFormat] = OutputFormat.all

    @Test(arguments: formats)
    func `a job that ended early goes on, and gives the bytes of one that did not`(format: OutputFormat)
        async throws
    {
        _ = try await run("whole", format)
        let whole = try folder.contents("whole")
        let meta = try folder.contents("whole.meta.json")
        // What no log had a hand in.
        var sink = try format.sink(writingTo: "\(folder.path)/plain", companion: true)
        _ = try await sink.begin(header(format, source: "").schema)
        let plain = RecordPipeline(source(), processor: Counting(), batchSize: BatchSize(), badRecords: .skip)
        _ = try await plain.run(into: SinkWriter(sink))
        #expect(try folder.contents("plain") == whole)
        #expect(try folder.contents("plain.meta.json") == meta)

        for fails in ["text 0", "text 200", "text 450", "text 599"] {
            await #expect(throws: Counting.Killed.self) { try await run("parts", format, failing: fails) }
            #expect(!folder.exists("parts"))
        }
        let state = try await run("parts", format).state
        guard case .resumed(let last) = state else {
            Issue.record("\(state)")
            return
        }
        #expect(last.rows > 200)
        #expect(try folder.contents("parts") == whole)
        #expect(try folder.contents("parts.meta.json") == meta)
        guard case .finished(let end) = try await run("parts", format).state else {
            Issue.record("the job is not finished")
            return
        }
        #expect([end.rows, end.truncated, end.skipped, end.checkpoint.index] == [593, 59, 7, 600])
        #expect(folder.size("parts.job") < 4096)
    }

    @Test(arguments: [OutputFormat.npy, .parquet])
    func `parts merge to the bytes of the whole`(format: OutputFormat) async throws {
        _ = try await run("whole", format)
        for number in [2, 3, 1] { _ = try await run("merged", format, shard: .init(number: number, of: 3)) }
        #expect(!folder.exists("merged"))
        let merge = try FileMerge(into: "\(folder.path)/merged")
        #expect(merge.rows == 593 && merge.parts == 3)
        try await merge.run()
        #expect(try folder.contents("merged") == folder.contents("whole"))
        #expect(try folder.contents("merged.meta.json") == folder.contents("whole.meta.json"))
    }

    @Test func `a part that is missing or not whole is named`() async throws {
        _ = try await run("merged", .npy, shard: .init(number: 1, of: 2))
        #expect(throws: DataError.self) { try FileMerge(into: "\(folder.path)/merged") }
        await #expect(throws: Counting.Killed.self) {
            try await run("merged", .npy, failing: "text 560", shard: .init(number: 2, of: 2))
        }
        let error = #expect(throws: DataError.self) { try FileMerge(into: "\(folder.path)/merged") }
        #expect(
            error?.place.hasSuffix("merged.2-of-2.job") == true && error?.reason.contains("not whole") == true
        )
        #expect(throws: DataError.self) { try FileMerge(into: "\(folder.path)/nothing") }
    }

    @Test func `only new and changed texts are embedded`() async throws {
        _ = try await run("kept", .npy, keepsRows: true)
        let lines = (0..<610).map {
            "{\"id\":\"r\($0)\",\"text\":\"text \($0 == 3 ? "changed" : "\($0)")\"}\n"
        }
        _ = try folder.file("in.jsonl", lines.joined())
        let (state, reused) = try await run("kept", .npy, keepsRows: true)
        #expect(state == .changed)
        #expect(reused == 593 - 1)
        _ = try await run("fresh", .npy)
        #expect(try folder.contents("kept") == folder.contents("fresh"))
        #expect(try folder.contents("kept.meta.json") == folder.contents("fresh.meta.json"))
        #expect(!folder.exists("kept.earlier.job"))
    }

    @Test func `another model, other options and another input are refused`() async throws {
        await #expect(throws: Counting.Killed.self) { try await run("out", .npy, failing: "text 450") }
        let path = "\(folder.path)/out"
        let digest = source().digest ?? ""
        for other in [
            header(weights: "test:2", source: digest),
            header(settings: [.init("--truncate", "start")], source: digest),
            header(.csv, source: digest), header(source: "another"),
        ] {
            let error = #expect(throws: DataError.self) { try FileJob(writing: path, as: .npy, other) }
            #expect(error?.code == .changedInput, "\(other)")
        }
        #expect(try await run("out", .npy).state != .new)
    }

    @Test func `two runs of one job do not mix`() throws {
        let path = "\(folder.path)/out"
        let first = try FileJob(writing: path, as: .npy, header(source: "s"))
        let error = #expect(throws: DataError.self) {
            try FileJob(writing: path, as: .npy, header(source: "s"))
        }
        #expect(error?.reason.contains("another run") == true)
        withExtendedLifetime(first) {}
    }

    @Test func `a registry lists jobs until their logs are gone`() async throws {
        let registry = JobRegistry { $0 == "XDG_STATE_HOME" ? "\(folder.path)/state" : nil }
        await #expect(throws: Counting.Killed.self) { try await run("out", .npy, failing: "text 450") }
        registry.add("\(folder.path)/out.job")
        let entry = try #require(registry.entries().first)
        #expect(entry.state == .stopped && entry.header.format == "npy")
        #expect(entry.last.map { $0.rows > 0 } == true)
        _ = try await run("out", .npy)
        #expect(registry.entries().map(\.state) == [.finished])
        folder.remove("out.job")
        #expect(registry.entries().isEmpty)
    }

    @Test func `parts of records are consecutive and cover all`() {
        for count in [0, 1, 5, 16, 1000] {
            for parts in [1, 3, 16] {
                let ranges = (1...parts).map {
                    ShardSource<FileSource>.range(of: .init(number: $0, of: parts), among: count)
                }
                #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == count)
                #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
            }
        }
    }
}

/// The public job with a file as its output.
@Suite struct EmbeddingJobTests {
    private struct Lengths: EmbeddingModel {
        var weights = "lengths:1"
        var identity: ModelIdentity {
            ModelIdentity(
                space: VectorSpace(model: "lengths", weights: weights, dimensions: 1),
                computation: Computation(precision: "f32", device: "cpu"))
        }
        let limits = InputLimits()

        func embed(_ texts: [String], as role: TextRole?, options: EmbedOptions) async throws -> Embeddings {
            try Embeddings(floats: texts.map { Float($0.utf8.count) }, dimensions: 1, identity: identity)
        }
    }

    @Test func `a file is written once, and belongs to its model and source`() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/v.f32"
        let source = FileSource(["a", "bb", "ccc"].map { .text($0, name: "argument") })
        var job = EmbeddingJob(source, model: Lengths())
        #expect(try await job.run(writing: path, source: "three").texts == 3)
        let bytes = try folder.contents("v.f32")
        #expect(bytes == [1, 2, 3].flatMap { (number: Float) in withUnsafeBytes(of: number) { Array($0) } })
        #expect(try await job.run(writing: path, source: "three") == JobResult())
        await #expect(throws: DataError.self) { try await job.run(writing: path, source: "four") }
        job.options.prompt = "q: "
        await #expect(throws: DataError.self) { try await job.run(writing: path, source: "three") }
        let other = EmbeddingJob(source, model: Lengths(weights: "lengths:2"))
        let error = await #expect(throws: DataError.self) {
            try await other.run(writing: path, source: "three")
        }
        #expect(error?.code == .changedInput)
        await #expect(throws: DataError.self) {
            try await job.run(writing: "\(folder.path)/v.pdf", source: "three")
        }
    }
}
