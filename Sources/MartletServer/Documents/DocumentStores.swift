#if Server

internal import HTTPTypes
internal import Logging
internal import Martlet
internal import MartletChunking
internal import MartletIndex
internal import MartletJSON
internal import MartletSystem
internal import NIOCore
import Synchronization

/// OpenAI's vector stores over the collections of the server's folder.
///
/// What is asked for is durable before it is answered; files are then read one after the other, in the lane
/// of bulk work. A server that ends in the middle goes on when a request asks for the store again: chunks
/// have the same names each time.
final class DocumentStores: Sendable {
    let files: UploadedFiles
    private let folder: String
    private let collections: CollectionStore
    private let state = Mutex(State())

    private struct State {
        /// Nil until the folder was read.
        var stores: [String: DocumentStore]?
        /// Stores whose files are being read, with the time of the last write of what is known of them.
        var running: [String: UInt64] = [:]
    }

    init(_ collections: CollectionStore) {
        self.collections = collections
        folder = collections.folder + "/vector_stores"
        files = UploadedFiles(folder: collections.folder + "/files")
    }

    private func path(_ id: String) -> String { "\(folder)/\(id).json" }

    // MARK: Stores. These calls read and write files: they block.

    private func withStores<Result>(_ body: (inout [String: DocumentStore]) throws(ServiceError) -> Result)
        throws(ServiceError) -> Result
    {
        try state.withLock { (state) throws(ServiceError) in
            var stores = state.stores ?? [:]
            if state.stores == nil {
                for name in try JSONFile.names(in: folder, ending: ".json") {
                    guard let value = try JSONFile(path: path(name)).read(),
                        let store = DocumentStore(saved: value)
                    else {
                        throw ServiceError(.storage, "\(path(name)) describes no vector store: it is damaged")
                    }
                    stores[store.id] = store
                }
            }
            // One owner while it changes.
            state.stores = nil
            defer { state.stores = stores }
            return try body(&stores)
        }
    }

    var all: [DocumentStore] {
        get throws(ServiceError) { try withStores { stores in Array(stores.values) } }
    }

    /// Whether there is a store of this name.
    func holds(_ id: String) throws(ServiceError) -> Bool { try withStores { stores in stores[id] != nil } }

    func store(_ id: String) throws(ServiceError) -> DocumentStore {
        try withStores { (stores) throws(ServiceError) in
            guard let store = stores[id] else { throw Self.notFound(id) }
            return store
        }
    }

    func create(_ store: DocumentStore, _ settings: CollectionSettings) throws(ServiceError) {
        try JSONFile.makeFolder(folder)
        _ = try collections.create(store.id, settings)
        try withStores { (stores) throws(ServiceError) in
            try JSONFile(path: path(store.id)).write(store.saved)
            stores[store.id] = store
        }
    }

    /// Changes what is known of a store, durably.
    func update<Result>(_ id: String, _ body: (inout DocumentStore) throws(ServiceError) -> Result)
        throws(ServiceError) -> Result
    {
        try withStores { (stores) throws(ServiceError) in
            guard var store = stores[id] else { throw Self.notFound(id) }
            let result = try body(&store)
            try JSONFile(path: path(id)).write(store.saved)
            stores[id] = store
            return result
        }
    }

    func delete(_ id: String) throws(ServiceError) {
        try withStores { (stores) throws(ServiceError) in
            guard stores[id] != nil else { throw Self.notFound(id) }
            do throws(ServiceError) { try collections.delete(id) } catch {
                if error.kind != .notFound { throw error }
            }
            unlink(path(id))
            stores[id] = nil
        }
    }

    static func notFound(_ id: String) -> ServiceError {
        ServiceError(.notFound, "there is no vector store \(id.quotedForMessage)")
    }

    static func noFile(_ id: String, _ store: String) -> ServiceError {
        ServiceError(.notFound, "the vector store \(store) has no file \(id.quotedForMessage)")
    }

