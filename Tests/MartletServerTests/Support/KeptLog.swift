#if Server

import Logging
import Synchronization

/// A log handler that keeps what is logged.
struct KeptLog: LogHandler {
    private final class Store: Sendable { let events = Mutex<[LogEvent]>([]) }

    private let store = Store()
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    var events: [LogEvent] { store.events.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { store.events.withLock { $0.append(event) } }
}

#endif
