import Testing

@testable import MartletJobs

@Suite struct MemoryPlanTests {
    private static let mebibyte = 1 << 20

    private func plan(_ limit: Int, used: Int = 100, row: Int = 1536) throws(MemoryPlan.TooSmall)
        -> MemoryPlan
    {
        try MemoryPlan(
            limit: limit * Self.mebibyte, used: used * Self.mebibyte, working: 20 * Self.mebibyte, sink: 0,
            row: row)
    }

    @Test func `more memory gives larger batches, and wide rows fewer texts`() throws {
        let (small, large) = (try plan(140), try plan(300))
        #expect(small.texts >= 32 && small.bytes >= 64 << 10)
        #expect(large.texts > small.texts && large.bytes > small.bytes)
        #expect(try plan(300, row: 16384).texts < large.texts)
    }

    @Test func `what is held at once is less than the limit`() throws {
        for limit in [140, 200, 1000, 100_000] {
            let plan = try plan(limit)
            let held = 8 * (plan.bytes * 4 + plan.texts * (3 * 1536 + 512))
            #expect(held <= (limit - 100 - 20 - 12) * Self.mebibyte)
        }
    }

    @Test func `a limit that is too small is refused with what is needed`() throws {
        let error = #expect(throws: MemoryPlan.TooSmall.self) { try plan(120) }
        let needed = try #require(error?.needed)
        #expect(needed > 132 * Self.mebibyte && needed < 140 * Self.mebibyte)
        _ = try MemoryPlan(
            limit: needed, used: 100 * Self.mebibyte, working: 20 * Self.mebibyte, sink: 0, row: 1536)
    }
}
