/// The addresses that the process may use, which `ulimit -v` and some batch systems limit.
package enum AddressSpace {
    /// Bytes; nil: there is no limit.
    package static var limit: Int? {
        var limit = rlimit()
        #if canImport(Glibc)
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
        #else
        guard getrlimit(RLIMIT_AS, &limit) == 0 else { return nil }
        #endif
        return limit.rlim_cur < UInt64(Int.max) / 2 ? Int(limit.rlim_cur) : nil
    }

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

    /// Where addresses are limited, lets all threads share the heaps of malloc: glibc reserves 64 MiB of
    /// addresses for each thread else. To be called before there are threads.
    package static func shareHeaps() {
        #if canImport(Glibc)
        // mallopt's M_ARENA_MAX; glibc's module for Swift has neither.
        let (arenasAtMost, fewAddresses): (Int32, Int) = (-8, 8 << 30)
        guard let limit, limit < fewAddresses, let function = dlsym(nil, "mallopt") else { return }
        let mallopt = unsafeBitCast(function, to: (@convention(c) (Int32, Int32) -> Int32).self)
        _ = mallopt(arenasAtMost, 1)
        #endif
    }
}
