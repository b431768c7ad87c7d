import MartletData
import MartletTestSupport
import Testing

@testable import MartletJobs

@Suite struct JobLogTests {
    private let head = header(
        settings: [.init("--truncate", "end")], source: "s", shard: .init(number: 2, of: 3), keepsRows: true)

    private func position(_ index: Int) -> Checkpoint {
        Checkpoint(source: "s", index: index, input: 1, offset: index * 10, lines: index, key: "k\(index)")
    }

    /// Three commits of two batches each, and rows after the last.
    private func sample() throws -> [UInt8] {
        let file = MemoryLogFile()
        let log = try JobLog(file)
        try log.begin(head)
        for commit in 0..<3 {
            try log.append(
                batch(commit * 10..<commit * 10 + 5),
                digests: [TextDigest](repeating: TextDigest(of: "x"), count: 5))
            try log.append(batch(commit * 10 + 5..<commit * 10 + 10))
            try log.commit(position((commit + 1) * 10))
        }
        try log.append(batch(30..<32))
        return file.bytes
    }

    private func rows(_ log: JobLog) async throws -> [RowBatch] {
        var all: [RowBatch] = []
        try await log.forEachBatch { batch, _ in all.append(batch) }
        return all
    }

    @Test func `a log gives back its header, rows and last position`() async throws {
        let log = try JobLog(MemoryLogFile(try sample()))
        let found = try #require(log.header)
        #expect(found == head)
        #expect(log.last == JobCommit(checkpoint: position(30), rows: 30, truncated: 12, skipped: 6))
        #expect(!log.isFinished && log.damagedAt == nil)
        let starts = [0, 5, 10, 15, 20, 25]
        #expect(try await rows(log) == starts.map { stored(batch($0..<$0 + 5)) })
        #expect(try log.rowFrames().map(\.digests.count) == [5, 5, 5])
    }

    /// Runs that end early over an input that changes leave their rows one after the other.
    @Test func `rows whose texts are in a log are not appended again`() throws {
        func log(_ texts: [String]) throws -> (JobLog, MemoryLogFile) {
            let file = MemoryLogFile()
            let log = try JobLog(file)
            try log.begin(head)
            for (index, text) in texts.enumerated() {
                try log.append(batch(index..<index + 1), digests: [TextDigest(of: text)])
            }
            try log.commit(position(texts.count))
            return (log, file)
        }
        let (kept, file) = try log(["a", "b"])
        let other = try log(["b", "c", "c"]).0
        try kept.append(rowsOf: other)
        #expect(try kept.rowFrames().flatMap(\.digests) == ["a", "b", "c"].map { TextDigest(of: $0) })
        let size = file.bytes.count
        try kept.append(rowsOf: other)
        #expect(file.bytes.count == size && kept.last?.rows == 3)
    }

    @Test func `rows of every kind and number format come back as they were`() throws {
        let records = [
            Record(text: "a", index: 4, source: "in"),
            Record(text: "b", id: .text(""), index: 9, source: "in"),
        ]
        let kinds: [VectorRows] = [
            .dense(
                DenseRows(
                    count: 2, width: 2, elements: .float32([1, -0.0, .infinity, .leastNonzeroMagnitude]))),
            .dense(DenseRows(count: 2, width: 2, elements: .float16([0, 1, 0x7C00, 0xFFFF]))),
            .dense(DenseRows(count: 2, width: 1, elements: .int8([-128, 127]))),
            .dense(DenseRows(count: 2, width: 1, elements: .uint8([0, 255]))),
            .sparse([
                SparseRow(indices: [1, 99], values: [0.5, 2], dimensions: 100, tokens: ["a", "b"]),
                SparseRow(indices: [], values: [], dimensions: 0),
            ]),
            .multiVector(
                MultiVectorRows(tokens: [["x"], ["y", "z"]], dimensions: 2, vectors: [1, 2, 3, 4, 5, 6])),
        ]
        for rows in kinds {
            let batch = RowBatch(records: records, rows: rows, truncated: [1])
            #expect(try RowCodec.decode(RowCodec.encode(batch, digests: nil)).batch == stored(batch))
        }
    }

    @Test func `a log that is cut at any byte has the commits before it`() throws {
        let whole = try sample()
        var commits: Set<Int> = []
        for length in stride(from: 8, through: whole.count, by: 3) {
            let file = MemoryLogFile(Array(whole.prefix(length)))
            let log = try JobLog(file)
            let rows = log.last?.rows ?? 0
            commits.insert(rows)
            #expect(rows % 10 == 0 && log.damagedAt == nil, "\(length)")
            guard log.header != nil, length % 4 == 0 else { continue }
            // It goes on from there, and what comes after is whole.
            try log.append(batch(rows..<rows + 1))
            try log.commit(position(rows + 1))
            #expect(try JobLog(MemoryLogFile(file.bytes)).last?.rows == rows + 1)
        }
        #expect(commits == [0, 10, 20, 30])
    }

    @Test func `a changed byte is found, and nothing after it is trusted`() throws {
        let whole = try sample()
        var random = SplitMix64(state: 19)
        var damaged = 0
        for _ in 0..<300 {
            var bytes = whole
            let place = 8 + random.below(bytes.count - 8)
            bytes[place] ^= UInt8(1 << random.below(8))
            let log = try JobLog(MemoryLogFile(bytes))
            let untouched = try JobLog(MemoryLogFile(Array(whole.prefix(place)))).last?.rows ?? 0
            #expect(log.last?.rows ?? 0 == untouched, "byte \(place)")
            if log.damagedAt != nil { damaged += 1 }
        }
        #expect(damaged > 100)
        #expect(throws: DataError.self) { try JobLog(MemoryLogFile(Array("{\"id\":1}\n".utf8))) }
    }

