internal import CMartletKernels
internal import MartletSystem

/// The system refused a thread. `code` is the `errno` value that says why.
package struct ThreadError: Error, Sendable {
    package let code: Int32

    /// In words, with what may be done.
    package var reason: String {
        let name = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        return
            "the system refuses a thread (\(name)); raise its limit of threads (ulimit -u) or of address space (ulimit -v), or use fewer"
    }
}

/// A thread of the operating system that runs one function. Either `join` or `detach` it, once.
package struct POSIXThread {
    private let handle: pthread_t

    /// Starts `body` on a new thread.
    package init(_ body: @escaping @Sendable () -> Void) throws(ThreadError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        // Glibc's usual size; the 128 KiB of Musl and the 512 KiB of Darwin are tight. Only what is touched
        // costs memory.
        pthread_attr_setstacksize(&attributes, AddressSpace.stackBytes)
        let start = Unmanaged.passRetained(Start(body))
        // A number for Glibc, a pointer elsewhere.
        #if canImport(Glibc)
        var made = pthread_t()
        #else
        var made: pthread_t?
        #endif
        let code = pthread_create(&made, &attributes, run, start.toOpaque())
        guard code == 0, let made = made as pthread_t? else {
            start.release()
            throw ThreadError(code: code)
        }
        handle = made
    }

    /// Keeps the calling thread on some processors. False where the system does not do it.
    @discardableResult
    package static func stay(on processors: [Int]) -> Bool {
        mk_stay_on(processors.map { Int32(clamping: $0) }, Int32(clamping: processors.count))
    }

    /// Waits until the thread has ended. Not from the thread itself.
    package func join() { pthread_join(handle, nil) }

    /// Lets the thread end on its own.
    package func detach() { pthread_detach(handle) }
}

private final class Start {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

#if canImport(Darwin)
private func run(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
    return nil
}
#else
private func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body() }
    return nil
}
#endif
