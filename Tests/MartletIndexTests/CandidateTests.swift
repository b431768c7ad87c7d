import CMartletKernels
import MartletTestSupport
import Testing

@testable import MartletIndex

/// The selection of the best rows of a scan, and scans of several queries.
@Suite struct CandidateTests {
    @Test(arguments: [(1, 1), (1, 300), (7, 6), (10, 1000), (400, 5000), (400, 400)])
    func theBestAreKeptWhateverTheOrder(_ wanted: Int, _ count: Int) {
        var random = SplitMix64(state: UInt64(wanted * 31 + count))
        for levels in [3, 100_000] {
            // Few levels make ties, which the lower row wins; negative scores and both zeros are among them.
            let scores = (0..<count).map { _ in
                let level = Float(random.below(levels) - levels / 2)
                return level == 0 && random.below(2) == 0 ? -level : level / 7
            }
            let best = BestRows(wanted: wanted)
            let rows = BestRows(wanted: wanted)
            for (row, score) in scores.enumerated() {
                best.add(score, row: UInt32(row * 977))
                rows.add(score, row: UInt32(row * 977))
            }
            let expected = scores.enumerated()
                .sorted { $0.element != $1.element ? $0.element > $1.element : $0.offset < $1.offset }
                .prefix(wanted)
            #expect(rows.rows() == expected.map { UInt32($0.offset * 977) }.sorted())
            #expect(best.sorted().map(\.row) == expected.map { $0.offset * 977 })
            // Of two threads, each with every other part of the rows, in whichever order they are joined.
            for first in [0, 1] {
                let halves = [BestRows(wanted: wanted), BestRows(wanted: wanted)]
                for (row, score) in scores.enumerated() {
                    halves[row / 100 % 2].add(score, row: UInt32(row * 977))
                }
                halves[first].add(halves[1 - first])
                #expect(halves[first].rows() == expected.map { UInt32($0.offset * 977) }.sorted())
            }
        }
    }

    @Test func nothingWasFound() {
        #expect(BestRows(wanted: 5).rows().isEmpty && BestRows(wanted: 5).sorted().isEmpty)
    }

    /// Queries of one scan share what they read, and find what each finds alone.
    @Test(arguments: 0..<mk_index_kernels_count(), 1...9)
    func queriesTogetherFindWhatEachFindsAlone(_ set: Int32, _ queries: Int) {
        let kernels = mk_index_kernels_at(set).pointee
        var random = SplitMix64(state: 9)
        let (groups, rows) = (16, 1000)
        let bytes = groups * 64 + 256
        let blocks = UnsafeMutableRawPointer.allocate(byteCount: 16 * bytes, alignment: 64)
        defer { blocks.deallocate() }
        for block in 0..<16 {
            for offset in 0..<groups * 64 {
                blocks.storeBytes(
                    of: UInt8(random.below(256)), toByteOffset: block * bytes + offset, as: UInt8.self)
            }
            for row in 0..<64 {
                blocks.storeBytes(
                    of: Float(random.below(1000)) / 4096,
                    toByteOffset: block * bytes + groups * 64 + row * 4, as: Float.self)
            }
        }
        let tables = (0..<queries).map { _ in QueryTables(count: groups * 32) }
        for table in tables {
            for index in 0..<groups * 32 { table.pointer[index] = UInt8(random.below(64)) }
        }
        func scan(_ which: Range<Int>) -> [[ScoredRow]] {
            let best = which.map { _ in BestRows(wanted: 20) }
            let prepared = zip(which, best).map { query, best in
                mk_scan_query(
                    tables: tables[query].pointer, step: 0.5, offset: 400, base: Float(query),
                    best: best.pointer)
            }
            var scan = mk_scan(
                blocks: blocks.assumingMemoryBound(to: UInt8.self), first: 0, end: 16, groups: Int64(groups),
                rows: Int64(rows), mask: nil, first_row: 0, is_far: Int32(queries % 2))
            kernels.scan(&scan, prepared, Int64(prepared.count))
            return best.map { $0.sorted() }
        }
        #expect(scan(0..<queries) == (0..<queries).flatMap { scan($0..<$0 + 1) })
    }
}
