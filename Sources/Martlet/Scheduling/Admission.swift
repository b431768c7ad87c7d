internal import MartletSystem

/// Where one request stands with the queue if its texts come in several submissions: whether there is room
/// for all of them, and whether any has run. The queue's lock guards what changes.
package final class Admission: @unchecked Sendable {
    /// Texts that have room and are still to come.
    package internal(set) var reserved = 0
    /// Whether a text has run: the request waits no longer.
    var hasBegun = false

    package init() {}
}

extension Scheduler {
    /// Keeps room for texts that come later, so that a request is refused whole or not at all. `release` ends
    /// it.
    package func reserve(_ texts: Int, for admission: Admission) throws(SchedulingError) {
        try monitor.withLock { (state) throws(SchedulingError) in
            if state.isClosed { throw .closed }
            guard state.waitingTexts + state.reservedTexts + texts <= capacity else {
                throw .full(retryAfter: retryAfter(state))
            }
            admission.reserved += texts
            state.reservedTexts += texts
        }
    }

    /// Gives back the room that was not needed.
    package func release(_ admission: Admission) {
        monitor.withLock { state in
            state.reservedTexts -= admission.reserved
            admission.reserved = 0
        }
    }
}
