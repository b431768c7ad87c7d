import MartletModels
import MartletTestSupport
import Testing

@testable import Martlet

/// Promise 3: batches are ragged from end to end.
@Suite("No padding")
struct NoPaddingTests {
    @Test func aBatchHoldsTheTokensAndNothingElse() {
        var batch = PackedBatch()
        #expect(batch.sequences == 0 && batch.tokens == 0 && batch.longest == 0)
        batch.append([2, 5, 3])
        batch.append([2, 3], typeIDs: [0, 1])
        batch.append([2, 9, 9, 3], typeIDs: [0, 0, 0, 0])
        batch.append([Int32]())
        #expect(batch.ids == [2, 5, 3, 2, 3, 2, 9, 9, 3] && batch.offsets == [0, 3, 5, 9, 9])
        #expect(batch.typeIDs == [0, 0, 0, 0, 1, 0, 0, 0, 0])
        #expect(batch.sequences == 4 && batch.tokens == 9 && batch.longest == 4 && batch.range(of: 1) == 3..<5)
        batch.removeAll()
        #expect(batch.sequences == 0 && batch.ids.isEmpty && batch.typeIDs.isEmpty && batch.offsets == [0])
    }

    /// Every text once, no unit over the budget unless one text is, no thread without a unit where there are texts for it.
    @Test func plans() {
        var random = SplitMix64(state: 1)
        for round in 0..<2000 {
            let threads = 1 + random.below(8)
            let planner = BatchPlanner(tokenBudget: 1 + random.below(300), threads: threads)
            let longest = 1 + random.below(200)
            let lengths = (0..<random.below(120)).map { _ in 1 + random.below(longest) }
            let plan = planner.plan(lengths: lengths)
            #expect(plan.joined().sorted() == Array(lengths.indices), "round \(round)")
            for unit in plan {
                #expect(!unit.isEmpty)
                #expect(unit.count == 1 || unit.reduce(0) { $0 + lengths[$1] } <= planner.tokenBudget, "round \(round)")
            }
            #expect(plan.count >= min(threads, lengths.count), "round \(round): \(plan.count) units, \(threads) threads, \(lengths)")
        }
    }

    /// The work follows the tokens: many short texts with one long one are not computed at its length.
    @Test func unitsStayNearTheTokenBudget() {
        let planner = BatchPlanner(tokenBudget: 256, threads: 2)
        let plan = planner.plan(lengths: [256] + Array(repeating: 8, count: 320))
        #expect(plan.count <= 14 && plan.contains([0]))
        #expect(planner.plan(lengths: []).isEmpty)
        #expect(planner.plan(lengths: Array(repeating: 10, count: 100)).map(\.count).max() ?? 0 <= 25)
        #expect(BatchPlanner(tokenBudget: 8, threads: 3).plan(lengths: [10, 1, 1]).count == 3)
    }

    @Test func usageCountsTheTokensOfTheTextsAlone() throws {
        let embedder = try embedder("bert-mini")
        let texts = ["zopa", "zopa turi luteve made", ""]
        let expected = try texts.reduce(0) { $0 + (try embedder.tokenize($1).ids.count) }
        #expect(try embedder.embedBlocking(texts).usage.tokens == expected)
    }
}
