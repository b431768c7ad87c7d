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
        #expect(
            batch.sequences == 4 && batch.tokens == 9 && batch.longest == 4 && batch.range(of: 1) == 3..<5)
        batch.removeAll()
        #expect(batch.sequences == 0 && batch.ids.isEmpty && batch.typeIDs.isEmpty && batch.offsets == [0])
    }

    /// Every text once, no unit over the budget unless one text is, no thread without a unit where there are
    /// texts for it.
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
                #expect(
                    unit.count == 1 || unit.reduce(0) { $0 + lengths[$1] } <= planner.tokenBudget,
                    "round \(round)")
            }
            #expect(
                plan.count >= min(threads, lengths.count),
                "round \(round): \(plan.count) units, \(threads) threads, \(lengths)")
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

    /// Threads take units in order, each as soon as it is free; one of them is slower than the others.
    @Test(arguments: [2, 4, 8]) func threadsOfDifferentSpeedEndTogether(threads: Int) {
        var random = SplitMix64(state: 7)
        let lengths = (0..<400 * threads).map { _ in 4 + random.below(120) }
        let plan = BatchPlanner(tokenBudget: 1024, threads: threads).plan(lengths: lengths)
        var free = [Double](repeating: 0, count: threads)
        for unit in plan {
            let worker = free.indices.min { free[$0] < free[$1] } ?? 0
            free[worker] += Double(unit.reduce(0) { $0 + lengths[$1] }) * (worker == 0 ? 1.15 : 1)
        }
        let ideal = Double(lengths.reduce(0, +)) / (Double(threads - 1) + 1 / 1.15)
        #expect((free.max() ?? 0) < ideal * 1.01)
        // The weights are read once a unit: most of the work is done in large ones.
        let sizes = plan.map { $0.reduce(0) { $0 + lengths[$1] } }
        let large = sizes.filter { $0 > 900 }.reduce(0, +)
        #expect(large > lengths.reduce(0, +) * 8 / 10)
    }

    @Test func usageCountsTheTokensOfTheTextsAlone() throws {
        let embedder = try embedder("bert-mini")
        let texts = ["zopa", "zopa turi luteve made", ""]
        let expected = try texts.reduce(0) { $0 + (try embedder.tokenize($1).ids.count) }
        #expect(try embedder.embedBlocking(texts).usage.tokens == expected)
    }
}
