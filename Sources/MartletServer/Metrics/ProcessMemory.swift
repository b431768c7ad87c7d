#if Server

internal import MartletSystem

/// What the system says of this process.
enum ProcessMemory {
    /// Resident bytes; nil where the system does not say.
    static func resident() -> Int? {
        #if os(Linux)
        guard let text = SmallFile.text(at: "/proc/self/statm") else { return nil }
        let numbers = text.split(separator: " ")
        guard numbers.count > 1, let pages = Int(numbers[1]) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
        #else
        return nil
        #endif
    }
}

#endif