    /// Removes a file's chunks, and then what is known of it.
    func remove(_ file: String, from id: String) throws(ServiceError) {
        let entry = try store(id).entries[file]
        guard let entry else { throw Self.noFile(file, id) }
        try removeChunks(of: entry, in: id)
        try update(id) { store in
            store.entries[file] = nil
        }
    }

    func removeChunks(of entry: DocumentStore.Entry, in id: String) throws(ServiceError) {
        guard entry.chunks > 0 else { return }
        let ids = (0..<entry.chunks).map { "\(entry.id)#\($0)" }
        try collections.collection(id).write(at: collections.clock.now()) { (writer) throws(IndexError) in
            _ = try writer.remove(ids: ids)
        }
    }

    // MARK: Reading files

    /// Begins to read files that wait, unless somebody does already.
    func read(_ id: String, _ server: ServerCore) {
        let isFree = state.withLock { state in
            defer { state.running[id] = state.running[id] ?? 0 }
            return state.running[id] == nil
        }
        guard isFree else { return }
        Task.detached { [self] in await readAll(id, server) }
    }

    private func readAll(_ id: String, _ server: ServerCore) async {
        while true {
            let next: (entry: DocumentStore.Entry, store: DocumentStore)? = state.withLock { state in
                if let store = state.stores?[id], let entry = store.next { return (entry, store) }
                state.running[id] = nil
                return nil
            }
            guard let next else { break }
            var read: Reading
            do {
                read = try await reading(of: next.entry, in: id, server)
            } catch let error as ServiceError where error.retryAfter != nil {
                try? await Task.sleep(for: .seconds(error.retryAfter ?? 1))
                continue
            } catch let error as ServiceError where error.kind == .unavailable || error.kind == .cancelled {
                // The server stops; the file is read when it runs again.
                state.withLock { $0.running[id] = nil }
                return
            } catch {
                let message =
                    (error as? ServiceError)?.message ?? (error as? MartletError)?.message
                    ?? (error as? ChunkingError)?.message
                if message == nil {
                    server.logger.error(
                        "a file cannot be read", metadata: ["file": "\(next.entry.id)", "error": "\(error)"])
                }
                let isTheirs = (error as? ServiceError)?.kind == .invalid || error is ChunkingError
                read = Reading(
                    failure: (
                        isTheirs ? "invalid_file" : "server_error",
                        message ?? "the server failed; its log has the reason"
                    ))
            }
            let result = read
            do {
                try await collections.commits.run(bytes: .max) { [self] () throws(ServiceError) in
                    try keep(result, of: next.entry, in: id)
                }
            } catch {
                // The file still waits, and the next write would fail, too: on a full disk, for example. It is
                // read again when a request asks for the store.
                state.withLock { $0.running[id] = nil }
                // A store that was deleted meanwhile needs nothing.
                if (error as? ServiceError)?.kind == .notFound { return }
                server.logger.error(
                    "what was read of a file cannot be kept",
                    metadata: [
                        "store": "\(id)", "file": "\(next.entry.id)",
                        "error": "\((error as? ServiceError)?.message ?? "\(error)")",
                    ])
                return
            }
        }
    }

    /// Changes what is known of a store, and writes it at most once a second while more files wait: reading
    /// one again gives the same.
    private func progress(_ id: String, _ body: (inout DocumentStore) -> Bool) throws(ServiceError) -> Bool {
        let now = collections.clock.now()
        return try state.withLock { (state) throws(ServiceError) in
            guard var store = state.stores?[id] else { return false }
            let result = body(&store)
            if store.next == nil || now &- (state.running[id] ?? 0) > Self.pause {
                try JSONFile(path: path(id)).write(store.saved)
                state.running[id] = now
            }
            state.stores?[id] = store
            return result
        }
    }

    private static let pause: UInt64 = 1_000_000_000

