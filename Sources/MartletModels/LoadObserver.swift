internal import MartletSystem

/// What an encoder's building does at the moment.
package enum LoadStep: Sendable, Hashable {
    /// Measures the scales of int8: layers done, of all.
    case measuring(done: Int, all: Int)
    /// Packs matrices: done, of all.
    case packing(done: Int, all: Int)
}

/// Hears what an encoder's building does, and can end it.
package struct LoadObserver: Sendable {
    private let report: @Sendable (LoadStep) -> Void
    private let isCancelled: @Sendable () -> Bool

    /// Hears nothing and ends nothing.
    package static let none = LoadObserver()

    /// - Parameters:
    ///   - isCancelled: Asked between layers and matrices, on any thread: true ends the building with
    ///     ``ModelError/Code/cancelled``.
    ///   - report: Called before each step, on any thread, one call at a time.
    package init(
        isCancelled: @escaping @Sendable () -> Bool = { false },
        report: @escaping @Sendable (LoadStep) -> Void = { _ in }
    ) {
        self.isCancelled = isCancelled
        self.report = report
    }

    /// Counts steps of one kind.
    func counting(_ all: Int, _ step: @escaping @Sendable (_ done: Int, _ all: Int) -> LoadStep) -> Counter {
        Counter(observer: self, all: all, step: step)
    }

    struct Counter: Sendable {
        fileprivate let observer: LoadObserver
        fileprivate let all: Int
        fileprivate let step: @Sendable (_ done: Int, _ all: Int) -> LoadStep
        private let done = Locked(0)

        fileprivate init(observer: LoadObserver, all: Int, step: @escaping @Sendable (Int, Int) -> LoadStep) {
            (self.observer, self.all, self.step) = (observer, all, step)
        }

        /// Reports that the next step begins, unless the building is to end.
        func step(_ file: String) throws(ModelError) {
            guard !observer.isCancelled() else {
                throw ModelError(.cancelled, "\(file): loading was cancelled", file: file)
            }
            done.withLock { done in
                observer.report(step(done, all))
                done += 1
            }
        }
    }
}
