import Synchronization

/// Changes a collection. There is one writer at a time, in whichever process; readers never wait for it.
///
/// Every call is one commit: when it returns, what it did is durable and is found; when it throws, or the
/// process ends, all of it or nothing has happened. After an error of the file system that leaves a commit in
/// doubt, the writer refuses to go on: open a new one.
///
/// Segments are merged on a thread of the writer's, so that no commit waits for it. The end of the writer does.
public final class CollectionWriter: Sendable {
    private let core: WriterCore
    private let merges: BackgroundMerges?

    struct State: ~Copyable {
        let collection: SearchCollection
        let folder: CollectionFolder
        /// Held until the writer ends.
        var lock: (any AnyObject & Sendable)?
        var manifest: Manifest
        var snapshot: Snapshot
        var log: any IndexFile
        var logEnd: Int
        /// Why the writer cannot go on.
        var failure: IndexError?
        /// The file of a merge under way.
        var merging: String?
        /// Why the last merge failed.
        var mergeError: IndexError?
        let limits: WriterLimits
        /// Of all segments that are made from memory.
        var analyzer: WordAnalyzer
    }

    init(_ collection: SearchCollection, limits: WriterLimits) throws(IndexError) {
        let folder = collection.folder
        guard let lock = try folder.files.lock(folder.file("lock")) else { throw .locked(collection.path) }
        let (manifest, snapshot, end) = try folder.open()
        try folder.removeOthers(than: manifest)
        let path = folder.file(manifest.log)
        let log = try folder.files.append(path)
        // A commit that was cut off was never acknowledged.
        if let size = folder.files.size(path), size > end { try log.truncate(to: end) }
        try log.sync()
        core = WriterCore(
            State(
                collection: collection, folder: folder, lock: lock, manifest: manifest, snapshot: snapshot,
                log: log, logEnd: end, limits: limits, analyzer: WordAnalyzer(snapshot.settings.language)))
        merges = limits.mergesInBackground ? BackgroundMerges(core) : nil
    }

    deinit {
        merges?.wait()
        // The thread of the merges may hold the rest for a moment longer.
        core.state.withLock { $0.lock = nil }
    }

    /// Adds records; one with the id of another replaces it. Of several with one id in the call the last
    /// counts.
    ///
    /// A few records are written to the log: milliseconds. Many become a segment at once; give them 10,000 or
    /// more at a time, which costs a few microseconds each.
    /// - Parameters:
    ///   - identity: The model that made the vectors.
    ///   - notes: Kept in the same commit, in place of earlier ones: positions in sources, for example.
    /// - Throws: ``IndexError``; nothing has changed then.
    public func add(_ records: [Record], identity: CollectionIdentity, notes: [String: String]? = nil)
        throws(IndexError)
    {
        try change(adding: records, removing: [], identity: identity, notes: notes)
    }

    /// Removes the records with these ids, if there are any.
    /// - Returns: How many there were.
    @discardableResult
    public func remove(ids: [String]) throws(IndexError) -> Int {
        defer { merges?.wake() }
        return try core.state.withLock { (state) throws(IndexError) in
            let before = state.snapshot.count
            try state.change([], ids.map { Array($0.utf8) }, nil, nil)
            return before - state.snapshot.count
        }
    }

    /// Adds and removes in one commit.
    public func change(
        adding records: [Record], removing ids: [String], identity: CollectionIdentity?,
        notes: [String: String]?
    ) throws(IndexError) {
        defer { merges?.wake() }
        try core.state.withLock { (state) throws(IndexError) in
            try state.change(records, ids.map { Array($0.utf8) }, identity, notes)
        }
    }

    /// Decides with the newest snapshot what to add, while no other call changes it.
    func change<Result>(
        _ body: (Snapshot) throws(IndexError) -> (Result, [Record])
    ) throws(IndexError) -> Result {
        defer { merges?.wake() }
        return try core.state.withLock { (state) throws(IndexError) in
            let (result, records) = try body(state.snapshot)
            if !records.isEmpty { try state.change(records, [], nil, nil) }
            return result
        }
    }

    /// Moves the log into a segment and merges all segments into one without dead rows. Memory does not grow
    /// with the vectors.
    public func compact() throws(IndexError) {
        try core.state.withLock { (state) throws(IndexError) in try state.compact() }
    }

    /// Whether a merge of segments is under way, which the end of the writer waits for.
    package var isMerging: Bool { merges?.isUnderWay ?? false }

    /// Returns when no merge of segments is under way.
    /// - Throws: Why the last merge failed, if it did. What was committed is whole all the same.
    public func waitForMerges() throws(IndexError) {
        merges?.wait()
        if let error = core.state.withLock({ $0.mergeError }) { throw error }
    }

    /// Moves the log into a segment.
    public func flush() throws(IndexError) {
        try core.state.withLock { (state) throws(IndexError) in try state.rewrite([], [], nil) }
    }

    func withState(_ body: (inout State) throws(IndexError) -> Void) throws(IndexError) {
        try core.state.withLock { (state) throws(IndexError) in try body(&state) }
    }

    /// The collection as of the last commit of this writer.
    public var snapshot: Snapshot { core.state.withLock { $0.snapshot } }
}

/// What a writer and its merges share.
final class WriterCore: Sendable {
    let state: Mutex<CollectionWriter.State>

    init(_ state: consuming sending CollectionWriter.State) { self.state = Mutex(state) }
}

extension SearchCollection {
    /// The writer of the collection.
    /// - Throws: ``IndexError``, with ``IndexError/Code/locked`` while another writer exists.
    public func writer() throws(IndexError) -> CollectionWriter {
        var limits = WriterLimits()
        limits.mergesInBackground = true
        return try CollectionWriter(self, limits: limits)
    }

    package func writer(limits: WriterLimits) throws(IndexError) -> CollectionWriter {
        try CollectionWriter(self, limits: limits)
    }
}
