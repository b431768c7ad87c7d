#if os(macOS)

import CoreFoundation
import IOKit
import IOKit.ps
import MartletSystem

/// The machine has power from outside, as IOKit tells.
struct MacChargingCondition: RunCondition {
    /// `kIOPSTimeRemainingUnlimited` of IOPowerSources.h: there is a source of power from outside.
    private static let unlimited = -2.0

    func reasonToWait(isRunning: Bool) -> String? {
        IOPSGetTimeRemainingEstimate() == Self.unlimited ? nil : "the machine runs on its battery"
    }
}

/// Nobody has used keyboard or mouse for five minutes, and the load leaves room.
struct MacIdleCondition: RunCondition {
    let cores: Int
    private static let pause: Int64 = 300 * 1_000_000_000

    func reasonToWait(isRunning: Bool) -> String? {
        if let unused = Self.unused(), unused < Self.pause { return "somebody uses this machine" }
        var load = 0.0
        guard getloadavg(&load, 1) == 1 else { return nil }
        return IdleCondition.isLow(load, cores: cores, isRunning: isRunning)
            ? nil : "other programs need the cores"
    }

    /// Nanoseconds since the last event of keyboard or mouse: the property `HIDIdleTime` of IOHIDSystem.
    private static func unused() -> Int64? {
        let service = IOServiceGetMatchingService(kIOMainPortDefault, IOServiceMatching("IOHIDSystem"))
        guard service != 0 else { return nil }
        defer { IOObjectRelease(service) }
        guard
            let name = CFStringCreateWithCString(
                kCFAllocatorDefault, "HIDIdleTime", CFStringBuiltInEncodings.UTF8.rawValue),
            let property = IORegistryEntryCreateCFProperty(service, name, kCFAllocatorDefault, 0)?
                .takeRetainedValue(),
            CFGetTypeID(property) == CFNumberGetTypeID()
        else { return nil }
        var value: Int64 = 0
        return CFNumberGetValue(unsafeBitCast(property, to: CFNumber.self), .sInt64Type, &value) ? value : nil
    }
}

#endif