    @Test func `payloads that lie about their counts are refused`() throws {
        var random = SplitMix64(state: 7)
        let good = RowCodec.encode(batch(0..<4), digests: nil)
        var (refused, cut) = (0, 0)
        for _ in 0..<2000 {
            var bytes = good
            for _ in 0...random.below(3) {
                bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
            }
            bytes.removeLast(random.below(3) == 0 ? random.below(bytes.count) : 0)
            if bytes.count < good.count { cut += 1 }
            do throws(ByteReader.Malformed) {
                let found = try RowCodec.decode(bytes).batch
                // What changed is a number or a text: no count, and no end.
                #expect(bytes.count == good.count && found.records.count == 4 && found.rows.count == 4)
            } catch {
                refused += 1
            }
        }
        // All that were cut, and about half of the others.
        #expect(cut > 600 && refused > cut + 500 && refused < 1500, "\(refused) of 2000, \(cut) cut")
        // A count of each kind that says more than there is.
        for place in [0, 15, good.count - 19, good.count - 7] {
            var bytes = good
            bytes.replaceSubrange(place..<place + 4, with: [0xFF, 0xFF, 0xFF, 0x7F])
            #expect(throws: ByteReader.Malformed.self) { try RowCodec.decode(bytes) }
        }
    }

    @Test func `rows of an earlier run come from what is whole of its log`() throws {
        let file = MemoryLogFile()
        let log = try JobLog(file)
        try log.begin(head)
        var ends: [Int] = []
        for index in 0..<3 {
            try log.append(batch(index..<index + 1), digests: [TextDigest(of: "text \(index)")])
            try log.commit(position(index + 1))
            ends.append(file.bytes.count)
        }
        #expect(try EarlierRows(JobLog(MemoryLogFile(file.bytes))).count == 3)
        var damaged = file.bytes
        damaged[ends[0] + 30] ^= 1
        let rows = try EarlierRows(JobLog(MemoryLogFile(damaged)))
        #expect(rows.count == 1)
        #expect(try rows.row(for: "text 0")?.rows == batch(0..<1).rows)
        #expect(try rows.row(for: "text 1") == nil && rows.row(for: "text 2") == nil)
    }

    @Test func `a disk that is full at any byte loses no commit`() throws {
        let whole = try sample()
        for room in stride(from: 0, to: whole.count, by: 13) {
            let file = MemoryLogFile(room: room)
            var kept = 0
            do {
                let log = try JobLog(file)
                try log.begin(head)
                for commit in 0..<3 {
                    try log.append(batch(commit * 10..<commit * 10 + 10))
                    try log.commit(position((commit + 1) * 10))
                    kept = (commit + 1) * 10
                }
            } catch {}
            file.room = .max
            let log = try JobLog(file)
            #expect(log.last?.rows ?? 0 == kept, "room \(room)")
            if log.header == nil { try log.begin(head) }
            try log.append(batch(kept..<kept + 10))
            try log.commit(position(kept + 10))
            #expect(try JobLog(file).last?.rows == kept + 10)
        }
    }

    /// Every call that changes the file, as a disk that reports an error at it, before anything or in the
    /// middle of a write.
    @Test(arguments: [MemoryLogFile.Fault.error, .shortWrite])
    func `an error at any call loses no commit`(fault: MemoryLogFile.Fault) throws {
        /// Begins or goes on, up to three commits; returns the rows of the last that was acknowledged.
        func run(_ file: MemoryLogFile) -> (rows: Int, isWhole: Bool) {
            var kept = 0
            do {
                let log = try JobLog(file)
                kept = log.last?.rows ?? 0
                if log.header == nil { try log.begin(head) }
                try log.dropUncommitted()
                for first in stride(from: kept, to: 30, by: 10) {
                    try log.append(batch(first..<first + 10))
                    try log.commit(position(first + 10))
                    kept = first + 10
                }
                try log.finish()
                return (kept, true)
            } catch {
                return (kept, false)
            }
        }
        let whole = MemoryLogFile()
        let undisturbed = run(whole)
        #expect(undisturbed.rows == 30 && undisturbed.isWhole && whole.calls > 12)
        for call in 0..<whole.calls {
            let file = MemoryLogFile()
            file.failing = (call, fault)
            let first = run(file)
            #expect(!first.isWhole, "\(fault) at call \(call)")
            file.failing = nil
            let log = try JobLog(MemoryLogFile(file.bytes))
            let found = log.last?.rows ?? 0
            // A commit whose synchronization failed may be there.
            #expect(found == first.rows || found == first.rows + 10, "\(fault) at call \(call)")
            #expect(log.damagedAt == nil)
            #expect(run(file).isWhole)
            #expect(file.bytes == whole.bytes, "\(fault) at call \(call)")
        }
    }

    @Test func `what differs is named`() {
        let one = header(settings: [.init("--truncate", "end")], source: "s")
        #expect(one.difference(from: header(settings: [.init("--truncate", "end")], source: "other")) == nil)
        #expect(
            one.difference(from: header(settings: [.init("--truncate", "start")], source: "s"))
                == "--truncate end, and now start")
        #expect(one.difference(from: header(source: "s")) == "--truncate end, and now not given")
        #expect(
            one.difference(from: header(.csv, settings: one.settings, source: "s"))
                == "format npy, and now csv")
        let model = one.difference(from: header(weights: "test:2", settings: one.settings, source: "s"))
        #expect(model?.contains("test:1") == true && model?.contains("test:2") == true)
    }
}
