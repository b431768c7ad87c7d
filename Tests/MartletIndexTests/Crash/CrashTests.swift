import MartletSystem
import MartletTestSupport
import Testing

@testable import MartletIndex

/// A collection after a fault holds every commit that was acknowledged, and of the one that was not, all or
/// nothing.
@Suite struct CrashTests {
    private enum Step {
        case add([Record])
        case remove([String])
        case compact
    }

    private static let path = "c.martlet"
    private static let later = Made.records(1, 64, seed: 5, prefix: "after")
    private static let steps: [Step] = {
        let many = Made.records(60, 64)
        var changed = Array(many[6..<9])
        for index in changed.indices { changed[index].text = "changed \(index)" }
        return [
            .add(Array(many[..<2])), .add(Array(many[..<14])), .remove(["r3", "r4"]), .add(changed),
            .add(Array(many[14..<16])),
            .add(Array(many[16..<30])), .remove((10..<25).map { "r\($0)" }), .add([many[20]]),
            .add(Array(many[30..<42])),
            .add(Array(many[42...])), .compact, .add([many[12]]),
        ]
    }()

    /// Few rows are enough to come into segments, and few segments to be merged.
    private static let limits: WriterLimits = {
        var limits = WriterLimits()
        (limits.rowsOfCommit, limits.logRows, limits.segmentRows, limits.mergedSegments) = (4, 6, 10, 3)
        return limits
    }()

    /// What a collection should hold after each step, by id.
    private static let states: [[String: String]] = {
        var states: [[String: String]] = [[:]]
        for step in steps {
            var state = states[states.count - 1]
            switch step {
            case .add(let records): for record in records { state[record.id] = record.text }
            case .remove(let ids): for id in ids { state[id] = nil }
            case .compact: break
            }
            states.append(state)
        }
        return states
    }()

    /// Runs the steps; returns how many were acknowledged, nil if the collection was not even made.
    private static func run(on files: MemoryFileSystem) -> Int? {
        guard
            let collection = try? SearchCollection.create(
                at: path, settings: Made.settings(64), files: files),
            let writer = try? collection.writer(limits: limits)
        else { return nil }
        for (index, step) in steps.enumerated() {
            do {
                switch step {
                case .add(let records): try writer.add(records, identity: Made.identity)
                case .remove(let ids): try writer.remove(ids: ids)
                case .compact: try writer.compact()
                }
            } catch {
                return index
            }
        }
        return steps.count
    }

    private static func contents(_ collection: SearchCollection) throws -> [String: String] {
        var found: [String: String] = [:]
        var count = 0
        try collection.snapshot().forEachRecord { record in
            found[record.id] = record.text
            count += 1
        }
        #expect(found.count == count, "a record is there twice")
        return found
    }

