#if Command

import Synchronization
import Testing

@testable import MartletCLI

/// Two numbers a text: its length, and 1. Texts that begin with "bad" cannot be embedded; "crash" fails as a whole.
private final class FakeEngine: TextEngine {
    let calls = Atomic<Int>(0)

    func embed(_ texts: [String]) throws -> EngineResult {
        calls.add(1, ordering: .relaxed)
        if texts.contains("crash") { throw CommandError("the model broke") }
        if let index = texts.firstIndex(where: { $0.hasPrefix("bad") }) { throw TextError(index: index, message: "too bad") }
        return EngineResult(
            rows: Rows(count: texts.count, width: 2, elements: .float32(texts.flatMap { [Float($0.utf8.count), 1] })),
            tokens: texts.count * 2, truncated: texts.indices.filter { texts[$0].hasPrefix("long") }, blank: texts.count(where: \.isEmpty))
    }
}

@Suite struct EmbedPipelineTests {
    private let folder: TemporaryFolder
    private let engine = FakeEngine()

    init() throws { folder = try TemporaryFolder() }

    private func pipeline(_ lines: String, skips: Bool = false, format: OutputFormat = .csv) throws -> EmbedPipeline {
        let path = try folder.file("in.txt", lines)
        let plan = try InputPlan(texts: [], files: [path], format: .lines, field: nil, id: nil, standardInputIsTerminal: true)
        let sink = try format.open(try .file("\(folder.path)/out"), RowShape(width: 2, kind: .float32))
        return EmbedPipeline(input: plan, engine: engine, writer: RowWriter(sink), skipsErrors: skips)
    }

    private var output: [Substring] { get throws { try folder.text("out").split(separator: "\n").dropFirst().map { $0 } } }

    @Test func `many texts come out in order`() throws {
        let count = 30_000
        let counts = try pipeline((0..<count).map { String(repeating: "x", count: $0 % 50) + "\n" }.joined()).run()
        #expect(counts.texts == count)
        #expect(counts.tokens == count * 2)
        #expect(counts.blank == count / 50)
        #expect(counts.bytesRead == (0..<count).reduce(0) { $0 + $1 % 50 + 1 })
        #expect(try output == (0..<count).map { "\($0),\($0 % 50).0,1.0" })
    }

    @Test func `truncated texts are counted and the first is named`() throws {
        let counts = try pipeline("a\nlong 1\nb\nlong 2\n").run()
        #expect(counts.truncated == 2)
        #expect(counts.firstTruncated == "\(folder.path)/in.txt:2")
    }

    @Test func `an empty input is an empty output`() throws {
        #expect(try pipeline("").run() == RunCounts())
        #expect(try folder.text("out") == "index,0,1\n")
    }

    @Test func `a bad text stops the run after what stands before it`() throws {
        #expect(throws: CommandError("\(folder.path)/in.txt:3: too bad")) { try pipeline("a\nbb\nbad\nccc\n").run() }
        #expect(try output == ["0,1.0,1.0", "1,2.0,1.0"])
    }

    @Test func `a line that cannot be read stops the run after what stands before it`() throws {
        let path = try folder.file("x", Array("a\nb\n".utf8) + [0xFF, 0x0A] + Array("c\n".utf8))
        var pipeline = try pipeline("")
        pipeline.input.sources = [.file(path, .lines)]
        let error = #expect(throws: CommandError.self) { try pipeline.run() }
        #expect(error?.message.contains("x:3: not UTF-8") == true)
        #expect(try output.count == 2)
    }

    @Test func `skipped records are told, counted, and keep their index`() throws {
        let path = try folder.file("x", Array("a\n".utf8) + [0xFF, 0x0A] + Array("bad\nc\n".utf8))
        var pipeline = try pipeline("", skips: true)
        pipeline.input.sources = [.file(path, .lines)]
        let told = Mutex<[String]>([])
        pipeline.onSkip = { message in told.withLock { $0.append(message) } }
        let counts = try pipeline.run()
        #expect(counts.skipped == 2)
        #expect(counts.texts == 2)
        #expect(try output == ["0,1.0,1.0", "3,1.0,1.0"])
        #expect(told.withLock { $0.map { $0.contains("x:2: not UTF-8") } } == [true, false])
        #expect(told.withLock { $0.last } == "\(path):3: too bad")
    }

