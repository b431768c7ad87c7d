import Martlet
import Testing

@testable import MartletServer

@Suite struct LaneQueueTests {
    private func jobs(_ first: Int32, _ count: Int, tokens: Int = 1) -> [TextJob] {
        (0..<Int32(count)).map { index in
            let text = TokenizedText(ids: Array(repeating: first + index, count: tokens))
            return TextJob(JobKey(model: FakeModel(), kind: .tokenVectors, text: text), text, FakeModel.reading)
        }
    }

    private func firsts(_ batch: [TextJob]) -> [Int32] { batch.map { $0.text.ids[0] } }

    @Test func interactiveTextsOvertakeBulkOnes() {
        var lanes = LaneQueue(model: FakeModel())
        lanes.append(jobs(100, 50), to: .bulk)
        lanes.append(jobs(1, 3), to: .interactive)
        let batch = firsts(lanes.fill(limit: 8) { _ in true })
        // Bulk's share of 8 tokens is 2; what interactive leaves goes to bulk as well.
        #expect(batch == [100, 101, 1, 2, 3, 102, 103, 104])
    }

    @Test func bulkKeepsItsShareWhileInteractiveTextsWait() {
        var lanes = LaneQueue(model: FakeModel())
        lanes.append(jobs(1000, 100), to: .bulk)
        lanes.append(jobs(1, 100), to: .interactive)
        var bulk = 0
        for _ in 0..<10 { bulk += firsts(lanes.fill(limit: 8) { _ in true }).count { $0 >= 1000 } }
        #expect(bulk == 10 * 8 / LaneQueue.bulkShare)
    }

    @Test func aBulkTextLongerThanItsShareStillRuns() {
        var lanes = LaneQueue(model: FakeModel())
        lanes.append(jobs(1000, 2, tokens: 20), to: .bulk)
        lanes.append(jobs(1, 1000), to: .interactive)
        var rounds = 0
        while rounds < 100 {
            rounds += 1
            if firsts(lanes.fill(limit: 8) { _ in true }).contains(1000) { break }
        }
        // Two tokens of credit a round, up to 20.
        #expect(rounds == 10)
    }

    @Test func bulkRequestsTakeTurnsTextByText() {
        var lanes = LaneQueue(model: FakeModel())
        lanes.append(jobs(100, 3), to: .bulk)
        lanes.append(jobs(200, 2), to: .bulk)
        #expect(firsts(lanes.fill(limit: 8) { _ in true }) == [100, 200, 101, 201, 102])
        #expect(lanes.isEmpty)
    }

    @Test func interactiveRequestsKeepTheirOrder() {
        var lanes = LaneQueue(model: FakeModel())
        lanes.append(jobs(1, 2), to: .interactive)
        lanes.append(jobs(11, 2), to: .interactive)
        #expect(firsts(lanes.fill(limit: 3) { _ in true }) == [1, 2, 11])
        #expect(firsts(lanes.fill(limit: 3) { _ in true }) == [12])
    }

    @Test func whatNobodyWantsIsLeftOut() {
        var lanes = LaneQueue(model: FakeModel())
        let all = jobs(1, 4)
        lanes.append(all, to: .interactive)
        all[1].state = .done
        #expect(firsts(lanes.fill(limit: 8) { $0.text.ids[0] != 3 }) == [1, 4])
        #expect(lanes.isEmpty)
    }
}