    private static func check(_ files: MemoryFileSystem, acknowledged: Int?, _ what: String) throws {
        let collection: SearchCollection
        do throws(IndexError) {
            collection = try SearchCollection(opening: path, files: files)
        } catch {
            #expect(acknowledged == nil && error.code == .notFound, "\(what): \(error.message)")
            return
        }
        let done = acknowledged ?? 0
        let found = try contents(collection)
        #expect(
            found == states[done] || found == states[min(done + 1, steps.count)],
            "\(what): \(found.count) records after \(done) steps")
        #expect(try collection.check() == [], "\(what)")
        // It can be written again.
        let writer = try collection.writer(limits: limits)
        try writer.add(later, identity: Made.identity)
        #expect(try contents(collection).count == found.count + 1, "\(what)")
        #expect(
            try contents(SearchCollection(opening: path, files: files)).count == found.count + 1, "\(what)")
    }

    private static let calls: Int = {
        let files = MemoryFileSystem()
        _ = run(on: files)
        return files.calls
    }()

    @Test func withoutFaultsAllStepsHappen() throws {
        let files = MemoryFileSystem()
        #expect(Self.run(on: files) == Self.steps.count)
        try Self.check(files, acknowledged: Self.steps.count, "no fault")
    }

    @Test(arguments: [MemoryFileSystem.Fault.error, .shortWrite]) func everyCallMayFail(
        fault: MemoryFileSystem.Fault
    ) throws {
        #expect(Self.calls > 50)
        for call in 0..<Self.calls {
            let files = MemoryFileSystem()
            files.fail(atCall: call, fault)
            let acknowledged = Self.run(on: files)
            try Self.check(files.healthy(), acknowledged: acknowledged, "\(fault) at call \(call)")
        }
    }

    @Test func thePowerMayGoAtAnyCall() throws {
        var random = SplitMix64(state: 3)
        for call in 0..<Self.calls {
            let files = MemoryFileSystem()
            files.fail(atCall: call, .powerLoss)
            let acknowledged = Self.run(on: files)
            for image in 0..<2 {
                try Self.check(
                    files.afterPowerLoss(&random), acknowledged: acknowledged,
                    "power loss \(image) at call \(call)")
            }
        }
    }

    @Test func everyFlippedBitIsFoundOrHarmless() throws {
        let files = MemoryFileSystem()
        _ = Self.run(on: files)
        let state = Self.states[Self.steps.count]
        var random = SplitMix64(state: 11)
        for path in files.paths where !path.hasSuffix("/lock") {
            guard let size = files.size(path), size > 0 else { continue }
            for _ in 0..<40 {
                let damaged = files.healthy()
                damaged.flipBit(path, byte: random.below(size), bit: random.below(8))
                try Self.expectErrorOrSame(damaged, path, state)
            }
            // The trailer of a segment, and the checksum of a manifest.
            for bit in max(0, size - 32) * 8..<size * 8 {
                let damaged = files.healthy()
                damaged.flipBit(path, byte: bit / 8, bit: bit % 8)
                try Self.expectErrorOrSame(damaged, path, state)
            }
            for _ in 0..<20 {
                let damaged = files.healthy()
                damaged.cut(path, to: random.below(size))
                try Self.expectErrorOrSame(damaged, path, state)
            }
        }
    }

    /// A merge reads what is damaged, and ends with an error or a segment.
    @Test(arguments: [12, 300]) func damagedPostingsEndNoMergeInACrash(rows: Int) throws {
        let files = MemoryFileSystem()
        let collection = try SearchCollection.create(
            at: Self.path, settings: Made.settings(8), files: files)
        do {
            let writer = try collection.writer()
            // One word: its postings begin with the headers of whole blocks, if there are any.
            let records = Made.vectors(rows, 8, seed: 3).enumerated().map { index, vector in
                Record(id: "r\(index)", text: "pasta", vector: vector)
            }
            try writer.add(records, identity: Made.identity)
            try writer.flush()
            try writer.remove(ids: ["r5"])
        }
        let path = try #require(files.paths.first { $0.contains("/segment-") })
        let table = try files.contents(path).withUnsafeBytes { try SectionTable($0, path: path) }
        let postings = try #require(
            table.sections.first { $0.kind == SegmentSection.postings.rawValue })
        for bit in 0..<8 * min(32, postings.count) {
            let damaged = files.healthy()
            damaged.flipBit(path, byte: postings.offset + bit / 8, bit: bit % 8)
            let opened = try SearchCollection(opening: Self.path, files: damaged)
            do throws(IndexError) { try opened.writer(limits: Self.limits).compact() } catch {
                #expect(error.code == .damaged, "\(error.message)")
            }
        }
    }

    /// The order of ids names one row twice and another not at all: the new segment would not open.
    @Test func aDamagedOrderOfIDsIsNotCopied() throws {
        let files = MemoryFileSystem()
        let collection = try SearchCollection.create(
            at: Self.path, settings: Made.settings(8), files: files)
        do {
            let writer = try collection.writer()
            try writer.add(Made.records(40, 8), identity: Made.identity)
            try writer.flush()
            try writer.remove(ids: ["r3"])
            try writer.flush()
        }
        let path = try #require(files.paths.first { $0.contains("/segment-") })
        let table = try files.contents(path).withUnsafeBytes { try SectionTable($0, path: path) }
        let order = try #require(table.sections.first { $0.kind == SegmentSection.idOrder.rawValue })
        for place in 0..<40 {
            let damaged = files.healthy()
            damaged.flipBit(path, byte: order.offset + place * 4, bit: 0)
            let writer = try SearchCollection(opening: Self.path, files: damaged).writer(limits: Self.limits)
            let error = #expect(throws: IndexError.self, "place \(place)") { try writer.compact() }
            #expect(error?.code == .damaged)
            let found = try SearchCollection(opening: Self.path, files: damaged).snapshot()
            #expect(found.count == 39, "place \(place)")
        }
    }

    /// A manifest with the right checksum and settings that no collection can have.
    @Test func settingsThatAreReadAreChecked() throws {
        let files = MemoryFileSystem()
        _ = try SearchCollection.create(at: Self.path, settings: Made.settings(8), files: files)
        let path = "\(Self.path)/\(Manifest.fileName)"
        var manifest = try Manifest(files.contents(path).withUnsafeBytes { Array($0) }, path: path)
        manifest.settings.bm25.b = 5
        files.replace(path, with: manifest.bytes)
        let error = #expect(throws: IndexError.self) {
            try SearchCollection(opening: Self.path, files: files)
        }
        #expect(error?.code == .damaged)
    }

    /// Damage is named by `check` or by opening; whatever else is asked gives an error or an answer, and no
    /// crash.
    private static func expectErrorOrSame(
        _ files: MemoryFileSystem, _ path: String, _ state: [String: String]
    ) throws {
        do throws(IndexError) {
            let collection = try SearchCollection(opening: Self.path, files: files)
            var request = SearchRequest(text: "pasta water garden", vector: later[0].vector)
            request.filter = try Filter("year >= 2010 and tag contains \"o\"")
            _ = try? collection.search(request)
            let faults = try collection.check()
            if faults.isEmpty {
                // The end of the log can be lost without a trace: it looks like a commit that was never
                // acknowledged.
                let isLog = path.contains("/log-")
                let found = (try? contents(collection)) ?? [:]
                #expect(found == state || isLog, "damage to \(path) was not found")
            } else {
                #expect(faults.contains { $0.contains(path) }, "\(faults) does not name \(path)")
            }
            let before = faults.isEmpty ? try? contents(collection) : nil
            guard let writer = try? collection.writer(limits: limits), (try? writer.compact()) != nil,
                let before
            else { return }
            #expect((try? contents(collection)) == before, "compacting has changed records")
        } catch {
            #expect(
                error.code == .damaged || error.code == .unsupportedVersion || error.code == .notFound,
                "\(error.message)")
        }
    }
}
