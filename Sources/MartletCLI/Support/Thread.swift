#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A thread of its own for work that blocks in the kernel, which the cooperative pool must not.
enum Thread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts `body` on a detached thread.
    static func start(_ body: @escaping @Sendable () -> Void) throws(CommandError) {
        let owner = Unmanaged.passRetained(Body(body))
        let code = create(owner.toOpaque())
        if code != 0 {
            owner.release()
            throw CommandError.system("cannot start a thread", code: code)
        }
    }

    private static func create(_ argument: UnsafeMutableRawPointer) -> Int32 {
        #if canImport(Darwin)
            var thread: pthread_t?
            let code = pthread_create(&thread, nil, threadEntry, argument)
            if code == 0, let thread { pthread_detach(thread) }
        #else
            var thread = pthread_t()
            let code = pthread_create(&thread, nil, threadEntry, argument)
            if code == 0 { pthread_detach(thread) }
        #endif
        return code
    }

    fileprivate static func run(_ argument: UnsafeMutableRawPointer) {
        Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
    }
}

#if canImport(Darwin)
    private func threadEntry(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        Thread.run(argument)
        return nil
    }
#else
    private func threadEntry(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let argument { Thread.run(argument) }
        return nil
    }
#endif
