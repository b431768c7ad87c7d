package import Martlet
package import MartletCompute
package import MartletSystem
package import Synchronization

/// A model whose result for a text is its ids, and that remembers what it ran.
package final class FakeModel: ScheduledModel {
    package let serial: Int
    package let tokenBudget: Int
    package let largestTeam: Int
    package let batches = Mutex([[[Int32]]]())

    /// How many members of a team there were in each run.
    package let teams = Mutex([Int]())

    package init(_ serial: Int = 1, budget: Int = 8, largestTeam: Int = 1) {
        self.serial = serial
        self.largestTeam = largestTeam
        tokenBudget = budget
    }

    package func run(
        _ texts: [TokenizedText], thread: Int, team: Team?, each: (Int, ModelOutput) -> Void
    ) {
        // In tests the others come, sooner or later.
        _ = team?.run(patience: 60_000_000_000) { $0.sync() }
        teams.withLock { $0.append(team?.members ?? 1) }
        batches.withLock { $0.append(texts.map(\.ids)) }
        for (place, text) in texts.enumerated() {
            text.ids.map { Float($0) }.withUnsafeBufferPointer { each(place, .hidden($0)) }
        }
    }

    package static let reading = OutputReader<[Float]>.numbers(.tokenVectors) { hidden, _ in Array(hidden) }
    /// Gives what is not finite.
    package static let broken = OutputReader<[Float]>.numbers(.scores) { _, _ in [.nan] }
}

/// Holds whoever passes until it is opened.
package final class Gate: Sendable {
    package init() {}
    private let isOpen = Monitor(false)
    package func pass() { isOpen.waiting { $0 ? () : nil } }
    package func open() {
        isOpen.withLock { $0 = true }
        isOpen.broadcast()
    }
}

/// A model whose pass ends when the gate is opened.
package final class HeldModel: ScheduledModel {
    package let serial = -1
    package let tokenBudget = 8
    package let largestTeam = 1
    private let gate: Gate

    package init(_ gate: Gate) { self.gate = gate }

    package func run(
        _ texts: [TokenizedText], thread: Int, team: Team?, each: (Int, ModelOutput) -> Void
    ) {
        gate.pass()
        for (place, text) in texts.enumerated() {
            text.ids.map { Float($0) }.withUnsafeBufferPointer { each(place, .hidden($0)) }
        }
    }
}

/// A clock that moves when it is told to.
package final class FakeClock: Sendable {
    package init() {}
    private let time = Mutex<UInt64>(0)
    package var clock: MonotonicClock { MonotonicClock { [self] in time.withLock { $0 } } }
    package func advance(_ nanoseconds: UInt64) { time.withLock { $0 += nanoseconds } }
}

package func text(_ first: Int32, count: Int = 1) -> TokenizedText {
    TokenizedText(ids: (0..<Int32(count)).map { first + $0 })
}
