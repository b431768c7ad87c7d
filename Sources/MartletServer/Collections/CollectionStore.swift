#if Server

internal import Martlet
internal import MartletIndex
internal import MartletJSON
internal import MartletSystem
import Synchronization

/// The collections of one folder: each is the folder NAME.martlet in it, as `martlet index` makes them.
final class CollectionStore: Sendable {
    let folder: String
    /// The thread that writes: commits wait for the disk, and searches and other requests must not.
    let commits: Offload
    let clock: Clock
    private let open = Mutex<[String: OpenCollection]>([:])

    private static let ending = ".martlet"
    /// Nanoseconds after which a writer that nobody used gives the collection back to other processes.
    static let patience: UInt64 = 10_000_000_000

    init(folder: String, commits: Offload, clock: Clock) {
        self.folder = folder
        self.commits = commits
        self.clock = clock
    }

    /// Makes the folder, if its parent is there.
    func makeFolder() throws(ServerError) {
        if mkdir(folder, 0o777) != 0, errno != EEXIST {
            throw ServerError(
                "\(folder): the folder for collections cannot be made: \(String(cString: strerror(errno)))")
        }
        guard access(folder, R_OK | W_OK | X_OK) == 0 else {
            throw ServerError(
                "\(folder): the folder for collections cannot be read and written: \(String(cString: strerror(errno)))"
            )
        }
    }

    /// The names of the collections, sorted. It reads the folder.
    var names: [String] {
        get throws(ServiceError) {
            let all: [String]
            do throws(FileError) { all = try Folder.names(in: folder) } catch {
                throw ServiceError(.storage, error.message)
            }
            return all.filter {
                $0.hasSuffix(Self.ending) && access("\(folder)/\($0)/manifest", F_OK) == 0
            }
            .map { String($0.dropLast(Self.ending.count)) }.filter(Self.isName).sorted()
        }
    }

    /// The collection of that name. It reads files where it was not open yet.
    func collection(_ name: String) throws(ServiceError) -> OpenCollection {
        try Self.check(name)
        if let known = open.withLock({ $0[name] }) { return known }
        let collection: SearchCollection
        do throws(IndexError) {
            collection = try SearchCollection(opening: path(of: name))
        } catch {
            throw error.code == .notFound ? Self.notFound(name) : ServiceError(error)
        }
        let opened = OpenCollection(name: name, collection: collection)
        return open.withLock { open in
            // Another request may have opened it meanwhile.
            if let known = open[name] { return known }
            open[name] = opened
            return opened
        }
    }

    func create(_ name: String, _ settings: CollectionSettings) throws(ServiceError) -> OpenCollection {
        try Self.check(name)
        do throws(IndexError) {
            let opened = OpenCollection(
                name: name, collection: try SearchCollection.create(at: path(of: name), settings: settings))
            open.withLock { $0[name] = opened }
            return opened
        } catch {
            guard error.code == .alreadyExists else { throw ServiceError(error) }
            throw ServiceError(
                .conflict,
                "there is a collection \(name.quotedForMessage) already; delete it first, or choose another name",
                parameter: "name")
        }
    }

    /// Deletes a collection with all its files: once its manifest is gone it is none, whatever else is left.
    func delete(_ name: String) throws(ServiceError) {
        let collection = try collection(name)
        let path = path(of: name)
        try collection.close { () throws(ServiceError) in
            guard unlink("\(path)/manifest") == 0 else {
                throw ServiceError(.storage, "\(path) cannot be deleted: \(String(cString: strerror(errno)))")
            }
            for file in (try? Folder.names(in: path)) ?? [] { unlink("\(path)/\(file)") }
            rmdir(path)
        }
        open.withLock { $0[name] = nil }
    }

    /// Calls `body` with the collection's writer, on the thread that writes.
    func write<Value: Sendable>(
        _ collection: OpenCollection,
        _ body: @escaping @Sendable (CollectionWriter) throws(IndexError) -> Value
    ) async throws -> Value {
        let now = clock.now()
        return try await commits.run(bytes: .max) { () throws(ServiceError) in
            try collection.write(at: now, body)
        }
    }

    /// Gives collections that nobody has changed for a while back to other processes.
    /// - Parameter nanoseconds: How long nobody has used a writer.
    func releaseWriters(unusedFor nanoseconds: UInt64 = CollectionStore.patience) {
        let now = clock.now()
        for collection in open.withLock({ Array($0.values) }) {
            collection.releaseWriter(unusedSince: now &- min(now, nanoseconds))
        }
    }

    private func path(of name: String) -> String { "\(folder)/\(name)\(Self.ending)" }

    static func notFound(_ name: String) -> ServiceError {
        ServiceError(
            .notFound, "there is no collection \(name.quotedForMessage); GET /v1/collections lists them")
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (1...128).contains(name.utf8.count), first != UInt8(ascii: "."),
            first != UInt8(ascii: "-")
        else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }

    private static func check(_ name: String) throws(ServiceError) {
        guard isName(name) else {
            throw .invalid(
                "name",
                "name is \(name.quotedForMessage); expected 1 to 128 letters, digits, \"_\", \"-\" or \".\", beginning with a letter, a digit or \"_\""
            )
        }
    }
}

#endif
