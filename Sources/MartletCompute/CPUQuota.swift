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
        if let text = SmallFile.text(at: "/sys/fs/cgroup/cpu.max") { return cores(max: text) }
        let folder = "/sys/fs/cgroup/cpu/"
        guard let quota = SmallFile.text(at: folder + "cpu.cfs_quota_us"),
            let period = SmallFile.text(at: folder + "cpu.cfs_period_us")
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
}
