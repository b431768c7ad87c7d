/// Nobody uses the machine, and nothing else needs its cores or memory: sessions as logind tells, and pressure
/// stall information of Linux, or the load where there is none.
///
/// <https://docs.kernel.org/accounting/psi.html>: the share of the last ten seconds in which some task
/// waited.
package struct IdleCondition: RunCondition {
    private let files: SystemFiles
    private let cores: Int
    private let sessions: any SessionReader

    /// A running job's own threads wait for each other, so more is let pass then.
    private static let (cpuLimit, cpuLimitWhileRunning, memoryLimit) = (10.0, 40.0, 10.0)

    package init(
        _ files: SystemFiles = SystemFiles(), cores: Int, sessions: any SessionReader = LoginSessions()
    ) {
        self.files = files
        self.cores = max(1, cores)
        self.sessions = sessions
    }

    package func reasonToWait(isRunning: Bool) -> String? {
        if sessions.isInUse() == true { return "somebody uses this machine" }
        if let waiting = pressure("cpu") {
            guard waiting <= (isRunning ? Self.cpuLimitWhileRunning : Self.cpuLimit) else {
                return "other programs need the cores"
            }
        } else if let line = files.line("proc/loadavg"),
            let load = line.split(separator: " ").first.flatMap({ Double($0) })
        {
            guard Self.isLow(load, cores: cores, isRunning: isRunning) else {
                return "other programs need the cores"
            }
        }
        guard pressure("memory") ?? 0 <= Self.memoryLimit else { return "memory is short" }
        return nil
    }

    /// Whether a load average leaves room for the job.
    static func isLow(_ load: Double, cores: Int, isRunning: Bool) -> Bool {
        load <= Double(cores) * (isRunning ? 1.5 : 0.5)
    }

    /// `some avg10=1.53 avg60=…`, in percent.
    private func pressure(_ name: String) -> Double? {
        guard let line = files.line("proc/pressure/\(name)"), line.hasPrefix("some ") else { return nil }
        return line.split(separator: " ").first { $0.hasPrefix("avg10=") }.flatMap { Double($0.dropFirst(6)) }
    }
}
