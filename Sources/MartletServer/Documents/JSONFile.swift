#if Server

internal import MartletJSON
internal import MartletSystem

/// Small files of JSON in one folder, each replaced as a whole.
struct JSONFile {
    let path: String

    /// Nil if there is none.
    func read() throws(ServiceError) -> JSONValue? {
        guard access(path, F_OK) == 0 else { return nil }
        do {
            return try MappedFile(path: path).region.withUnsafeBytes { try JSONValue.parse($0) }
        } catch {
            throw ServiceError(.storage, "\(path) cannot be read: \(error)")
        }
    }

    /// Makes the value durable.
    func write(_ value: JSONValue) throws(ServiceError) { try Self.write(value.bytes, to: path) }

    static func write(_ bytes: [UInt8], to path: String) throws(ServiceError) {
        do throws(FileError) {
            let file = try AtomicFile(replacing: path)
            try file.write(bytes)
            try file.finish()
        } catch {
            throw ServiceError(.storage, error.message)
        }
    }

    /// The files of a folder with an ending, by their names without it; none if there is no such folder.
    static func names(in folder: String, ending: String) throws(ServiceError) -> [String] {
        do throws(FileError) {
            return try Folder.names(in: folder).filter { $0.hasSuffix(ending) && $0.first != "." }.map {
                String($0.dropLast(ending.count))
            }
        } catch {
            if error.code == ENOENT { return [] }
            throw ServiceError(.storage, error.message)
        }
    }

    static func makeFolder(_ path: String) throws(ServiceError) {
        if mkdir(path, 0o777) != 0, errno != EEXIST {
            throw ServiceError(
                .storage, "\(path): the folder cannot be made: \(String(cString: strerror(errno)))")
        }
    }
}

#endif
