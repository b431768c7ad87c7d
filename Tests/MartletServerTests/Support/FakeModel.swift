#if Server

import MartletSystem
import Martlet
import MartletCompute
import Synchronization

@testable import MartletServer

/// A model whose result for a text is its ids, and that remembers what it ran.
final class FakeModel: QueueModel {
    let serial: Int
    let tokenBudget: Int
    let largestTeam: Int
    let batches = Mutex([[[Int32]]]())

    /// How many members of a team there were in each run, by the leader.
    let teams = Mutex([Int]())

    init(_ serial: Int = 1, budget: Int = 8, largestTeam: Int = 1) {
        self.serial = serial
        self.largestTeam = largestTeam
        tokenBudget = budget
    }

    func run(_ texts: [TokenizedText], thread: Int, _ member: TeamMember, each: (Int, UnsafeBufferPointer<Float>) -> Void) {
        member.sync()
        guard member.leads else { return }
        teams.withLock { $0.append(member.count) }
        batches.withLock { $0.append(texts.map(\.ids)) }
        for (place, text) in texts.enumerated() { text.ids.map { Float($0) }.withUnsafeBufferPointer { each(place, $0) } }
    }

    static let reading = Reading(.tokenVectors) { hidden, _ in Array(hidden) }
    /// Gives what is not finite.
    static let broken = Reading(.scores) { _, _ in [.nan] }
}

/// Holds whoever passes until it is opened.
final class Gate: Sendable {
    private let isOpen = Monitor(false)
    func pass() { isOpen.waiting { $0 ? () : nil } }
    func open() {
        isOpen.withLock { $0 = true }
        isOpen.broadcast()
    }
}

/// A model whose pass ends when the gate is opened.
final class HeldModel: QueueModel {
    let serial = -1
    let tokenBudget = 8
    let largestTeam = 1
    private let gate: Gate

    init(_ gate: Gate) { self.gate = gate }

    func run(_ texts: [TokenizedText], thread: Int, _ member: TeamMember, each: (Int, UnsafeBufferPointer<Float>) -> Void) {
        gate.pass()
        for (place, text) in texts.enumerated() { text.ids.map { Float($0) }.withUnsafeBufferPointer { each(place, $0) } }
    }
}

/// A clock that moves when it is told to.
final class FakeClock: Sendable {
    private let time = Mutex<UInt64>(0)
    var clock: Clock { Clock { [self] in time.withLock { $0 } } }
    func advance(_ nanoseconds: UInt64) { time.withLock { $0 += nanoseconds } }
}

func text(_ first: Int32, count: Int = 1) -> TokenizedText { TokenizedText(ids: (0..<Int32(count)).map { first + $0 }) }

#endif
