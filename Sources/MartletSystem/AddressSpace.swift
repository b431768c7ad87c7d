/// The addresses that the process may use, which `ulimit -v` and some batch systems limit.
package enum AddressSpace {
    /// Bytes, when the process began; nil: there is no limit.
    package static let limit: Int? = {
        var limit = rlimit()
        #if canImport(Glibc)
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
        #else
        guard getrlimit(RLIMIT_AS, &limit) == 0 else { return nil }
        #endif
        return limit.rlim_cur < UInt64(Int.max) / 2 ? Int(limit.rlim_cur) : nil
    }()

    /// Whether the process may use so few addresses that threads get fewer.
    static let isFew = isFew(limit: limit)

    static func isFew(limit: Int?) -> Bool { limit.map { $0 < 8 << 30 } ?? false }

    /// Of a thread: glibc's usual size, or less where addresses are few.
    package static let stackBytes = isFew ? 2 << 20 : 8 << 20

    /// Whether the system would map so many bytes more now. Without a limit it is not asked.
    package static func hasRoom(for bytes: Int) -> Bool {
        guard limit != nil, bytes > 0 else { return true }
        #if canImport(Darwin)
        let flags = MAP_PRIVATE | MAP_ANON
        #else
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        #endif
        guard let pages = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0), pages != MAP_FAILED else {
            return false
        }
        munmap(pages, bytes)
        return true
    }

    /// Where addresses are few, makes threads use fewer: all share the heaps of malloc, of which glibc
    /// otherwise reserves 64 MiB of addresses for each thread, and their stacks are smaller. Call it before
    /// the process starts threads.
    package static func save() {
        #if canImport(Glibc)
        guard isFew else { return }
        // glibc's module for Swift has neither function.
        typealias MallOpt = @convention(c) (Int32, Int32) -> Int32
        typealias SetDefault = @convention(c) (UnsafePointer<pthread_attr_t>) -> Int32
        let arenasAtMost: Int32 = -8
        if let function = dlsym(nil, "mallopt") {
            _ = unsafeBitCast(function, to: MallOpt.self)(arenasAtMost, 1)
        }
        guard let function = dlsym(nil, "pthread_setattr_default_np") else { return }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackBytes)
        _ = unsafeBitCast(function, to: SetDefault.self)(&attributes)
        #endif
    }
}
