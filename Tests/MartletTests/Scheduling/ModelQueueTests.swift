import MartletCompute
import MartletTestSupport
import Testing

@testable import Martlet

@Suite struct ModelQueueTests {
    private func jobs(_ first: Int32, _ count: Int, tokens: Int = 1) -> [TextJob] {
        (0..<Int32(count)).map { index in
            let text = TokenizedText(ids: Array(repeating: first + index, count: tokens))
            return TypedTextJob(
                JobKey(model: FakeModel(), kind: .tokenVectors, text: text), text, FakeModel.reading)
        }
    }

    private func firsts(_ batch: [TextJob]) -> [Int32] { batch.map { $0.text.ids[0] } }

    @Test func interactiveTextsOvertakeBulkOnes() {
        var lanes = ModelQueue(model: FakeModel())
        lanes.append(jobs(100, 50), to: .bulk)
        lanes.append(jobs(1, 3), to: .interactive)
        // No bulk beside them: who waits for one query should not wait for more.
        #expect(firsts(lanes.fill(limit: 8) { _ in true }) == [1, 2, 3])
        lanes.append(jobs(11, 1), to: .interactive)
        // Three tokens have earned bulk one.
        #expect(firsts(lanes.fill(limit: 8) { _ in true }) == [100, 11])
        #expect(firsts(lanes.fill(limit: 8) { _ in true }) == [101, 102, 103, 104, 105, 106, 107, 108])
    }

    @Test func bulkKeepsItsShareWhileInteractiveTextsWait() {
        var lanes = ModelQueue(model: FakeModel())
        lanes.append(jobs(1000, 100), to: .bulk)
        lanes.append(jobs(1, 100), to: .interactive)
        var bulk = 0
        // It is paid after it was earned.
        _ = lanes.fill(limit: 8) { _ in true }
        for _ in 0..<10 { bulk += firsts(lanes.fill(limit: 8) { _ in true }).count { $0 >= 1000 } }
        #expect(bulk == 10 * 8 / Lane.bulkShare)
    }

    @Test func aBulkTextLongerThanItsShareStillRuns() {
        var lanes = ModelQueue(model: FakeModel())
        lanes.append(jobs(1000, 2, tokens: 20), to: .bulk)
        lanes.append(jobs(1, 1000), to: .interactive)
        var rounds = 0
        while rounds < 100 {
            rounds += 1
            if firsts(lanes.fill(limit: 8) { _ in true }).contains(1000) { break }
        }
        // Eight tokens a round earn it, at three for one.
        #expect(rounds == 9)
    }

    @Test func bulkRequestsTakeTurnsTextByText() {
        var lanes = ModelQueue(model: FakeModel())
        lanes.append(jobs(100, 3), to: .bulk)
        lanes.append(jobs(200, 2), to: .bulk)
        #expect(firsts(lanes.fill(limit: 8) { _ in true }) == [100, 200, 101, 201, 102])
        #expect(lanes.isEmpty)
    }

    @Test func interactiveRequestsKeepTheirOrder() {
        var lanes = ModelQueue(model: FakeModel())
        lanes.append(jobs(1, 2), to: .interactive)
        lanes.append(jobs(11, 2), to: .interactive)
        #expect(firsts(lanes.fill(limit: 3) { _ in true }) == [1, 2, 11])
        #expect(firsts(lanes.fill(limit: 3) { _ in true }) == [12])
    }

    @Test func whatNobodyWantsIsLeftOut() {
        var lanes = ModelQueue(model: FakeModel())
        let all = jobs(1, 4)
        lanes.append(all, to: .interactive)
        all[1].state = .done
        #expect(firsts(lanes.fill(limit: 8) { $0.text.ids[0] != 3 }) == [1, 4])
        #expect(lanes.isEmpty)
    }
}
