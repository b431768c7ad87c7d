internal import MartletSystem

/// What a thread works out while the one that asked goes on.
package final class Concurrent<Value: Sendable, Failure: Error>: Sendable {
    private let outcome: Outcome
    private let thread: Locked<POSIXThread?>

    /// - Parameter onThread: Whether `body` runs at once on a thread of its own; else, and where the system
    ///   has no thread to give, it runs when the value is asked for.
    package init(onThread: Bool, _ body: @escaping @Sendable () throws(Failure) -> Value) {
        let outcome = Outcome(body)
        self.outcome = outcome
        thread = Locked(onThread ? try? POSIXThread { outcome.settle() } : nil)
    }

    deinit { thread.withLock { $0?.detach() } }

    /// The value, or what `body` threw, once it has ended.
    package func value() throws(Failure) -> Value {
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
        return try outcome.settle().get()
    }

    private final class Outcome: Sendable {
        private let body: @Sendable () throws(Failure) -> Value
        private let result = Locked<Result<Value, Failure>?>(nil)

        init(_ body: @escaping @Sendable () throws(Failure) -> Value) { self.body = body }

        @discardableResult
        func settle() -> Result<Value, Failure> {
            result.withLock { result in
                if let result { return result }
                let made: Result<Value, Failure>
                do throws(Failure) { made = .success(try body()) } catch { made = .failure(error) }
                result = made
                return made
            }
        }
    }
}
