package import MartletCompute

/// The threads that models compute on. Models of one context share them, so that two models never keep more
/// threads busy than one would.
///
/// Models use ``shared`` unless their configuration names another context or another number of threads; those
/// that ask for the same number share threads, too, and with one thread a model computes on its caller's.
/// Calls of different models take turns: a call whose texts fit in one forward pass overtakes larger ones
/// between two of their passes, and leaves them one turn in four.
public struct ComputeContext: Sendable {
    package let pool: WorkerPool

    /// The threads of the process: one for each core that it may use.
    public static var shared: ComputeContext {
        ComputeContext(pool: .shared(width: WorkerPool.usableCores()))
    }

    /// Threads apart from those of all other contexts.
    /// - Parameter threads: From 1 to 1024.
    /// - Throws: ``MartletError/Code/invalidOption`` for another number.
    public init(threads: Int) throws(MartletError) {
        try Self.check(threads)
        pool = WorkerPool(width: threads)
    }

    /// How many threads there are, that of a blocking caller included.
    public var threads: Int { pool.width }

    init(pool: WorkerPool) { self.pool = pool }

    /// The threads that a configuration asks for.
    package init(_ configuration: ModelConfiguration) throws(MartletError) {
        if let context = configuration.context {
            if let threads = configuration.threads, threads != context.threads {
                throw MartletError(
                    .invalidOption,
                    "threads \(threads): the compute context has \(context.threads); leave the number of threads out"
                )
            }
            self = context
        } else if let threads = configuration.threads {
            try Self.check(threads)
            pool = .shared(width: threads)
        } else {
            self = .shared
        }
    }

    private static func check(_ threads: Int) throws(MartletError) {
        guard (1...1024).contains(threads) else {
            throw MartletError(.invalidOption, "threads \(threads): expected 1 to 1024")
        }
    }
}

extension ComputeContext: Hashable {
    /// Whether both are the same threads.
    public static func == (first: ComputeContext, second: ComputeContext) -> Bool {
        first.pool === second.pool
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(pool)) }
}