    @Test func `a chunk full of bad texts is not run over and over`() throws {
        let count = 4000
        let counts = try pipeline(String(repeating: "bad\n", count: count), skips: true).run()
        #expect(counts.skipped == count)
        #expect(counts.texts == 0)
        #expect(engine.calls.load(ordering: .relaxed) <= count + 10)
    }

    @Test func `bad and good texts mixed at random come out right`() throws {
        var random = SystemRandomNumberGenerator()
        let isBad = (0..<3000).map { _ in Int.random(in: 0..<3, using: &random) == 0 }
        let counts = try pipeline(isBad.map { $0 ? "bad\n" : "good\n" }.joined(), skips: true).run()
        #expect(counts.skipped == isBad.count { $0 })
        #expect(try output == isBad.indices.filter { !isBad[$0] }.map { "\($0),4.0,1.0" })
    }

    @Test func `an error of the model is no bad record`() throws {
        #expect(throws: CommandError("the model broke")) { try pipeline("a\ncrash\n", skips: true).run() }
    }

    @Test(arguments: OutputFormat.allCases)
    func `the output is valid after an error`(format: OutputFormat) throws {
        let lines = String(repeating: "a\n", count: 500) + "bad\n"
        #expect(throws: CommandError.self) { try pipeline(lines, format: format).run() }
        let bytes = try folder.contents("out")
        switch format {
        case .npy: #expect(try NPYArray(bytes, name: "out").rows == 500)
        case .f32: #expect(bytes.count == 500 * 8)
        case .json: #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("}\n]\n"))
        case .jsonl, .csv, .text: #expect(bytes.last == 0x0A)
        }
    }
}

@Suite struct ChunkTests {
    @Test func `a chunk grows and shrinks with the model's speed, within bounds`() {
        let size = RecordBlockSize()
        for _ in 0..<100 { size.observe(count: size.texts, seconds: 1e-6) }
        #expect(size.texts == 16384)
        size.observe(count: size.texts, seconds: 1000)
        #expect(size.texts == 8192)
        for _ in 0..<100 { size.observe(count: size.texts, seconds: 1000) }
        #expect(size.texts == 32)
        size.observe(count: 1, seconds: 1e-6)
        #expect(size.texts == 32)
    }

    @Test func `a chunk holds a bounded number of bytes`() throws {
        let folder = try TemporaryFolder()
        let line = String(repeating: "x", count: 1 << 20)
        let path = try folder.file("in", String(repeating: line + "\n", count: 20))
        let plan = try InputPlan(texts: [], files: [path], format: .lines, field: nil, id: nil, standardInputIsTerminal: true)
        var reader = ChunkReader(plan, size: RecordBlockSize(), skipsErrors: false)
        var counts: [Int] = []
        while let chunk = reader.next() { counts.append(chunk.records.count) }
        #expect(counts == [4, 4, 4, 4, 4, 0])
    }
}

@Suite struct BoundedQueueTests {
    @Test func `values pass in order through a full queue`() throws {
        let queue = BoundedQueue<Int>(capacity: 2)
        try Thread.start {
            for value in 0..<10_000 where !queue.push(value) { return }
            queue.close()
        }
        var next = 0
        while let value = queue.pop() {
            #expect(value == next)
            next += 1
        }
        #expect(next == 10_000)
        #expect(queue.pop() == nil)
    }

    @Test func `a cancelled queue takes nothing and lets the producer go`() throws {
        let queue = BoundedQueue<Int>(capacity: 1)
        let result = BoundedQueue<Bool>(capacity: 1)
        #expect(queue.push(1))
        try Thread.start { _ = result.push(queue.push(2)) }
        queue.cancel()
        #expect(result.pop() == false)
        #expect(queue.pop() == nil)
    }
}

#endif
