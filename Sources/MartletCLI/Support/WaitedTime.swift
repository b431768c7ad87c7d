#if Command

import Synchronization

/// How long a run has waited for its conditions, which says nothing of its speed.
final class WaitedTime: Sendable {
    private struct State {
        var total = 0.0
        /// nil: it does not wait.
        var since: Double?
    }
    private let state = Mutex(State())

    /// Tells that a wait begins or ends at a time in seconds.
    func change(isWaiting: Bool, at now: Double) {
        state.withLock { state in
            if let since = state.since { state.total += now - since }
            state.since = isWaiting ? now : nil
        }
    }

    /// Seconds until `now`.
    func seconds(until now: Double) -> Double {
        state.withLock { state in state.total + (state.since.map { now - $0 } ?? 0) }
    }
}

#endif
