import MartletCompute
import MartletSystem
import MartletTestSupport
import Synchronization
import Testing

@testable import MartletModels

/// A session whose team loses a member: the text is computed again, alone and in other memory.
@Suite("A session of the CPU", .timeLimit(.minutes(2)))
struct CPUSessionTests {
    private final class State: EncoderState {
        let tokenCapacity: Int
        let longestSequence: Int
        let hiddenStride = 2
        let values: AlignedBuffer<Float>
        var hidden: UnsafeMutablePointer<Float> { values.pointer }
        var bytes: Int { values.bytes }

        init(tokens: Int, longest: Int) {
            (tokenCapacity, longestSequence) = (tokens, longest)
            values = AlignedBuffer(count: 2 * tokens)
        }

        func prepare(members: Int) {}
    }

    /// Gives token t of a text the row [id, t], and a wrong one where it was given up.
    private struct HeldEncoder: CPUEncoder {
        let gate: Gate
        let states = Locked(0)
        var shape: EncoderShape {
            EncoderShape(
                architecture: "held", layers: 1, hiddenSize: 2, heads: 1, intermediateSize: 1,
                vocabularySize: 100, maxPositions: 100, parameters: 0, activation: "")
        }
        var weightBytes: Int { 0 }
        var givesAttentionOfFirstToken: Bool { false }
        func hidesTokens(ofTextsUpTo tokens: Int) -> Bool { false }
        func memberBytes(longest: Int) -> Int { 0 }
        func stateBytes(tokens: Int, longest: Int) -> Int { 0 }
        func attentionOfFirstToken(_ sequence: Int, _ batch: PackedBatch, _ state: any EncoderState)
            -> [Float]
        { [] }

        func makeState(tokens: Int, longest: Int) -> any EncoderState {
            states.withLock { $0 += 1 }
            return State(tokens: tokens, longest: longest)
        }

        func forward(_ batch: PackedBatch, _ state: any EncoderState, _ member: TeamMember) {
            if !member.leads { gate.pass() }
            member.sync()
            guard member.leads || member.isAbandoned else { return }
            for (token, id) in batch.ids.enumerated() {
                state.hidden[2 * token] = member.isAbandoned ? -1 : Float(id)
                state.hidden[2 * token + 1] = member.isAbandoned ? -1 : Float(token)
            }
        }
    }

    private func batch(_ ids: [Int32]) -> PackedBatch {
        var batch = PackedBatch()
        batch.append(ids)
        return batch
    }

    @Test func theTextIsComputedAgainInOtherMemory() throws {
        var isHeldUp = false
        // Until the member comes in time to be one.
        for _ in 0..<10_000 where !isHeldUp {
            let encoder = HeldEncoder(gate: Gate())
            let session = encoder.makeSession(for: BatchLimit(tokens: 64, longest: 64))
            let team = try #require(Team(of: 2))
            let other = try POSIXThread { team.assist() }
            let rows = session.run(batch([7, 9]), .tokens, team: team)
            encoder.gate.open()
            other.join()
            #expect((0..<2).map { Array(rows.row($0)) } == [[7, 0], [9, 1]])
            isHeldUp = team.members == 2
            #expect(team.isAbandoned == isHeldUp)
            let states = encoder.states.withLock { $0 }
            #expect(states == (isHeldUp ? 2 : 1))
            // The next text needs no other.
            let next = session.run(batch([5]), .pooled([.mean], skip: 0), team: nil)
            #expect(Array(next.row(0)) == [5, 0] && encoder.states.withLock { $0 } == states)
        }
        #expect(isHeldUp)
    }

    /// A text without tokens has no pooled row, and those after it keep their places.
    @Test func textsWithoutTokensHaveNoRow() {
        let encoder = HeldEncoder(gate: Gate())
        let session = encoder.makeSession(for: BatchLimit(tokens: 64, longest: 64))
        var batch = PackedBatch()
        for ids in [[], [], [4, 6], [], [8]] as [[Int32]] { batch.append(ids) }
        let rows = session.run(batch, .pooled([.mean], skip: 0), team: nil)
        #expect(
            (0..<5).map { rows.range(of: $0).map { Array(rows.row($0)) } } == [
                [], [], [[5, 0.5]], [], [[8, 2]],
            ])
        let both = session.run(batch, .pooled([.cls, .last], skip: 0), team: nil)
        #expect(both.range(of: 2).map { Array(both.row($0)) } == [[4, 0, 6, 1]])
    }
}
