internal import MartletSystem

/// The share of CPU time that a container is given: more threads than it pays for would only be stopped in
/// turns.
///
/// Source: cgroup-v2.rst (`cpu.max`) and sched-bwc.rst (`cpu.cfs_quota_us`) of the Linux kernel's
/// documentation. Groups above the one that a container sees as its root are out of sight.
enum CPUQuota {
    /// Cores' worth of time that the process may use, rounded up; nil without a limit.
    static func cores() -> Int? {
        #if os(Linux)
        if let text = text(at: "/sys/fs/cgroup/cpu.max") { return cores(max: text) }
        let folder = "/sys/fs/cgroup/cpu/"
        guard let quota = text(at: folder + "cpu.cfs_quota_us"),
            let period = text(at: folder + "cpu.cfs_period_us")
        else { return nil }
        return cores(max: quota + " " + period)
        #else
        return nil
        #endif
    }

    /// From "QUOTA PERIOD" in microseconds. No limit is "max" in version 2 of control groups, and -1 in
    /// version 1.
    static func cores(max text: String) -> Int? {
        let numbers = text.split(whereSeparator: \.isWhitespace).map { Int($0) }
        guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0, period > 0
        else { return nil }
        return quota / period + (quota % period == 0 ? 0 : 1)
    }

    /// The start of a small file of the kernel's, which has no size to map it by; nil if it cannot be read.
    private static func text(at path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
        }
    }
}