    /// What reading a file gave.
    private struct Reading: Sendable {
        var records: [Record] = []
        var bytes = 0
        var failure: (code: String, message: String)?
        var identity: CollectionIdentity?
    }

    private func keep(_ read: Reading, of entry: DocumentStore.Entry, in id: String) throws(ServiceError) {
        // Cancelled or removed meanwhile: nothing of it is kept.
        func isWanted(_ store: DocumentStore) -> Bool {
            store.entries[entry.id].map { $0.serial == entry.serial && $0.status == .inProgress } ?? false
        }
        guard isWanted(try store(id)) else { return }
        var failure = read.failure
        if failure == nil {
            let stale =
                read.records.count < entry.chunks
                ? (read.records.count..<entry.chunks).map { "\(entry.id)#\($0)" } : []
            do throws(ServiceError) {
                try collections.collection(id).write(at: collections.clock.now()) {
                    (writer) throws(IndexError) in
                    try writer.change(
                        adding: read.records, removing: stale, identity: read.identity, notes: nil)
                }
            } catch {
                failure = (error.kind == .invalid ? "invalid_file" : "server_error", error.message)
            }
        }
        let wasKept = try progress(id) { store in
            guard isWanted(store) else { return false }
            store.entries[entry.id]?.failure = failure
            store.entries[entry.id]?.status = failure == nil ? .completed : .failed
            store.entries[entry.id]?.bytes = read.bytes
            store.entries[entry.id]?.chunks = failure == nil ? read.records.count : entry.chunks
            return true
        }
        if !wasKept, failure == nil {
            var gone = entry
            gone.chunks = read.records.count
            try removeChunks(of: gone, in: id)
        }
    }

    private static let chunksAtOnce = 256

    private func reading(of entry: DocumentStore.Entry, in id: String, _ server: ServerCore) async throws
        -> Reading
    {
        let (file, content) = (try files.file(entry.id), try files.content(of: entry.id))
        guard !content.contains(0), let text = String(validating: content, as: UTF8.self) else {
            return Reading(
                failure: (
                    "unsupported_file",
                    "\(file.name) is no text in UTF-8; convert it to text, Markdown or HTML first"
                ))
        }
        let settings = try collections.collection(id).newest().settings
        let counter = try await server.service.tokenCounter(for: settings)
        let chunks = try await entry.strategy.chunker.chunks(
            of: Document(text, name: file.name), measuring: counter
        )
        .filter { chunk in !chunk.text.allSatisfy(\.isWhitespace) }
        var attributes: [String: FieldValue] = [:]
        for member in entry.attributes.members {
            attributes[DocumentFilter.field(member.key, holding: member.value)] = DocumentFilter.value(
                member.value)
        }
        var read = Reading(identity: settings.identity)
        for start in stride(from: 0, to: chunks.count, by: Self.chunksAtOnce) {
            let part = chunks[start..<min(start + Self.chunksAtOnce, chunks.count)]
            let outcome = try await server.service.vectors(
                of: part.map(\.text), as: .document, for: settings, parameter: "file", model: nil,
                Call(background: server))
            for (chunk, row) in zip(part, outcome.rows) {
                var fields = attributes
                fields["file_id"] = .string(file.id)
                fields["source"] = .string(file.name)
                fields["line"] = .integer(chunk.line)
                if !chunk.headings.isEmpty {
                    fields["heading"] = .string(chunk.headings.joined(separator: " › "))
                }
                read.records.append(
                    Record(
                        id: "\(file.id)#\(read.records.count)", text: chunk.text, vector: row, fields: fields)
                )
                read.bytes += chunk.text.utf8.count + settings.dimensions * 2
            }
        }
        return read
    }
}

extension Call {
    /// Work that no request waits for: bulk, and without a client that could go away.
    init(background server: ServerCore) {
        self.init(
            server: server, head: HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/"),
            body: ByteBuffer(), parameters: [:],
            started: server.clock.now(), record: CallRecord(), trace: nil, connection: nil, isInParts: true)
    }
}

#endif
