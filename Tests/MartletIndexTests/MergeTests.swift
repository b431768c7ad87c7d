import MartletIndex
import MartletTestSupport
import Synchronization
import Testing

/// Merges on a thread of the writer's, while records come and go.
@Suite struct MergeTests {
    private func limits() -> WriterLimits {
        var limits = WriterLimits()
        limits.rowsOfCommit = 4
        limits.logRows = 16
        limits.segmentRows = 64
        limits.mergedSegments = 3
        limits.mergesInBackground = true
        return limits
    }

    @Test func recordsThatComeAndGoMeanwhileAreKept() throws {
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        var live: [String: String] = [:]
        var random = SplitMix64(state: 5)
        do {
            let writer = try collection.writer(limits: limits())
            for round in 0..<120 {
                var batch = Made.records(1 + random.below(40), seed: UInt64(round), prefix: "r")
                for index in batch.indices {
                    batch[index].id = "r\(random.below(900))"
                    batch[index].text = "round \(round) number \(index)"
                }
                try writer.add(batch, identity: Made.identity)
                for record in batch { live[record.id] = record.text }
                let gone = (0..<random.below(12)).map { _ in "r\(random.below(900))" }
                try writer.remove(ids: gone)
                for id in gone { live[id] = nil }
                #expect(try collection.snapshot().count == live.count)
            }
            try writer.waitForMerges()
            #expect(writer.snapshot.segmentCount < 24, "\(writer.snapshot.segmentCount)")
        }
        // The next writer need not wait.
        _ = try collection.writer()
        #expect(try collection.check().isEmpty)
        var found: [String: String] = [:]
        try SearchCollection(opening: collection.path).snapshot().forEachRecord { found[$0.id] = $0.text }
        #expect(found == live)
    }

    @Test func compactingDuringAMergeIsSafe() throws {
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        let writer = try collection.writer(limits: limits())
        for round in 0..<30 {
            try writer.add(
                Made.records(20, seed: UInt64(round), prefix: "p\(round)-"), identity: Made.identity)
            if round % 7 == 0 { try writer.compact() }
        }
        try writer.waitForMerges()
        try writer.compact()
        #expect(writer.snapshot.count == 600 && writer.snapshot.segmentCount == 1)
        #expect(try collection.check().isEmpty)
    }

    /// The ends of ids are stored in 32 bits; here the limit is lower.
    @Test func idsThatOneSegmentCannotHoldStayInSeveral() throws {
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        var limits = limits()
        limits.nameBytes = 300
        let writer = try collection.writer(limits: limits)
        for round in 0..<8 {
            try writer.add(
                Made.records(20, seed: UInt64(round), prefix: "p\(round)-"), identity: Made.identity)
        }
        // No merge is begun that would fail.
        try writer.waitForMerges()
        let error = #expect(throws: IndexError.self) { try writer.compact() }
        #expect(error?.code == .invalidOption && error?.message.contains("300 bytes of ids") == true)
        #expect(try collection.snapshot().count == 160 && collection.check().isEmpty)
        try writer.add(Made.records(1), identity: Made.identity)
        #expect(try SearchCollection(opening: collection.path).snapshot().count == 161)
    }

    /// A merge that failed is tried again, and its error is forgotten then.
    @Test func aFailedMergeIsTriedAgain() throws {
        var failed = 0
        for call in stride(from: 0, to: 200, by: 9) {
            let files = MemoryFileSystem()
            let collection = try SearchCollection.create(
                at: "/c", settings: Made.settings(96), files: files)
            let writer = try collection.writer(limits: limits())
            for round in 0..<2 {
                try writer.add(
                    Made.records(20, seed: UInt64(round), prefix: "p\(round)-"), identity: Made.identity)
            }
            files.fail(atCall: files.calls + call, .error)
            let isCommitted = (try? writer.add(Made.records(20), identity: Made.identity)) != nil
            guard isCommitted, (try? writer.waitForMerges()) == nil,
                (try? writer.add(Made.records(1, prefix: "n"), identity: Made.identity)) != nil
            else { continue }
            failed += 1
            try writer.waitForMerges()
            #expect(writer.snapshot.segmentCount <= 2 && writer.snapshot.count == 61, "call \(call)")
        }
        #expect(failed > 0)
    }
}
