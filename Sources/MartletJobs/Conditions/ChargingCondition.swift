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
