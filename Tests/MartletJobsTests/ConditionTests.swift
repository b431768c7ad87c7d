import MartletData
import MartletSystem
import MartletTestSupport
import Synchronization
import Testing

@testable import MartletJobs

/// The readers over recorded files, and the decision over a fake.
@Suite struct ConditionTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func record(_ path: String, _ text: String) throws {
        var made = folder.path
        for part in path.split(separator: "/").dropLast() {
            made += "/\(part)"
            mkdir(made, 0o700)
        }
        _ = try folder.file(path, text)
    }

    private func supply(_ name: String, _ members: [String: String]) throws {
        for (member, value) in members {
            try record("sys/class/power_supply/\(name)/\(member)", "\(value)\n")
        }
    }

    private var charging: String? {
        ChargingCondition(SystemFiles(root: folder.path)).reasonToWait(isRunning: false)
    }

    @Test func `a laptop runs while it is plugged in`() throws {
        #expect(charging == nil)  // without any supply: a desktop
        try supply("BAT0", ["type": "Battery", "present": "1", "status": "Discharging"])
        try supply("AC", ["type": "Mains", "online": "0"])
        #expect(charging == "the machine runs on its battery")
        try supply("ucsi-source-psy-USBC000:001", ["type": "USB", "online": "1"])
        #expect(charging == nil)
    }

    @Test func `the battery of a mouse is not the machine's`() throws {
        try supply("hidpp_battery_0", ["type": "Battery", "scope": "Device", "status": "Discharging"])
        #expect(charging == nil)
    }

    private struct Sessions: SessionReader {
        var inUse: Bool?
        func isInUse() -> Bool? { inUse }
    }

    private func idle(running: Bool = false, inUse: Bool? = nil) -> String? {
        IdleCondition(SystemFiles(root: folder.path), cores: 4, sessions: Sessions(inUse: inUse))
            .reasonToWait(isRunning: running)
    }

    @Test func `a person at the machine is seen by the session`() {
        #expect(idle(inUse: false) == nil && idle(inUse: nil) == nil)
        #expect(idle(inUse: true) == "somebody uses this machine")
        #expect(idle(running: true, inUse: true) == "somebody uses this machine")
    }

    private func pressure(_ name: String, _ average: String) throws {
        try record(
            "proc/pressure/\(name)",
            "some avg10=\(average) avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
        )
    }

    @Test func `other programs' work is seen by pressure`() throws {
        #expect(idle() == nil)
        try pressure("cpu", "4.50")
        try pressure("memory", "0.00")
        #expect(idle() == nil)
        try pressure("cpu", "23.17")
        #expect(idle() == "other programs need the cores" && idle(running: true) == nil)
        try pressure("cpu", "60.00")
        #expect(idle(running: true) == "other programs need the cores")
        try pressure("cpu", "0.00")
        try pressure("memory", "31.00")
        #expect(idle() == "memory is short")
    }

    @Test func `without pressure the load counts`() throws {
        try record("proc/loadavg", "1.50 0.90 0.70 2/512 4321\n")
        #expect(idle() == nil)
        try record("proc/loadavg", "5.20 0.90 0.70 2/512 4321\n")
        #expect(idle() == "other programs need the cores" && idle(running: true) == nil)
        try record("proc/loadavg", "9.00 0.90 0.70 2/512 4321\n")
        #expect(idle(running: true) == "other programs need the cores")
    }

    /// Gives one reason after the other.
    private final class Fake: RunCondition {
        let reasons: Mutex<[String?]>
        init(_ reasons: [String?]) { self.reasons = Mutex(reasons) }
        func reasonToWait(isRunning: Bool) -> String? {
            reasons.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }
    }

    @Test func `a job waits, says why once, and goes on`() async throws {
        let told = Mutex<[String?]>([])
        let pauses = Mutex(0)
        let fake = Fake([nil, "battery", "battery", "load", nil])
        let waiting = WaitingProcessor(Counting(), while: [fake, Fake([])]) { pause in
            #expect(pause == .seconds(1))
            pauses.withLock { $0 += 1 }
        } tell: { reason in
            told.withLock { $0.append(reason) }
        }
        #expect(try await waiting.process(["a"]).output.count == 1)
        #expect(told.withLock { $0 }.isEmpty)
        #expect(try await waiting.process(["a", "b"]).output.count == 2)
        #expect(told.withLock { $0 } == ["battery", "load", nil] && pauses.withLock { $0 } == 3)
    }

    /// A model that takes 50 ms for a text.
    private struct Slow: TextProcessor {
        func process(_ texts: [String]) async throws -> Processed<VectorRows> {
            try await Task.sleep(for: .milliseconds(50 * texts.count))
            return try await Counting().process(texts)
        }
    }

    @Test func `calls are short where texts take long, so that a job can pause`() async throws {
        let records = (0..<100).map { Record(text: "text \($0)", index: $0, source: "in") }[...]
        let waiting = WaitingProcessor(Slow(), while: []) { _ in }
        #expect(waiting.count(ofFirst: records) == 8)
        _ = try await waiting.process(Array(repeating: "a", count: 8))
        #expect((1...10).contains(waiting.count(ofFirst: records)))
    }
}
