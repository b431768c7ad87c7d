#if Server

internal import MartletSystem

/// Where one request stands with the queue if its texts come in several submissions: whether there is room for all of them, and whether
/// any has run. The queue's lock guards what changes.
final class Admission: @unchecked Sendable {
    /// Texts that have room and are still to come.
    var reserved = 0
    /// Whether a text has run: the request waits no longer.
    var hasBegun = false
}

extension BatchQueue {
    /// Keeps room for texts that come later, so that a request is refused whole or not at all. `release` ends it.
    func reserve(_ texts: Int, for admission: Admission) throws(QueueError) {
        try monitor.withLock { (state) throws(QueueError) in
            if state.isClosed { throw .closed }
            guard state.waitingTexts + state.reservedTexts + texts <= capacity else { throw .full(retryAfter: retryAfter(state)) }
            admission.reserved += texts
            state.reservedTexts += texts
        }
    }

    /// Gives back the room that was not needed.
    func release(_ admission: Admission) {
        monitor.withLock { state in
            state.reservedTexts -= admission.reserved
            admission.reserved = 0
        }
    }
}

#endif
