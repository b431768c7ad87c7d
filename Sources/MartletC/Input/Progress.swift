import CMartlet
import MartletSystem

/// Tells the caller how far a call has come, and hears whether it is to stop.
///
/// `@unchecked` because martlet.h says that the callback may be called on other threads, one call at a time.
final class Progress: @unchecked Sendable {
    private let callback: martlet_progress?
    private let stopped = Locked(false)

    init(_ callback: UnsafePointer<martlet_progress>?) { self.callback = callback?.pointee }

    var isCancelled: Bool { stopped.withLock { $0 } }

    /// - Returns: Whether the caller wants the call to go on.
    @discardableResult
    func report(_ done: Int, of total: Int) -> Bool {
        guard let callback, let report = callback.report else { return true }
        return stopped.withLock { stopped in
            if !stopped, report(callback.context, Int64(done), Int64(total)) != 0 { stopped = true }
            return !stopped
        }
    }

    /// - Throws: ``CallError/cancelled`` if the caller asked to stop.
    func check(_ done: Int, of total: Int) throws(CallError) {
        guard report(done, of: total) else { throw .cancelled }
    }
}
