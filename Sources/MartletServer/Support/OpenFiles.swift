#if Server

internal import MartletSystem

/// The system's limit of files, sockets included, that this process has open at once.
enum OpenFiles {
    /// Kept for model files, logs and what the runtime opens.
    private static let reserve = 64
    /// More than any machine serves; some systems allow a billion, which no table should be made for.
    private static let most = 1 << 17

    /// Raises the limit to what the process may set by itself.
    static func raiseLimit() {
        var limit = current()
        let wanted = min(limit.rlim_max, rlim_t(most))
        guard limit.rlim_cur < wanted else { return }
        limit.rlim_cur = wanted
        if set(limit) { return }
        #if canImport(Darwin)
        // Darwin refuses more than this whatever it reports.
        limit.rlim_cur = min(wanted, rlim_t(OPEN_MAX))
        _ = set(limit)
        #endif
    }

    /// How many connections there is room for.
    static var connections: Int {
        let limit = Int(clamping: min(current().rlim_cur, rlim_t(most)))
        return max(8, limit - min(reserve, limit / 2))
    }

    private static func current() -> rlimit {
        var limit = rlimit()
        #if canImport(Glibc)
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #else
        getrlimit(RLIMIT_NOFILE, &limit)
        #endif
        return limit
    }

    private static func set(_ limit: rlimit) -> Bool {
        var limit = limit
        #if canImport(Glibc)
        return setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        #else
        return setrlimit(RLIMIT_NOFILE, &limit) == 0
        #endif
    }
}

#endif
