import Synchronization

internal import MartletSystem

/// Who uses a pool's threads next: one job at a time, interactive jobs before bulk ones, each lane in the
/// order of its arrival.
///
/// `@unchecked` because `Atomic` is not Sendable; the monitor guards the rest.
final class TurnLine: @unchecked Sendable {
    private struct State {
        var isTaken = false
        /// What asks the job that has the turn to end soon; nil: it ends by itself.
        var askHolder: (@Sendable () -> Void)?
        /// Tickets of those who wait, by lane.
        var interactive: [Int] = []
        var bulk: [Int] = []
        var nextTicket = 0
        /// Interactive turns that were taken while bulk jobs waited.
        var overtakes = 0
    }

    private let monitor = Monitor(State())
    /// Interactive jobs that wait; a bulk job looks at it between two indices.
    private let waitingInteractive = Atomic<Int>(0)

    /// Whether a bulk job should give its turn away.
    var isInteractiveWaiting: Bool { waitingInteractive.load(ordering: .relaxed) > 0 }

    /// Waits for the turn.
    /// - Parameter whenAsked: Called while the job runs, on any thread, when another job waits for the turn.
    func take(_ lane: Lane, whenAsked: (@Sendable () -> Void)? = nil) {
        var ticket = 0
        let (isFree, ask) = monitor.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            if !state.isTaken, state.interactive.isEmpty, state.bulk.isEmpty {
                state.isTaken = true
                state.askHolder = whenAsked
                return (true, nil)
            }
            ticket = state.nextTicket
            state.nextTicket += 1
            switch lane {
            case .interactive:
                state.interactive.append(ticket)
                waitingInteractive.wrappingAdd(1, ordering: .relaxed)
            case .bulk: state.bulk.append(ticket)
            }
            return (false, state.askHolder)
        }
        if isFree { return }
        ask?()
        let othersWait = monitor.waiting { state -> Bool? in
            guard !state.isTaken, Self.next(state) == ticket else { return nil }
            switch lane {
            case .interactive:
                state.interactive.removeFirst()
                waitingInteractive.wrappingSubtract(1, ordering: .relaxed)
                state.overtakes += state.bulk.isEmpty ? 0 : 1
            case .bulk:
                state.bulk.removeFirst()
                state.overtakes = 0
            }
            state.isTaken = true
            state.askHolder = whenAsked
            return !(state.interactive.isEmpty && state.bulk.isEmpty)
        }
        // Those who wait have asked the holder before.
        if othersWait { whenAsked?() }
    }

    /// Jobs that wait.
    var waiting: Int { monitor.withLock { $0.interactive.count + $0.bulk.count } }

    func giveBack() {
        let isWanted = monitor.withLock { state in
            state.isTaken = false
            state.askHolder = nil
            return !(state.interactive.isEmpty && state.bulk.isEmpty)
        }
        if isWanted { monitor.broadcast() }
    }

    private static func next(_ state: State) -> Int? {
        guard let bulk = state.bulk.first else { return state.interactive.first }
        return state.overtakes >= Lane.bulkShare - 1 ? bulk : state.interactive.first ?? bulk
    }
}
