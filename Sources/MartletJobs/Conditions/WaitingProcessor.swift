import MartletData
import Synchronization

/// Waits before each call until all conditions let the job run. It looks again every second, and says when it
/// begins and ends to wait.
///
/// Calls take about half a second, so a job pauses within a second also where a batch takes minutes.
package struct WaitingProcessor: TextProcessor {
    private let base: any TextProcessor<VectorRows>
    private let conditions: [any RunCondition]
    private let sleep: @Sendable (Duration) async throws -> Void
    /// nil: the job goes on.
    private let tell: @Sendable (String?) -> Void
    private let speed = Speed()

    /// Texts of the last call for each second that it took.
    private final class Speed: Sendable {
        private let textsOfCall = Atomic(8)
        var texts: Int { textsOfCall.load(ordering: .relaxed) }

        func observe(_ texts: Int, _ duration: Duration) {
            let (seconds, attoseconds) = duration.components
            let fitting = Double(texts) * 0.5 / max(Double(seconds) + Double(attoseconds) * 1e-18, 1e-6)
            textsOfCall.store(max(1, min(Int(fitting), 4 * max(texts, 8))), ordering: .relaxed)
        }
    }

    package init(
        _ base: any TextProcessor<VectorRows>, while conditions: [any RunCondition],
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        tell: @escaping @Sendable (String?) -> Void
    ) {
        self.base = base
        self.conditions = conditions
        self.sleep = sleep
        self.tell = tell
    }

    package func count(ofFirst records: ArraySlice<Record>) -> Int {
        min(base.count(ofFirst: records), speed.texts)
    }

    package func process(_ texts: [String]) async throws -> Processed<VectorRows> {
        var told: String?
        while let reason = reasonToWait(isRunning: told == nil) {
            if told != reason { tell(reason) }
            told = reason
            try await sleep(.seconds(1))
        }
        if told != nil { tell(nil) }
        let began = ContinuousClock.now
        let result = try await base.process(texts)
        speed.observe(texts.count, ContinuousClock.now - began)
        return result
    }

    private func reasonToWait(isRunning: Bool) -> String? {
        for condition in conditions {
            if let reason = condition.reasonToWait(isRunning: isRunning) { return reason }
        }
        return nil
    }
}
