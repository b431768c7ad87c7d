#if Server

internal import MartletJSON
internal import MartletSystem
import Synchronization

/// A file that a client has uploaded.
struct UploadedFile: Sendable {
    let id: String
    let name: String
    let purpose: String
    let bytes: Int
    /// Seconds since 1970.
    let created: Int

    var json: JSONValue {
        .object([
            "id": .string(id), "object": "file", "bytes": .integer(bytes), "created_at": .integer(created),
            "filename": .string(name),
            "purpose": .string(purpose), "status": "processed",
        ])
    }
}

extension UploadedFile {
    init?(_ json: JSONValue) {
        guard let id = json["id"]?.string, let name = json["filename"]?.string,
            let purpose = json["purpose"]?.string,
            let bytes = json["bytes"]?.int, let created = json["created_at"]?.int
        else { return nil }
        self.init(id: id, name: name, purpose: purpose, bytes: bytes, created: created)
    }
}

/// Uploaded files on disk: the content of each, and what is known of it beside. Calls read and write files:
/// they block.
final class UploadedFiles: Sendable {
    private let folder: String
    /// Nil until the folder was read.
    private let known = Mutex<[String: UploadedFile]?>(nil)

    init(folder: String) { self.folder = folder }

    private func path(_ id: String, _ ending: String) -> String { "\(folder)/\(id)\(ending)" }

    private func withKnown<Result>(_ body: (inout [String: UploadedFile]) throws(ServiceError) -> Result)
        throws(ServiceError) -> Result
    {
        try known.withLock { (known) throws(ServiceError) in
            var files: [String: UploadedFile] = [:]
            if let known {
                files = known
            } else {
                for name in try JSONFile.names(in: folder, ending: ".json") {
                    if let file = try JSONFile(path: path(name, ".json")).read().flatMap({ UploadedFile($0) })
                    {
                        files[file.id] = file
                    }
                }
            }
            defer { known = files }
            return try body(&files)
        }
    }

    func add(name: String, purpose: String, content: [UInt8]) throws(ServiceError) -> UploadedFile {
        try JSONFile.makeFolder(folder)
        let file = UploadedFile(
            id: Identifier.new("file-"), name: name, purpose: purpose, bytes: content.count,
            created: WallClock.now().seconds)
        // What is known comes last: a content without it is no file.
        try JSONFile.write(content, to: path(file.id, ".content"))
        try JSONFile(path: path(file.id, ".json")).write(file.json)
        try withKnown { $0[file.id] = file }
        return file
    }

    var all: [UploadedFile] {
        get throws(ServiceError) { try withKnown { Array($0.values) } }
    }

    func file(_ id: String) throws(ServiceError) -> UploadedFile {
        if let file = try withKnown({ $0[id] }) { return file }
        throw ServiceError(.notFound, "there is no file \(id.quotedForMessage)")
    }

    func content(of id: String) throws(ServiceError) -> [UInt8] {
        let file = try file(id)
        do throws(FileError) {
            return try MappedFile(path: path(file.id, ".content")).region.withUnsafeBytes { Array($0) }
        } catch {
            throw ServiceError(.storage, error.message)
        }
    }

    func delete(_ id: String) throws(ServiceError) {
        let file = try file(id)
        guard unlink(path(file.id, ".json")) == 0 || errno == ENOENT else {
            throw ServiceError(
                .storage, "the file \(id) cannot be deleted: \(String(cString: strerror(errno)))")
        }
        unlink(path(file.id, ".content"))
        try withKnown { $0[id] = nil }
    }
}

/// Names of things that clients make.
enum Identifier {
    /// 96 random bits.
    static func new(_ prefix: String) -> String {
        let digits = Array("0123456789abcdef")
        return prefix + String((0..<24).map { _ in digits[Int.random(in: 0..<16)] })
    }
}

#endif
