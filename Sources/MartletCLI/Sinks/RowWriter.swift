#if Command

import Synchronization

/// The sink behind a lock: rows come from the writing thread, and an interruption ends the output from another.
///
/// Sendable because the sink is only touched while the mutex is held.
final class RowWriter: @unchecked Sendable {
    private let lock = Mutex<Void>(())
    private var sink: any Sink
    private var isEnded = false

    init(_ sink: any Sink) { self.sink = sink }

    /// Writes and flushes whole rows.
    func write(_ records: [Record], _ rows: Rows) throws(OutputError) {
        let result: Result<Void, OutputError> = lock.withLock { _ in
            guard !isEnded else { return .success(()) }
            do throws(OutputError) {
                for (row, record) in records.enumerated() { try sink.write(record, rows, row: row) }
                try sink.flush()
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Ends the output once; later calls do nothing.
    func end() throws(OutputError) {
        let result = lock.withLock { _ in endLocked() }
        try result.get()
    }

    /// As `end`, but gives up after `seconds`: the writing thread may be stuck in a pipe that nobody reads.
    func endIfFree(within seconds: Double) {
        let deadline = System.seconds() + seconds
        while lock.withLockIfAvailable({ _ in endLocked() }) == nil, System.seconds() < deadline { System.sleep(seconds: 0.005) }
    }

    private func endLocked() -> Result<Void, OutputError> {
        guard !isEnded else { return .success(()) }
        isEnded = true
        do throws(OutputError) {
            return .success(try sink.end())
        } catch {
            return .failure(error)
        }
    }
}

#endif
