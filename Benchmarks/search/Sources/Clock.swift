import MartletCompute
import MartletSystem
import Synchronization

/// Milliseconds.
enum Clock {
    /// Of all threads of this process.
    static func cpu() -> Double { read(CLOCK_PROCESS_CPUTIME_ID) }
    static func wall() -> Double { read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }
}

/// What many calls took, by the clock and in time of the processor, which other work on the machine changes
/// little.
struct Timing {
    private var wall: [Double] = []
    private var cpu: [Double] = []

    static func of(_ count: Int, warm: Int = 20, _ body: (Int) throws -> Void) rethrows -> Timing {
        for index in 0..<warm { try body(index) }
        var timing = Timing()
        for index in 0..<count {
            let (began, spent) = (Clock.wall(), Clock.cpu())
            try body(index)
            timing.wall.append(Clock.wall() - began)
            timing.cpu.append(Clock.cpu() - spent)
        }
        timing.wall.sort()
        timing.cpu.sort()
        return timing
    }

    var median: Double { wall[wall.count / 2] }
    var cpuMedian: Double { cpu[cpu.count / 2] }

    var text: String {
        func at(_ values: [Double], _ share: Double) -> String {
            decimals(values[min(values.count - 1, Int(Double(values.count) * share))])
        }
        return "p50 \(at(wall, 0.5)) ms, p99 \(at(wall, 0.99)); CPU p50 \(at(cpu, 0.5)), p99 \(at(cpu, 0.99))"
    }
}

func decimals(_ value: Double, _ digits: Int = 2) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = Int((abs(value) * scale).rounded())
    if digits == 0 { return "\(value < 0 ? "-" : "")\(whole)" }
    let rest = String(whole % Int(scale))
    let sign = value < 0 ? "-" : ""
    return "\(sign)\(whole / Int(scale)).\(String(repeating: "0", count: digits - rest.count))\(rest)"
}

/// The process's memory, as the kernel counts it.
enum Memory {
    /// MiB that are of this process alone: not those of mapped files.
    static var own: Double { field("RssAnon:") }
    static var resident: Double { field("VmRSS:") }

    private static func field(_ name: String) -> Double {
        let descriptor = open("/proc/self/status", O_RDONLY)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = read(descriptor, &bytes, bytes.count)
        let text = String(decoding: bytes[..<max(0, count)], as: UTF8.self)
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            let number = line.drop { !$0.isNumber }.prefix { $0.isNumber }
            return (Double(number) ?? 0) / 1024
        }
        return 0
    }

    /// The most MiB that `body` adds to the process's own memory, looked at every millisecond.
    static func growth(_ body: () throws -> Void) throws -> Double {
        let before = own
        let watch = Watch()
        let thread = try POSIXThread {
            while !watch.isDone.load(ordering: .relaxed) {
                watch.peak.withLock { $0 = max($0, own) }
                usleep(1000)
            }
        }
        defer {
            watch.isDone.store(true, ordering: .relaxed)
            thread.join()
        }
        try body()
        return max(0, max(own, watch.peak.withLock { $0 }) - before)
    }

    private final class Watch: Sendable {
        let isDone = Atomic(false)
        let peak = Mutex(0.0)
    }
}
