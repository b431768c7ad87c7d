import MartletData

/// Waits before each call until all conditions let the job run. It looks again every second, and says when it
/// begins and ends to wait.
package struct WaitingProcessor: TextProcessor {
    private let base: any TextProcessor<VectorRows>
    private let conditions: [any RunCondition]
    private let sleep: @Sendable (Duration) async throws -> Void
    /// nil: the job goes on.
    private let tell: @Sendable (String?) -> Void

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

    package func count(ofFirst records: ArraySlice<Record>) -> Int { base.count(ofFirst: records) }

    package func process(_ texts: [String]) async throws -> Processed<VectorRows> {
        var told: String?
        while let reason = reasonToWait(isRunning: told == nil) {
            if told != reason { tell(reason) }
            told = reason
            try await sleep(.seconds(1))
        }
        if told != nil { tell(nil) }
        return try await base.process(texts)
    }

    private func reasonToWait(isRunning: Bool) -> String? {
        for condition in conditions {
            if let reason = condition.reasonToWait(isRunning: isRunning) { return reason }
        }
        return nil
    }
}
