internal import MartletSystem
import Synchronization

/// Records on disk, searched by vectors, by words and by both.
///
/// A collection is a folder of immutable segments, a short log of what came since, and a manifest. One writer
/// changes it; any number of readers, in this process and in others, search it meanwhile, each on a
/// consistent snapshot. docs/INDEX.md describes the files.
public final class SearchCollection: Sendable {
    /// The folder.
    public let path: String
    let folder: CollectionFolder
    private let state: Mutex<State>

    private struct State {
        var snapshot: Snapshot
        var log: String
        var logEnd: Int
        /// Of the manifest that the snapshot came from; nil if it has to be read to be sure.
        var stamp: FileStamp?
        /// Of the log, if more bytes follow `logEnd` and were no whole commit: a writer was cut off there.
        var logStamp: FileStamp?
    }

    // MARK: Opening

    /// Opens the collection in a folder. Files are mapped, not read: it takes milliseconds, whatever their
    /// size.
    /// - Throws: ``IndexError``.
    public convenience init(opening path: String) throws(IndexError) {
        try self.init(CollectionFolder(path: path, files: POSIXFileSystem()))
    }

    package convenience init(opening path: String, files: any IndexFileSystem) throws(IndexError) {
        try self.init(CollectionFolder(path: path, files: files))
    }

    private init(_ folder: CollectionFolder) throws(IndexError) {
        path = folder.path
        self.folder = folder
        let (manifest, snapshot, end) = try folder.open()
        state = Mutex(State(snapshot: snapshot, log: manifest.log, logEnd: end, stamp: nil))
    }

    /// Makes a new, empty collection. The folder may exist if it is empty.
    /// - Throws: ``IndexError``, with ``IndexError/Code/alreadyExists`` if the folder holds anything.
    public static func create(at path: String, settings: CollectionSettings) throws(IndexError)
        -> SearchCollection
    {
        try create(at: path, settings: settings, files: POSIXFileSystem())
    }

    package static func create(
        at path: String, settings: CollectionSettings, files: any IndexFileSystem
    ) throws(IndexError) -> SearchCollection {
        try settings.check()
        let folder = CollectionFolder(path: path, files: files)
        try files.makeFolder(path)
        guard let lock = try files.lock(folder.file("lock")) else { throw .locked(path) }
        let names = try files.names(in: path)
        if names.contains(Manifest.fileName) {
            throw IndexError(.alreadyExists, "\(path) holds a collection already", path: path)
        }
        // What a creation that ended early has left is replaced.
        guard names.allSatisfy({ $0 == "lock" || $0 == "manifest.new" || $0.hasPrefix("log-") }) else {
            throw IndexError(.alreadyExists, "\(path) is not empty; name a new folder", path: path)
        }
        var manifest = Manifest(
            generation: 1, nextFile: 1, log: "", segments: [], seed: 0x6D61_7274_6C65_7421,
            settings: settings, notes: [:])
        manifest.log = manifest.newFile("log")
        try folder.writeFile(manifest.log, Log.magic)
        try folder.commit(manifest)
        try files.syncFolder(Self.parent(of: path))
        withExtendedLifetime(lock) {}
        return try SearchCollection(folder)
    }

    private static func parent(of path: String) -> String {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false)
        while parts.count > 1, parts.last == "" { parts.removeLast() }
        parts.removeLast()
        if parts.isEmpty { return "." }
        return parts == [""] ? "/" : parts.joined(separator: "/")
    }

    // MARK: Snapshots

    /// The newest commit, of whichever process. Where nothing has changed it costs two questions to the
    /// system.
    /// - Throws: ``IndexError`` if a file is damaged or missing.
    public func snapshot() throws(IndexError) -> Snapshot {
        let known = state.withLock { $0 }
        let stamp = folder.files.stamp(folder.file(Manifest.fileName))
        let logStamp = folder.files.stamp(folder.file(known.log))
        let hasMore = logStamp.map { $0.size > known.logEnd && $0 != known.logStamp } ?? true
        if let stamp, stamp == known.stamp, !hasMore { return known.snapshot }
        let manifest = try folder.manifest()
        if manifest.generation == known.snapshot.generation, !hasMore {
            publish(
                known.snapshot, log: known.log, logEnd: known.logEnd, stamp: stamp, logStamp: known.logStamp)
            return known.snapshot
        }
        var open: [String: Segment] = [:]
        for part in known.snapshot.parts { open[part.segment.name] = part.segment }
        let (newest, snapshot, end) = try folder.open(sharing: open)
        publish(
            snapshot, log: newest.log, logEnd: end, logStamp: newest.log == known.log ? logStamp : nil)
        return snapshot
    }

    /// What the collection was made with.
    public var settings: CollectionSettings { state.withLock { $0.snapshot.settings } }

    func publish(
        _ snapshot: Snapshot, log: String, logEnd: Int, stamp: FileStamp? = nil, logStamp: FileStamp? = nil
    ) {
        state.withLock { state in
            if snapshot.generation < state.snapshot.generation { return }
            if snapshot.generation == state.snapshot.generation, logEnd < state.logEnd { return }
            state = State(
                snapshot: snapshot, log: log, logEnd: logEnd, stamp: stamp, logStamp: logStamp)
        }
    }
}

extension IndexError {
    static func locked(_ path: String) -> IndexError {
        IndexError(.locked, "another writer has \(path); close it, or wait until it has ended", path: path)
    }
}
