#if Server

internal import MartletIndex
import Synchronization

/// A collection that the server has open, and its writer while it changes.
final class OpenCollection: Sendable {
    let name: String
    let collection: SearchCollection
    /// Held for as long as a commit takes, by those that write.
    private let state = Mutex(State())
    /// Searches ask it without waiting for a commit.
    private let isDeleted = Atomic(false)

    private struct State {
        var writer: CollectionWriter?
        var lastUsed: UInt64 = 0
    }

    init(name: String, collection: SearchCollection) {
        self.name = name
        self.collection = collection
    }

    /// The newest commit, of whichever process.
    func snapshot() async throws -> Snapshot {
        // It maps and reads files: not on the loop that all connections share.
        try await withTaskExecutorPreference(globalConcurrentExecutor) { try newest() }
    }

    /// The same on the calling thread.
    func newest() throws(ServiceError) -> Snapshot {
        if isDeleted.load(ordering: .acquiring) { throw CollectionStore.notFound(name) }
        do throws(IndexError) { return try collection.snapshot() } catch { throw ServiceError(error) }
    }

    /// Calls `body` with the writer, which is kept for the next call.
    func write<Value: Sendable>(at now: UInt64, _ body: (CollectionWriter) throws(IndexError) -> Value)
        throws(ServiceError) -> Value
    {
        try state.withLock { (state) throws(ServiceError) in
            if isDeleted.load(ordering: .acquiring) { throw CollectionStore.notFound(name) }
            do throws(IndexError) {
                let writer = if let writer = state.writer { writer } else { try collection.writer() }
                state.writer = writer
                state.lastUsed = now
                return try body(writer)
            } catch {
                // A writer that failed to write refuses to go on; the next call opens another.
                if error.code == .io || error.code == .damaged { state.writer = nil }
                throw ServiceError(error)
            }
        }
    }

    /// Gives the collection back to other processes if nobody has written since a time. It waits for nothing.
    func releaseWriter(unusedSince time: UInt64) {
        // A writer that is in use is not unused.
        _ = state.withLockIfAvailable { state in
            // The end of a writer waits for its merge, which takes minutes for a large collection.
            guard state.lastUsed < time, state.writer?.isMerging == false else { return }
            state.writer = nil
        }
    }

    /// Calls `body` while nobody writes; afterwards nobody reads or writes.
    func close(_ body: () throws(ServiceError) -> Void) throws(ServiceError) {
        try state.withLock { (state) throws(ServiceError) in
            if isDeleted.load(ordering: .acquiring) { throw CollectionStore.notFound(name) }
            do throws(IndexError) {
                // Another process may be writing.
                if state.writer == nil { state.writer = try collection.writer() }
            } catch {
                guard error.code != .damaged, error.code != .unsupportedVersion else { return try body() }
                throw ServiceError(error)
            }
            try body()
            isDeleted.store(true, ordering: .releasing)
            state.writer = nil
        }
    }
}

extension ServiceError {
    /// What an index says about a request.
    init(_ error: IndexError, parameter: String? = nil) {
        let (kind, usual): (Kind, String?) =
            switch error.code {
            case .invalidRecord: (.invalid, "records")
            case .invalidFilter: (.invalid, "filter")
            case .invalidOption: (.invalid, nil)
            case .identityMismatch, .alreadyExists, .locked: (.conflict, nil)
            case .notFound: (.notFound, nil)
            case .io, .damaged, .unsupportedVersion: (.storage, nil)
            }
        self.init(kind, error.message, parameter: parameter ?? usual, inputIndex: error.position)
    }
}

#endif
