/// A value after a lock of the C library.
///
/// `Synchronization.Mutex` does not survive `fork` on Linux: it remembers the number that the kernel gave the
/// calling thread before the fork, and ends the process when another thread of the child meets that thread at
/// the lock. This lock works in a child, unless a thread that the child does not have held it during the
/// fork.
///
/// Sendable because the lock guards the value.
package final class Locked<Value>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    package init(_ value: sending Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Calls `body` while no other thread is inside. `body` must not call it again.
    package func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
