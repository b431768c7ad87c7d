/// Whether a job may run now.
package protocol RunCondition: Sendable {
    /// Why the job waits, as "the machine runs on its battery"; nil: it may run.
    /// - Parameter isRunning: Whether the job runs, and is part of what it measures.
    func reasonToWait(isRunning: Bool) -> String?
}

/// The conditions of this system.
package enum SystemConditions {
    /// The machine has power from outside; nil: the system does not tell in a way that is read here.
    package static var charging: (any RunCondition)? {
        #if os(Linux)
        ChargingCondition()
        #elseif os(macOS)
        MacChargingCondition()
        #else
        nil
        #endif
    }

    /// Nothing else needs the machine's cores or memory, and nobody uses it; nil: the system does not tell in
    /// a way that is read here.
    /// - Parameter cores: Cores that the job uses.
    package static func idle(cores: Int) -> (any RunCondition)? {
        #if os(Linux)
        IdleCondition(cores: cores)
        #elseif os(macOS)
        MacIdleCondition(cores: cores)
        #else
        nil
        #endif
    }
}
