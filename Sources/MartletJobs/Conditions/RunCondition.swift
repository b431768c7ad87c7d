/// Whether a job may run now.
package protocol RunCondition: Sendable {
    /// Why the job waits, as "the machine runs on its battery"; nil: it may run.
    /// - Parameter isRunning: Whether the job runs, and is part of what it measures.
    func reasonToWait(isRunning: Bool) -> String?
}

/// The machine has power from outside, as Linux tells in `/sys/class/power_supply`.
///
/// A machine without a battery always has.
package struct ChargingCondition: RunCondition {
    private let files: SystemFiles

    package init(_ files: SystemFiles = SystemFiles()) { self.files = files }

    package func reasonToWait(isRunning: Bool) -> String? {
        let folder = "sys/class/power_supply"
        var hasBattery = false
        for name in files.names(in: folder) {
            func value(_ member: String) -> String? { files.line("\(folder)/\(name)/\(member)") }
            switch value("type") {
            case "Battery":
                // Batteries of mice and keyboards say "Device".
                if value("scope") != "Device", value("present") != "0" { hasBattery = true }
            case .some: if value("online") == "1" { return nil }
            case nil: continue
            }
        }
        return hasBattery ? "the machine runs on its battery" : nil
    }
}

/// Nothing else needs the machine's cores or memory, as Linux tells by pressure stall information, or by its
/// load where there is none.
///
/// <https://docs.kernel.org/accounting/psi.html>: the share of the last ten seconds in which some task
/// waited.
package struct IdleCondition: RunCondition {
    private let files: SystemFiles
    private let cores: Int

    /// A running job's own threads wait for each other, so more is let pass then.
    private static let (cpuLimit, cpuLimitWhileRunning, memoryLimit) = (10.0, 40.0, 10.0)

    package init(_ files: SystemFiles = SystemFiles(), cores: Int) {
        self.files = files
        self.cores = max(1, cores)
    }

    package func reasonToWait(isRunning: Bool) -> String? {
        if let waiting = pressure("cpu") {
            guard waiting <= (isRunning ? Self.cpuLimitWhileRunning : Self.cpuLimit) else {
                return "other programs need the cores"
            }
        } else if let line = files.line("proc/loadavg"),
            let load = line.split(separator: " ").first.flatMap({ Double($0) })
        {
            let limit = isRunning ? Double(cores) * 1.5 : Double(cores) * 0.5
            guard load <= limit else { return "other programs need the cores" }
        }
        guard pressure("memory") ?? 0 <= Self.memoryLimit else { return "memory is short" }
        return nil
    }

    /// `some avg10=1.53 avg60=…`, in percent.
    private func pressure(_ name: String) -> Double? {
        guard let line = files.line("proc/pressure/\(name)"), line.hasPrefix("some ") else { return nil }
        return line.split(separator: " ").first { $0.hasPrefix("avg10=") }.flatMap { Double($0.dropFirst(6)) }
    }
}
